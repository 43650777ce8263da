# SPDX-FileCopyrightText: The Krater authors
# SPDX-License-Identifier: GPL-3.0-or-later

# Shows that check_layers.cmake finds each kind of crossing: one small tree per rule, in SCRATCH.

set(cases
    "core/mixture/a.cpp|<QString>"
    "core/mixture/a.h|<QtCore/QObject>"
    "core/mixture/a.cpp|<qstring.h>"
    "core/train/a.cpp|<torch/torch.h>"
    "core/nn/a.h|<ATen/ATen.h>"
    "core/corpus/a.cpp|<sqlite3.h>"
    "core/nn/a.cpp|<SQLiteCpp/SQLiteCpp.h>"
    "core/train/a.cpp|\"core/nn/transformer.h\""
    "core/mixture/a.cpp|\"core/store/run_writer.h\""
    "core/base/a.h|\"core/train/run_plan.h\""
    "core/config/a.cpp|\"app/settings.h\""
    "app/a.h|<QWidget>"
    "app/a.cpp|<QtWidgets/QLabel>"
    "app/a.cpp|<sqlite3.h>"
    "app/a.cpp|\"ui/main_window.h\""
    "app/cli/a.cpp|<QString>"
    "ui/a.cpp|\"core/store/run_reader.h\""
    "ui/plots/a.cpp|<SQLiteCpp/Database.h>"
    "ui/a.cpp|<c10/core/Device.h>"
    "ui/plots/a.h|<qcustomplot.h>")
set(allowed
    "core/nn/a.cpp|<ATen/ATen.h>"
    "core/store/a.cpp|<SQLiteCpp/SQLiteCpp.h>"
    "core/train/a.cpp|\"core/mixture/mixture.h\""
    "app/main.cpp|<QApplication>"
    "app/a.h|<QAbstractTableModel>"
    "ui/plots/a.cpp|<qcustomplot.h>")

function(krater_check case out)
    string(REPLACE "|" ";" parts "${case}")
    list(GET parts 0 file)
    list(GET parts 1 header)
    file(REMOVE_RECURSE ${SCRATCH})
    file(WRITE ${SCRATCH}/${file} "#include ${header}\n")
    execute_process(COMMAND ${CMAKE_COMMAND} -DSOURCE_DIR=${SCRATCH} -P ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/check_layers.cmake
        RESULT_VARIABLE result OUTPUT_QUIET ERROR_QUIET)
    set(${out} ${result} PARENT_SCOPE)
endfunction()

foreach(case IN LISTS cases)
    krater_check("${case}" result)
    if(result EQUAL 0)
        message(SEND_ERROR "Not found: ${case}")
    endif()
endforeach()
foreach(case IN LISTS allowed)
    krater_check("${case}" result)
    if(NOT result EQUAL 0)
        message(SEND_ERROR "Wrongly reported: ${case}")
    endif()
endforeach()
