# SPDX-FileCopyrightText: The Krater authors
# SPDX-License-Identifier: GPL-3.0-or-later

# Writes krater_version.h (version, git commit, build type) at every build, touching it only when it
# changed. Included as "krater_version.h" by core/base/version.cpp alone, so that a new commit
# compiles one file again.

set(KRATER_GENERATED_DIR ${PROJECT_BINARY_DIR}/generated)
set(kraterVersionCommand
    ${CMAKE_COMMAND}
    -DSOURCE_DIR=${PROJECT_SOURCE_DIR}
    -DVERSION=${PROJECT_VERSION}
    -DBUILD_TYPE=${CMAKE_BUILD_TYPE}
    -DOUTPUT=${KRATER_GENERATED_DIR}/krater_version.h
    -P ${PROJECT_SOURCE_DIR}/cmake/write_version.cmake)
execute_process(COMMAND ${kraterVersionCommand} COMMAND_ERROR_IS_FATAL ANY)
add_custom_target(krater_version COMMAND ${kraterVersionCommand}
    BYPRODUCTS ${KRATER_GENERATED_DIR}/krater_version.h VERBATIM)
