# SPDX-FileCopyrightText: The Krater authors
# SPDX-License-Identifier: GPL-3.0-or-later

# Everything Krater takes from the system, with the oldest version that it is built with (Debian 12).

find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(fmt 9 REQUIRED)
find_package(SQLite3 3.40 REQUIRED)
find_package(SQLiteCpp 3.2 REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(Boost 1.74 REQUIRED) # headers only: Boost.Math
find_package(CLI11 2.1 REQUIRED)
find_package(ZLIB 1.2 REQUIRED)
pkg_check_modules(tomlplusplus REQUIRED IMPORTED_TARGET tomlplusplus>=3.3)
pkg_check_modules(simdjson REQUIRED IMPORTED_TARGET simdjson>=3.0)
pkg_check_modules(sentencepiece REQUIRED IMPORTED_TARGET sentencepiece>=0.1.97)
pkg_check_modules(zstd REQUIRED IMPORTED_TARGET libzstd>=1.5)
pkg_check_modules(xxhash REQUIRED IMPORTED_TARGET libxxhash>=0.8)
pkg_check_modules(re2 REQUIRED IMPORTED_TARGET re2)
pkg_check_modules(nlopt REQUIRED IMPORTED_TARGET nlopt>=2.7)
pkg_check_modules(gumbo REQUIRED IMPORTED_TARGET gumbo>=0.10)

set(kraterQtComponents Core)
if(KRATER_GUI)
    list(APPEND kraterQtComponents Gui Widgets Svg PrintSupport LinguistTools)
endif()
if(KRATER_TESTS)
    list(APPEND kraterQtComponents Test)
endif()
if(KRATER_GUI OR KRATER_TESTS)
    find_package(Qt6 6.4 REQUIRED COMPONENTS ${kraterQtComponents})
endif()
if(KRATER_GUI)
    find_package(QCustomPlotQt6 REQUIRED)
endif()
