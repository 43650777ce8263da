// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/issue.h"
#include "core/config/parameter.h"

#include <string>
#include <string_view>
#include <vector>

namespace krater {

// The table of a .csv file as a graph of domains (graph_file.h). Cells are divided by commas, white space around them is left out, and a cell in
// double quotes may hold commas; lines without text are left out. Numbers must lie within the spec's range. Problems have the file and their line.
Graph graphOfCsv(std::string_view text, const std::string &file, const ParamSpec &spec, const std::vector<std::string> &domains, Issues &issues);

} // namespace krater
