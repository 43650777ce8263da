// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/issue.h"
#include "core/config/experiment.h"
#include "core/config/experiment_checks.h"

#include <filesystem>
#include <string>
#include <vector>

namespace krater {

// A graph of domains that an experiment takes from a file beside it: graph = "skills.csv". A run is made with the graph itself, so that it stays
// the same when the file changes or goes away.

// CSV: a line with the names of domains, then for each domain that is trained on its name and a number for each of those, which is how much it
// helps them; an empty cell says nothing. TOML: a table for each domain that is trained on. Problems have file and line.
Graph readGraphFile(const std::filesystem::path &file, const ParamSpec &spec, const std::vector<std::string> &domains, Issues &issues);

// The names of those files, of the experiment and its stages.
std::vector<std::string *> graphFileNames(Experiment &experiment);

// What is wrong with the files that the experiment and its stages name, at the key of the parameter or within the file.
std::vector<Finding> checkGraphFiles(const Experiment &experiment);

// The experiment that a run is made with: each graph that is in a file written out. Throws Error.
Experiment withGraphsRead(Experiment experiment);

} // namespace krater
