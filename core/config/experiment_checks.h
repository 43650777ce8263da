// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/issue.h"
#include "core/config/experiment.h"

#include <string>
#include <vector>

namespace krater {

// A problem and the key that it is about ("training.token_budget", "domain[2].where.text"), so that a reader can say where that stands.
struct Finding {
    std::string key;
    Issue issue;
};

// Model, training and mixture alone: of an experiment, or of a stage of one.
std::vector<Finding> checkRun(const Experiment &experiment);

// What an experiment of one run lacks, though its values are right: a reference model or trained weights, which only an earlier stage of a plan can
// give. Not part of checkExperiment(): the frozen copy of a stage is such an experiment.
std::optional<Finding> missingStage(const Experiment &experiment);

// Everything about an experiment's values that can be judged without opening a file. In the order of the file format.
std::vector<Finding> checkExperiment(const Experiment &experiment);

} // namespace krater
