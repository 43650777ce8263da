// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/corpus/regex_splitter.h"

#include "core/base/error.h"

#include <fmt/format.h>
#include <re2/re2.h>

namespace krater {

std::unique_ptr<const re2::RE2> compileRegex(const std::string &regex)
{
    re2::RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(64 << 20); // bounds what a hostile regex can take; beyond it RE2 gets slower, not larger
    auto compiled = std::make_unique<const re2::RE2>(regex, options);
    if (!compiled->ok())
        throw Error(fmt::format("\"{}\" is not a regular expression: {}", regex, compiled->error()),
                    "Use RE2 syntax (no look-around, no back-references).");
    return compiled;
}

RegexSplitter::RegexSplitter(const std::string &regex) : m_regex(compileRegex(regex))
{
    if (re2::RE2::FullMatch("", *m_regex))
        throw Error(fmt::format("\"{}\" matches empty text, which would cut between all characters", regex),
                    "Write a regular expression that needs at least one character.");
}

RegexSplitter::~RegexSplitter() = default;

bool RegexSplitter::split(std::string_view text, const std::function<bool(std::string_view)> &sink) const
{
    const re2::StringPiece whole(text.data(), text.size());
    const int numGroups = m_regex->NumberOfCapturingGroups() > 0 ? 2 : 1;
    re2::StringPiece groups[2];
    std::size_t begin = 0;  // of the current part
    std::size_t search = 0; // where the next match may begin
    while (m_regex->Match(whole, search, whole.size(), re2::RE2::UNANCHORED, groups, numGroups)) {
        const std::size_t matchBegin = static_cast<std::size_t>(groups[0].data() - text.data());
        const std::size_t matchEnd = matchBegin + groups[0].size();
        if (matchBegin > begin && !sink(text.substr(begin, matchBegin - begin)))
            return false;
        const bool keeps = numGroups == 2 && groups[1].data() != nullptr;
        begin = keeps ? static_cast<std::size_t>(groups[1].data() - text.data()) : matchEnd;
        // An empty match (a look at the line's beginning, say) must not be found again.
        search = matchEnd > search ? matchEnd : search + 1;
        if (search > text.size())
            break;
    }
    return begin >= text.size() || sink(text.substr(begin));
}

} // namespace krater
