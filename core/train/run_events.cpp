// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/run_events.h"

#include <array>
#include <utility>

namespace krater {

namespace {

// In the order of the enumerations. These words stand in stores: never change one.
constexpr std::array<std::string_view, 10> kStateNames{"Preparing", "Running", "Pausing",  "Paused", "Stopping",
                                                       "Done",      "Stopped", "Diverged", "Failed", "Interrupted"};
constexpr std::array<std::string_view, 9> kKindNames{"info",       "warning", "error",          "mixture_edited", "evaluation",
                                                     "checkpoint", "resumed", "policy_updated", "sample"};

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

std::string_view toString(MessageEvent::Kind kind)
{
    return kKindNames.at(std::size_t(kind));
}

MessageEvent::Kind messageKindFrom(std::string_view name)
{
    for (std::size_t i = 0; i < kKindNames.size(); ++i) {
        if (kKindNames[i] == name)
            return MessageEvent::Kind(i);
    }
    return MessageEvent::Kind::Info;
}

bool isActive(RunState state)
{
    return state <= RunState::Stopping;
}

} // namespace krater
