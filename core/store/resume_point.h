// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/store/run_reader.h"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace krater {

class RunWriter;

// From where and with what the user wants a run to go on.
struct ResumeChoice {
    bool restart = false;                    // from the first step
    bool best = false;                       // from the checkpoint with the lowest held-out loss
    std::optional<std::uint64_t> step = {};  // from this checkpoint
    std::vector<std::string> overrides = {}; // besides those that the run was resumed with before
};

// Where a run goes on. Plain value.
struct ResumePoint {
    std::shared_ptr<const TrainerSnapshot> snapshot; // empty: from the first step
    std::vector<std::string> overrides;              // of the frozen experiment
    std::vector<std::string> notes;                  // what its log should tell
    std::vector<std::filesystem::path> damaged;      // newer files that are passed over
};

// Without a choice: the newest checkpoint, or the best one of a run that diverged (newer ones may be broken already);
// the first step if the run never had one. A damaged or missing file costs the steps since the one before it; Error if
// there is none before it, and if a file cannot be read now: nothing may be given up for that.
ResumePoint findResumePoint(RunReader &reader, const RunRecord &run, const ResumeChoice &choice = {});

// Makes the run the writer's and renames the damaged files. Throws Error when another process is training it.
void takeOver(RunWriter &writer, RunId run, const ResumePoint &point);

} // namespace krater
