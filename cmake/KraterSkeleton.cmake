# SPDX-FileCopyrightText: The Krater authors
# SPDX-License-Identifier: GPL-3.0-or-later

# Lets a target whose folder has no source file yet configure and link.
function(krater_needs_a_source target)
    get_target_property(sources ${target} SOURCES)
    if(NOT sources)
        set(file ${PROJECT_BINARY_DIR}/generated/${target}_empty.cpp)
        if(NOT EXISTS ${file})
            file(WRITE ${file} "namespace krater {}\n")
        endif()
        target_sources(${target} PRIVATE ${file})
    endif()
endfunction()
