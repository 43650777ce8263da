// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/config/toml_text.h"

#include "core/corpus/utf8.h"

#include <algorithm>

namespace krater {

namespace {

constexpr std::size_t kMostBytes = 1 << 20;
constexpr int kMostKeyParts = 32;

bool isBlankChar(char c)
{
    return c == ' ' || c == '\t';
}

bool endsKeyPart(char c)
{
    return isBlankChar(c) || c == '\n' || c == '\r' || c == '.' || c == '=' || c == '[' || c == ']' || c == '{' || c == '}' || c == ',' || c == '#';
}

// Line (from 1) of the first key with more parts than allowed, 0 if there is none. Also finds it inside of strings: text joined by so many
// dots without a space does not occur.
int lineOfLongKey(std::string_view text)
{
    int line = 1;
    int parts = 0;
    std::size_t i = 0;
    while (i < text.size()) {
        if (text[i] == '\n')
            ++line;
        const std::size_t start = i;
        if ((text[i] == '"' || text[i] == '\'') && i + 1 < text.size()) {
            const std::size_t end = text.find_first_of(text[i] == '"' ? "\"\n" : "'\n", i + 1);
            i = end == std::string_view::npos || text[end] == '\n' ? i + 1 : end + 1;
        } else {
            while (i < text.size() && !endsKeyPart(text[i]))
                ++i;
        }
        const bool isPart = i > start;
        while (i < text.size() && isBlankChar(text[i]))
            ++i;
        const bool dotted = isPart && i < text.size() && text[i] == '.';
        parts = dotted ? parts + 1 : 0;
        if (parts >= kMostKeyParts)
            return line;
        if (dotted || !isPart)
            ++i;
        while (dotted && i < text.size() && isBlankChar(text[i]))
            ++i;
    }
    return 0;
}

void refuse(Issues &issues, const std::string &file, int line, int column, std::string message, std::string advice)
{
    Issue issue;
    issue.file = file;
    issue.line = line;
    issue.column = column;
    issue.message = std::move(message);
    issue.advice = std::move(advice);
    issues.push_back(std::move(issue));
}

std::size_t lineOfInvalidUtf8(std::string_view text)
{
    std::size_t line = 1;
    while (!text.empty()) {
        const std::string_view one = text.substr(0, text.find('\n'));
        if (!isValidUtf8(one))
            return line;
        text.remove_prefix(std::min(one.size() + 1, text.size()));
        ++line;
    }
    return 0;
}

} // namespace

std::optional<toml::table> parseToml(std::string_view text, const std::string &fileName, Issues &issues)
{
    if (text.size() > kMostBytes) {
        refuse(issues, fileName, 0, 0, "the file is larger than 1 MiB", "an experiment file is a few kilobytes: is this the right file?");
        return {};
    }
    if (const std::size_t line = lineOfInvalidUtf8(text)) {
        refuse(issues, fileName, static_cast<int>(line), 0, "this line is not valid UTF-8", "save the file as UTF-8");
        return {};
    }
    if (const int line = lineOfLongKey(text)) {
        refuse(issues, fileName, line, 0, "a key has more than 32 parts", "write section.key");
        return {};
    }
    try {
        return toml::parse(text);
    } catch (const toml::parse_error &error) {
        refuse(issues, fileName, static_cast<int>(error.source().begin.line), static_cast<int>(error.source().begin.column),
               std::string(error.description()), "correct the TOML here: [section], then one key = value on each line, strings in quotes");
        return {};
    }
}

std::string_view typeName(const toml::node &node)
{
    switch (node.type()) {
    case toml::node_type::string: return "a string";
    case toml::node_type::integer: return "a whole number";
    case toml::node_type::floating_point: return "a number";
    case toml::node_type::boolean: return "true or false";
    case toml::node_type::array: return "a list";
    case toml::node_type::table: return "a table";
    default: return "a date or time";
    }
}

} // namespace krater
