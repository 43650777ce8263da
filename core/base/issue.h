// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

namespace krater {

// One thing that is wrong, or worth knowing, in what the user gave: an experiment file, a domain's sources, a corpus.
// Plain value; line and column count from 1, 0 means "not about a place in a file".
struct Issue {
    enum class Severity { Note, Warning, Error };

    Severity severity = Severity::Error;
    std::string file;    // the file that the issue stands in, empty if none
    int line = 0;
    int column = 0;
    std::string domain;  // name of the domain concerned, empty if none
    std::string message; // what is wrong
    std::string advice;  // what to do about it, empty if obvious

    bool operator==(const Issue &) const = default;
};

using Issues = std::vector<Issue>;

bool hasErrors(const Issues &issues);

// "file:line:column: error: message (advice)", the form that editors and CI logs understand.
std::string toString(const Issue &issue);

} // namespace krater
