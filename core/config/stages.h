// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/config/experiment.h"

#include <optional>
#include <string>
#include <vector>

namespace krater {

// A plan is an experiment with stages: runs that are trained in turn and take mixtures, weights or reference losses from those before them.
// Pure functions, any thread.

// What a stage that is done left to those after it.
struct StageResult {
    std::vector<double> averageMixture; // K, the mean of the target over all steps, the one before the first among them
    std::vector<double> finalMixture;   // K
};
using StageResults = std::vector<StageResult>; // of the plan's first stages

// The position of a stage, empty if there is none of that name.
std::optional<std::size_t> stageNamed(const Experiment &plan, const std::string &name);

// "Quick start: proxy"
std::string stageTitle(const Experiment &plan, std::size_t stage);

ModelConfig stageModel(const Experiment &plan, std::size_t stage);
TrainingConfig stageTraining(const Experiment &plan, std::size_t stage);

// A stage as an experiment of its own, without stages. A mixture that it takes from an earlier stage becomes the policy manual with its
// numbers, so that the experiment gives the same run without the plan. `results` must hold those of the earlier stages that it takes a
// mixture from.
Experiment stageExperiment(const Experiment &plan, std::size_t stage, const StageResults &results);

} // namespace krater
