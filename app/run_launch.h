// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/run_follower.h"
#include "core/config/experiment.h"
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
    RunIncrement history;                              // what is known up to there
};

// The frozen copy of a run, in the folder of the file that it was read from. Throws Error.
Experiment frozenExperiment(const RunRecord &record);

// Both throw Error and wait for the store.
LaunchedRun createRun(RunWriter &writer, const Experiment &experiment, const std::string &experimentFile);
// Goes back to the newest checkpoint that can be read.
LaunchedRun reopenRun(RunWriter &writer, RunId run);

} // namespace krater
