// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/train/run_events.h"

#include <QString>

namespace krater {

// A run's state in a word for people: "Training", "Paused".
QString stateText(RunState state);

} // namespace krater
