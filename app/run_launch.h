// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/run_follower.h"
#include "core/config/experiment.h"
#include "core/store/frozen_experiment.h"
#include "core/store/plan_runs.h"
#include "core/store/run_record.h"
#include "core/train/run_events.h"

#include <memory>
#include <optional>
#include <string>

namespace krater {

class RunWriter;

// A run that the store knows and that has yet to be trained. Plain value, made on a worker thread: the store may be busy, a checkpoint large.
struct LaunchedRun {
    RunRecord record;
    Experiment experiment;                             // the frozen copy
    std::shared_ptr<const TrainerSnapshot> resumeFrom; // empty: from the start
    std::vector<std::string> notes;                    // for the log of a resumed run
    RunIncrement history;                              // what the store holds
    std::optional<Plan> plan;                          // that it is a stage of, with the run among plan->runs
    StageInputs inputs;
    std::string corpusHash;                            // of the text that it must see; empty: any
};

// Both throw Error and wait for the store. Of an experiment with stages it is the first stage's run.
LaunchedRun createRun(RunWriter &writer, const Experiment &experiment, const std::string &experimentFile);
// Goes on where findResumePoint() says. Of a run that is a stage, the first stage of its plan that is not done goes on, or gets its run.
LaunchedRun reopenRun(RunWriter &writer, RunId run);

} // namespace krater
