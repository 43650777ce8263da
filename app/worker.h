// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <stop_token>
#include <thread>

namespace krater {

// Asks the old thread to stop and lets the new one wait for its end, so that the caller never waits.
std::jthread replaceThread(std::jthread old, std::function<void(std::stop_token)> work);

} // namespace krater
