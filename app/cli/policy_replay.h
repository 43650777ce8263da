// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/mixture/mixture_policy.h"

#include <filesystem>
#include <string>
#include <vector>

namespace krater::cli {

// A sequence of inputs for a policy, one JSON object a line:
//   {"step": 1, "losses": {"a": 2.1, "b": null}, "tokens": {"a": 1024}, "reference_losses": {"a": 1.9}}
// The first line names every domain; null, or no entry, is a domain that was not in what was measured.
struct Replay {
    struct Step {
        int line = 0;
        PolicyInput input;
    };

    std::filesystem::path file;
    std::vector<std::string> domains;
    std::vector<Step> steps;

    std::uint64_t numSteps() const;  // of the last line
    std::uint64_t numTokens() const; // of all lines
};

// Throws UsageError that names every line that is wrong.
Replay readReplay(const std::filesystem::path &file);

// Gives the policy one input after the other, as both signals: it takes the one that it listens to. Prints the mixture and the terms after
// each: a table, or a JSON object on a line.
void printReplay(const Replay &replay, MixturePolicy &policy, bool json);

} // namespace krater::cli
