# SPDX-FileCopyrightText: The Krater authors
# SPDX-License-Identifier: GPL-3.0-or-later

# Which layer may include what (docs: architecture, Layers). Debian's targets put headers into
# /usr/include, where every target finds them, so link rules alone do not keep the layers apart.
#
#   cmake -DSOURCE_DIR=<tree> -P check_layers.cmake

set(QT_HEADER "^(Q[A-Z]|Qt|qcustomplot|q[a-z]+\\.h)")
set(WIDGETS_HEADER "^(Qt(Widgets|Gui|Svg|PrintSupport)/|qcustomplot|Q(Widget|Application|MainWindow|Dialog|Painter|Pen|Brush|Color|Font|Icon|Image|Pixmap|Palette|GuiApplication|Action|Layout|Label|PushButton|TableView|TreeView|HeaderView|Style|Svg|Screen|Cursor|Menu))")
set(TORCH_HEADER "^(torch|ATen|c10|caffe2|torchgen)/")
set(SQLITE_HEADER "^(sqlite3|SQLiteCpp)")
set(OWN_OF_CORE "^(app|ui)/")

set(numProblems 0)
set(numFiles 0)

# Rule: files below `folder` matching `name` must not include what matches `pattern`.
# `except` is a regex on the path, empty for none.
function(krater_forbid folder name except pattern why)
    file(GLOB_RECURSE files RELATIVE ${SOURCE_DIR} ${SOURCE_DIR}/${folder}/*.h ${SOURCE_DIR}/${folder}/*.cpp)
    foreach(file IN LISTS files)
        if(NOT file MATCHES "${name}" OR (except AND file MATCHES "${except}"))
            continue()
        endif()
        math(EXPR numFiles "${numFiles} + 1")
        file(STRINGS ${SOURCE_DIR}/${file} lines REGEX "^[ \t]*#[ \t]*include[ \t]*[<\"]")
        foreach(line IN LISTS lines)
            string(REGEX REPLACE "^[ \t]*#[ \t]*include[ \t]*[<\"]([^>\"]*).*" "\\1" header "${line}")
            if(header MATCHES "${pattern}")
                message("${file}: includes ${header}: ${why}")
                math(EXPR numProblems "${numProblems} + 1")
            endif()
        endforeach()
    endforeach()
    set(numProblems ${numProblems} PARENT_SCOPE)
    set(numFiles ${numFiles} PARENT_SCOPE)
endfunction()

krater_forbid(core "." "" "${QT_HEADER}" "core is free of Qt")
krater_forbid(core "." "" "${OWN_OF_CORE}" "core knows nothing of app and ui")
krater_forbid(core "." "^core/nn/.*\\.cpp$" "${TORCH_HEADER}" "Torch stays in the .cpp files of core/nn")
krater_forbid(core "\\.h$" "^core/nn/detail/" "${TORCH_HEADER}" "no header shows Torch to others")
krater_forbid(core "." "^core/(store|nn)/" "${SQLITE_HEADER}" "SQLite stays in core/store")
krater_forbid(core/nn "." "" "${SQLITE_HEADER}" "SQLite stays in core/store")
krater_forbid(core "." "^core/nn/" "^core/nn/" "core reaches the engine through core/train/language_model.h")

# Inside core: compare, store -> train -> sampling, mixture -> corpus, config -> base.
krater_forbid(core/base "." "" "^core/(config|fit|corpus|sampling|mixture|train|store|compare)/" "base is the lowest layer")
krater_forbid(core/fit "." "" "^core/(config|corpus|sampling|mixture|train|store|compare)/" "fit is only above base")
krater_forbid(core/config "." "" "^core/(sampling|train|store|compare)/" "config is below it")
krater_forbid(core/corpus "." "" "^core/(sampling|mixture|train|store|compare)/" "corpus is below it")
krater_forbid(core/sampling "." "" "^core/(train|store|compare)/" "sampling is below it")
krater_forbid(core/mixture "." "" "^core/(train|store|compare)/" "mixture is below it")
krater_forbid(core/train "." "" "^core/(store|compare)/" "train is below it")

krater_forbid(app "." "^app/main\\.cpp$" "${WIDGETS_HEADER}" "app is QtCore only")
krater_forbid(app "." "^app/main\\.cpp$" "^ui/" "app is below ui")
krater_forbid(app "." "" "${TORCH_HEADER}" "Torch stays in core/nn")
krater_forbid(app "." "" "^core/nn/" "the engine is loaded at run time")
krater_forbid(app "." "" "${SQLITE_HEADER}" "SQLite stays in core/store")
krater_forbid(app "^app/(cli/|cli_main)" "" "${QT_HEADER}" "krater-cli is free of Qt")

krater_forbid(ui "." "" "${TORCH_HEADER}" "Torch stays in core/nn")
krater_forbid(ui "." "" "^core/(nn|store)/" "ui reaches runs and engine through app")
krater_forbid(ui "." "" "${SQLITE_HEADER}" "SQLite stays in core/store")
krater_forbid(ui "\\.h$" "" "^qcustomplot" "QCustomPlot stays in .cpp files")

if(numFiles EQUAL 0)
    message(FATAL_ERROR "No source file under '${SOURCE_DIR}' was looked at.")
endif()
if(numProblems GREATER 0)
    message(FATAL_ERROR "${numProblems} include(s) cross a layer.")
endif()
message("${numFiles} file checks, no include crosses a layer.")
