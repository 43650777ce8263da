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

// Whether the process still writes, as far as one can tell: one on another computer is taken for dead when it has said
// nothing since five minutes (it says a word every half minute). Times are Unix milliseconds.
bool isWriting(const ProcessIdentity &identity, std::int64_t lastWordMs, std::int64_t nowMs);

} // namespace krater
