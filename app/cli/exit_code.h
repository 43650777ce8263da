// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/store/input_error.h"

namespace krater::cli {

// What krater-cli tells the shell. Part of its interface: scripts depend on the numbers.
enum ExitCode : int {
    kDone = 0,
    kFailed = 1,
    kBadUsage = 2, // bad usage or configuration
    kStopped = 3,  // by the user, with a checkpoint
    kDiverged = 4,
    kInterrupted = 130 // by a second Ctrl-C, or before there was anything to save
};

// What the user's own words caused (an unknown run, a negative loss). As every InputError it ends in kBadUsage instead of kFailed.
class UsageError : public InputError {
public:
    using InputError::InputError;
};

} // namespace krater::cli
