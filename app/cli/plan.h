// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/training.h"
#include "core/store/plan_runs.h"

#include <optional>

namespace krater::cli {

// Trains all stages that are not done: first the one of `resumed`, if given, then new ones. Stops between two of them, too. Returns the
// exit code of the stage that ended it. Main thread.
int runPlan(Plan plan, const PreparedRun &prepared, std::optional<TrainingJob> resumed, TrainingContext &context);

} // namespace krater::cli
