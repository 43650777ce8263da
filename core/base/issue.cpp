// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/issue.h"

#include <algorithm>
#include <string_view>

namespace krater {

namespace {

std::string_view nameOf(Issue::Severity severity)
{
    switch (severity) {
    case Issue::Severity::Note: return "note";
    case Issue::Severity::Warning: return "warning";
    case Issue::Severity::Error: break;
    }
    return "error";
}

} // namespace

bool hasErrors(const Issues &issues)
{
    return std::ranges::any_of(issues, [](const Issue &issue) { return issue.severity == Issue::Severity::Error; });
}

std::string toString(const Issue &issue)
{
    std::string text;
    if (!issue.file.empty()) {
        text = issue.file + ':';
        if (issue.line > 0) {
            text += std::to_string(issue.line) + ':';
            if (issue.column > 0)
                text += std::to_string(issue.column) + ':';
        }
        text += ' ';
    }
    text.append(nameOf(issue.severity)).append(": ");
    if (!issue.domain.empty())
        text += "domain \"" + issue.domain + "\": ";
    text += issue.message;
    if (!issue.advice.empty())
        text += " (" + issue.advice + ')';
    return text;
}

} // namespace krater
