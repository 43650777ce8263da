// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/corpus/issue_log.h"

#include <fmt/format.h>

#include <utility>

namespace krater {

namespace {

constexpr std::uint64_t kMaxOfAKind = 10;

const char *describe(IssueLog::Kind kind)
{
    switch (kind) {
    case IssueLog::Kind::UnreadableFolder:
        return "folders cannot be read";
    case IssueLog::Kind::Unreadable:
        return "files cannot be read";
    case IssueLog::Kind::Binary:
        return "files look like binary data";
    case IssueLog::Kind::Empty:
        return "files are empty";
    case IssueLog::Kind::Trailing:
        return "files have something after their compressed data";
    case IssueLog::Kind::InvalidUtf8:
        return "files hold invalid UTF-8";
    case IssueLog::Kind::BadLines:
        return "files have lines that cannot be read";
    }
    return "";
}

} // namespace

Issue domainIssue(Issue::Severity severity, const std::string &domain, const std::string &file, std::string message,
                  std::string advice, int line)
{
    return {severity, file, line, 0, domain, std::move(message), std::move(advice)};
}

void IssueLog::add(Kind kind, Issue issue)
{
    if (++m_counts[{issue.domain, kind}] <= kMaxOfAKind)
        m_issues.push_back(std::move(issue));
}

Issues IssueLog::take()
{
    for (const auto &[key, count] : std::exchange(m_counts, {})) {
        if (count > kMaxOfAKind) {
            const auto severity = key.second == Kind::Empty ? Issue::Severity::Note : Issue::Severity::Warning;
            m_issues.push_back(domainIssue(severity, key.first, {},
                                           fmt::format("{} more {}", count - kMaxOfAKind, describe(key.second))));
        }
    }
    return std::exchange(m_issues, {});
}

} // namespace krater
