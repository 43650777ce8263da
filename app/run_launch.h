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
    std::vector<std::string> notes;                    // for the log of a resumed run
    RunIncrement history;                              // what the store holds
};

// The frozen copy of a run, in the folder of the file that it was read from, changed by overrides. Throws Error.
Experiment frozenExperiment(const RunRecord &record, const std::vector<std::string> &overrides = {});

// Both throw Error and wait for the store.
LaunchedRun createRun(RunWriter &writer, const Experiment &experiment, const std::string &experimentFile);
// Goes on where findResumePoint() says.
LaunchedRun reopenRun(RunWriter &writer, RunId run);

} // namespace krater
