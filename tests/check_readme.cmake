# SPDX-FileCopyrightText: The Krater authors
# SPDX-License-Identifier: GPL-3.0-or-later

# Every command that the README tells people to type (lines of its ```sh blocks that start with
# scripts/ or krater-cli) is named in .ci/run, so that none of them can stop working unseen.
#
#   cmake -DREADME=<file> -DCI_RUN=<file> -P check_readme.cmake

file(READ ${README} readme)
file(READ ${CI_RUN} ciRun)
string(REGEX MATCHALL "\n```sh\n[^`]*```" blocks "${readme}")
string(REGEX MATCHALL "\n(scripts/[a-z]+|build/release/bin/krater-cli [a-z]+)" commands "${blocks}")
list(TRANSFORM commands STRIP)
list(REMOVE_DUPLICATES commands)
if(NOT commands)
    message(FATAL_ERROR "${README} names no command (scripts/... or krater-cli in a ```sh block).")
endif()
foreach(command IN LISTS commands)
    if(NOT ciRun MATCHES "(^|\n)([^#\n]*[ /])?${command}[ \n]")
        message(SEND_ERROR "${README} says to type ${command}, which ${CI_RUN} does not run.")
    endif()
endforeach()
