// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace re2 {
class RE2;
}

namespace krater {

// Divides text where a regex matches. What it matches is dropped, except what its group 1 matches, which begins the next part:
// "\n\n(\S)" cuts before every line that follows an empty one and is not indented. Immutable; any thread.
class RegexSplitter {
public:
    explicit RegexSplitter(
        const std::string &regex); // throws Error if it is none, or if it matches nothing at all (empty)
    ~RegexSplitter();

    // Every part but empty ones, in order; the sink returns false to stop. Returns false when stopped.
    bool split(std::string_view text, const std::function<bool(std::string_view part)> &sink) const;

private:
    std::unique_ptr<const re2::RE2> m_regex;
};

// RE2 with the options that every regex of an experiment has. Throws Error with RE2's own message.
std::unique_ptr<const re2::RE2> compileRegex(const std::string &regex);

} // namespace krater
