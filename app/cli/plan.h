// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/training.h"
#include "core/store/resume_point.h"
#include "core/store/run_reader.h"

#include <optional>
#include <string>
#include <vector>

namespace krater::cli {

// An experiment with stages and what the store has of it. Each stage has at most one run.
struct Plan {
    Experiment experiment;
    std::string experimentFile;
    RunId id = 0;                 // 0: none of its runs has been made
    std::vector<RunRecord> runs;  // of the first stages, in order
    std::vector<std::string> overrides; // device and threads of the stages to come, if they are to be others than the plan says

    // The first stage that is not done; the number of stages if all are.
    std::size_t next() const;
    // The run to go on with, null if the next stage has not been begun.
    const RunRecord *begun() const;
};

// The plan of a run, from its frozen text. Throws Error when it cannot be read or when a run of an earlier stage is gone.
Plan loadPlan(RunReader &reader, const RunRecord &run);

// The experiment of the first stage that is not done.
Experiment nextExperiment(const Plan &plan, RunReader &reader);

// What a run of a stage takes from earlier runs, besides its mixture. Throws Error when a checkpoint is gone.
void addInputs(TrainingJob &job, const Plan &plan, std::size_t stage, RunReader &reader);

// Trains all stages that are not done: first the one of `resumed`, if given, then new ones. Stops between two of them, too. Returns the
// exit code of the stage that ended it. Main thread.
int runPlan(Plan plan, const PreparedRun &prepared, std::optional<TrainingJob> resumed, TrainingContext &context);

} // namespace krater::cli
