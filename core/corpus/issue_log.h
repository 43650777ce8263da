// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/issue.h"

#include <cstdint>
#include <map>
#include <string>
#include <utility>

namespace krater {

// An issue about a domain, and a file of it if `file` is not empty.
Issue domainIssue(Issue::Severity severity, const std::string &domain, const std::string &file, std::string message,
                  std::string advice = {}, int line = 0);

// Issues of files and folders, of which a corpus may have thousands: of each kind and domain the first few stand for themselves and the
// others are counted in one that closes the list.
class IssueLog {
public:
    enum class Kind { UnreadableFolder, Unreadable, Binary, Empty, Trailing, InvalidUtf8, BadLines };

    void add(Kind kind, Issue issue);
    void add(Issue issue) { m_issues.push_back(std::move(issue)); } // of a domain: never too many
    Issues take();

private:
    Issues m_issues;
    std::map<std::pair<std::string, Kind>, std::uint64_t> m_counts;
};

} // namespace krater
