// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/config/experiment.h"
#include "core/store/run_reader.h"

#include <optional>
#include <string>
#include <vector>

namespace krater {

// An experiment with stages and what the store has of it. Each stage has at most one run. Plain value.
struct Plan {
    Experiment experiment;
    std::string experimentFile;
    RunId id = 0;                 // 0: none of its runs has been made
    std::vector<RunRecord> runs = {}; // of the first stages, in order
    std::vector<std::string> overrides = {}; // device and threads of the stages to come, if they are to be others than the plan says

    // The first stage that is not done; the number of stages if all are.
    std::size_t next() const;
    bool isDone() const { return next() == experiment.stages.size(); }
    // The run to go on with, null if the next stage has not been begun.
    const RunRecord *begun() const;
};

// The plan of a run, from its frozen text. Throws Error when it cannot be read or when a run of an earlier stage is gone.
Plan loadPlan(RunReader &reader, const RunRecord &run);

// The experiment of the first stage that is not done.
Experiment nextExperiment(const Plan &plan, RunReader &reader);

// The record of a run of a stage about to start.
RunRecord newStageRecord(const Plan &plan, std::size_t stage, const Experiment &stageExperiment);

// What a run of a stage takes from earlier runs, besides its mixture.
struct StageInputs {
    std::vector<NamedTensor> initialWeights; // as in RunRequest
    std::vector<NamedTensor> referenceWeights;
    std::optional<ModelConfig> referenceModel;
};

// `resumed`: it has weights of its own to go on with. Throws Error when a checkpoint is gone.
StageInputs stageInputs(const Plan &plan, std::size_t stage, bool resumed, RunReader &reader);

} // namespace krater
