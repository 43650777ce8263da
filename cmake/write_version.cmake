# SPDX-FileCopyrightText: The Krater authors
# SPDX-License-Identifier: GPL-3.0-or-later

# Run by the target krater_version: fills version.h.in with what git says now.

set(COMMIT "")
find_program(git git)
if(git)
    execute_process(COMMAND ${git} -C ${SOURCE_DIR} describe --always --dirty --abbrev=12 --exclude=*
        OUTPUT_VARIABLE COMMIT OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
endif()
if(NOT COMMIT)
    set(COMMIT unknown)
endif()
configure_file(${CMAKE_CURRENT_LIST_DIR}/version.h.in ${OUTPUT} @ONLY)
