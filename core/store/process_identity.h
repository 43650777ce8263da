// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>

namespace krater {

// Which process writes a run. The number alone is used again by the system, so the moment when the process began is
// kept with it.
struct ProcessIdentity {
    std::string host;
    std::int64_t process = 0; // pid
    std::string start;        // "<boot>/<clock ticks since boot>"

    bool operator==(const ProcessIdentity &) const = default;
};

ProcessIdentity ownProcess();

enum class ProcessState { Running, Gone, Unknown }; // Unknown: on another computer
ProcessState stateOf(const ProcessIdentity &identity);

} // namespace krater
