// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/event_pipe.h"
#include "app/cli/preparation.h"
#include "app/cli/stop_signals.h"
#include "app/cli/training_output.h"
#include "core/store/plan_runs.h"
#include "core/store/run_writer.h"

#include <atomic>

namespace krater::cli {

// What `train` and `resume` hold from their first moment on: the store is opened before minutes of preparation, so that one that cannot
// be written is reported at once. Members are in order of dependence.
struct TrainingContext {
    explicit TrainingContext(const Options &options);

    const Options &options;
    std::unique_ptr<TrainingOutput> output;
    StopSignals signals;
    EventPipe events;
    std::atomic<bool> storeFailed = false; // set by the writer's thread
    RunWriter writer;
};

// What is trained, once the run is in the store.
struct TrainingJob {
    RunId run = 0;
    Experiment experiment;
    PreparedRun prepared;
    std::shared_ptr<const TrainerSnapshot> resumeFrom; // empty: from the start
    std::vector<std::string> notes;                    // for the log of a resumed run
    StageInputs inputs;                                // from other runs of its plan
    bool othersFollow = false; // stages after it: what it prints is not the end
};

// Trains to the end, to the user's stop, or to what goes wrong; shows it and stores it. Returns the exit code. Main thread.
int runTraining(TrainingJob job, TrainingContext &context);

// What is known of a run before it trains, so that a store that is read meanwhile shows it.
void addFacts(RunRecord &record, const PreparedRun &prepared);

// Says that nothing was lost; kInterrupted.
int interruptedBeforeTraining();

} // namespace krater::cli
