// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/config/experiment.h"
#include "core/store/run_record.h"

#include <string>
#include <vector>

namespace krater {

// A frozen experiment with overrides ("training.clip=1"), in the folder of the file that it was read from. `title` names what it is stored
// with: "run 3". Throws InputError with all that is wrong with it. Any thread.
Experiment frozenExperiment(const std::string &toml, const std::string &title, const std::string &experimentFile,
                            const std::vector<std::string> &overrides = {});
Experiment frozenExperiment(const RunRecord &run, const std::vector<std::string> &overrides = {});

// run 3 (quickstart)
std::string titleOf(const RunRecord &run);

} // namespace krater
