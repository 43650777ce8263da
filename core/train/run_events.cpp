// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/run_events.h"

#include <array>
#include <utility>

namespace krater {

namespace {

// In the order of the enumeration. These words stand in stores: never change one.
constexpr std::array<std::string_view, 10> kStateNames{"Preparing", "Running", "Pausing",  "Paused", "Stopping",
                                                       "Done",      "Stopped", "Diverged", "Failed", "Interrupted"};

} // namespace

std::string_view toString(RunState state)
{
    return kStateNames.at(std::size_t(state));
}

std::optional<RunState> runStateFrom(std::string_view name)
{
    for (std::size_t i = 0; i < kStateNames.size(); ++i) {
        if (kStateNames[i] == name)
            return RunState(i);
    }
    return std::nullopt;
}

bool isActive(RunState state)
{
    return state <= RunState::Stopping;
}

} // namespace krater
