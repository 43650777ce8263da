# SPDX-FileCopyrightText: The Krater authors
# SPDX-License-Identifier: GPL-3.0-or-later

# krater::libtorch: LibTorch 2.11 out of PyPI's wheel, linked by path.
#
# find_package(Torch) is not used: the wheel's own configuration demands a CUDA toolkit, while
# Krater's engine needs only libtorch_cpu and libc10 at link time and loads the CUDA parts when a
# GPU is there. Sets KRATER_HAVE_LIBTORCH, KRATER_LIBTORCH_ROOT and KRATER_LIBTORCH_LIBDIRS.

set(KRATER_LIBTORCH_VERSION 2.11)
set(KRATER_LIBTORCH "" CACHE PATH "Folder of LibTorch 2.11: one with lib/ and include/, or one with torch/ (pip --target)")

function(krater_libtorch_candidates out)
    set(candidates ${KRATER_LIBTORCH} $ENV{KRATER_LIBTORCH})
    if(NOT candidates)
        set(cache "$ENV{XDG_CACHE_HOME}")
        if(NOT cache)
            set(cache "$ENV{HOME}/.cache")
        endif()
        # The CUDA set serves a machine without a GPU too, so it wins when both are there.
        set(candidates ${cache}/krater/libtorch-2.11.0-cuda ${cache}/krater/libtorch-2.11.0-cpu)
    endif()
    set(${out} ${candidates} PARENT_SCOPE)
endfunction()

function(krater_libtorch_version root out)
    set(${out} "" PARENT_SCOPE)
    set(header ${root}/include/torch/headeronly/version.h)
    if(EXISTS ${header})
        file(STRINGS ${header} lines REGEX "define TORCH_VERSION_(MAJOR|MINOR) ")
        string(REGEX MATCH "MAJOR ([0-9]+)" ignored "${lines}")
        set(major ${CMAKE_MATCH_1})
        string(REGEX MATCH "MINOR ([0-9]+)" ignored "${lines}")
        set(${out} ${major}.${CMAKE_MATCH_1} PARENT_SCOPE)
    endif()
endfunction()

set(KRATER_HAVE_LIBTORCH OFF)
krater_libtorch_candidates(kraterLibTorchCandidates)
foreach(candidate IN LISTS kraterLibTorchCandidates)
    set(root ${candidate})
    if(EXISTS ${candidate}/torch/lib/libtorch_cpu.so)
        set(root ${candidate}/torch)
    endif()
    if(NOT EXISTS ${root}/lib/libtorch_cpu.so OR NOT EXISTS ${root}/lib/libc10.so)
        continue()
    endif()
    krater_libtorch_version(${root} version)
    if(NOT version VERSION_EQUAL KRATER_LIBTORCH_VERSION)
        message(WARNING "LibTorch in ${root} is version '${version}'; Krater needs ${KRATER_LIBTORCH_VERSION}. It is not used.")
        continue()
    endif()
    set(KRATER_HAVE_LIBTORCH ON)
    set(KRATER_LIBTORCH_ROOT ${root})
    break()
endforeach()

if(NOT KRATER_HAVE_LIBTORCH)
    list(JOIN kraterLibTorchCandidates " or " where)
    message(WARNING "LibTorch ${KRATER_LIBTORCH_VERSION} was not found in ${where}: the engine (krater_nn) is not built. "
        "Run scripts/setup, which fetches it, or set KRATER_LIBTORCH to a folder with lib/ and include/.")
    return()
endif()

# The wheel keeps NVIDIA's libraries beside torch/: libtorch_cpu.so needs libcudart and libcupti even
# without a GPU. A folder given by the user may have them in its lib/ or on the system's path.
file(GLOB kraterNvidiaLibDirs LIST_DIRECTORIES true ${KRATER_LIBTORCH_ROOT}/../nvidia/*/lib)
set(KRATER_LIBTORCH_LIBDIRS ${KRATER_LIBTORCH_ROOT}/lib)
foreach(folder IN LISTS kraterNvidiaLibDirs)
    file(REAL_PATH ${folder} folder)
    list(APPEND KRATER_LIBTORCH_LIBDIRS ${folder})
endforeach()

add_library(krater::libtorch INTERFACE IMPORTED GLOBAL)
target_include_directories(krater::libtorch SYSTEM INTERFACE
    ${KRATER_LIBTORCH_ROOT}/include
    ${KRATER_LIBTORCH_ROOT}/include/torch/csrc/api/include)
target_link_libraries(krater::libtorch INTERFACE
    -Wl,--push-state,--no-as-needed
    ${KRATER_LIBTORCH_ROOT}/lib/libtorch_cpu.so
    ${KRATER_LIBTORCH_ROOT}/lib/libc10.so
    -Wl,--pop-state)
foreach(folder IN LISTS KRATER_LIBTORCH_LIBDIRS)
    target_link_options(krater::libtorch INTERFACE -Wl,-rpath-link,${folder})
endforeach()
message(STATUS "LibTorch ${version}: ${KRATER_LIBTORCH_ROOT}")

# A source file with Torch's headers takes up to 1.3 GB to compile: fewer at once than cores where
# memory is short. Targets opt in with JOB_POOL_COMPILE torch.
cmake_host_system_information(RESULT kraterMemoryMb QUERY TOTAL_PHYSICAL_MEMORY)
math(EXPR kraterTorchJobs "${kraterMemoryMb} / 2000")
if(kraterTorchJobs LESS 1)
    set(kraterTorchJobs 1)
endif()
set_property(GLOBAL APPEND PROPERTY JOB_POOLS torch=${kraterTorchJobs})
