// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/config/run_role.h"
#include "core/train/run_events.h"

#include <QString>

namespace krater {

// A run's state in a word for people: "Training", "Paused".
QString stateText(RunState state);
// What a run is for, likewise: "reference", "fine-tune".
QString roleText(RunRole role);

} // namespace krater
