// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/config/text_checks.h"

#include <re2/re2.h>

#include <algorithm>

namespace krater {

namespace {

constexpr std::size_t kLongestPattern = 4096; // bytes

// Bytes of the UTF-8 character that `text` begins with, 0 if it begins with none (overlong forms, surrogates and code points above U+10FFFF included).
std::size_t leadingCharacter(std::string_view text)
{
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char lead = byte(0);
    if (lead < 0x80)
        return 1;
    const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (lead < 0xc2 || lead > 0xf4 || text.size() < length)
        return 0;
    for (std::size_t i = 1; i < length; ++i)
        if ((byte(i) & 0xc0) != 0x80)
            return 0;
    const unsigned char second = byte(1);
    const bool overlong = (lead == 0xe0 && second < 0xa0) || (lead == 0xf0 && second < 0x90);
    const bool outOfRange = (lead == 0xed && second > 0x9f) || (lead == 0xf4 && second > 0x8f);
    return overlong || outOfRange ? 0 : length;
}

std::string trimmed(std::string_view text)
{
    const auto first = text.find_first_not_of(" \t");
    return first == std::string_view::npos ? std::string() : std::string(text.substr(first, text.find_last_not_of(" \t") - first + 1));
}

} // namespace

bool isUtf8(std::string_view text)
{
    while (!text.empty()) {
        const std::size_t length = leadingCharacter(text);
        if (length == 0)
            return false;
        text.remove_prefix(length);
    }
    return true;
}

bool hasControlCharacters(std::string_view text)
{
    return std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

std::string problemOfRegex(const std::string &pattern)
{
    if (pattern.size() > kLongestPattern)
        return "it is longer than 4096 bytes";
    RE2::Options options;
    options.set_log_errors(false);
    const RE2 regex(pattern, options);
    return regex.ok() ? std::string() : regex.error();
}

std::string problemOfGlob(std::string_view glob)
{
    if (trimmed(glob).empty())
        return "it is empty";
    if (glob.size() > kLongestPattern)
        return "it is longer than 4096 bytes";
    if (!isUtf8(glob))
        return "it is not UTF-8";
    if (hasControlCharacters(glob))
        return "it holds a control character";
    for (std::size_t i = 0; i < glob.size(); ++i) {
        if (glob[i] == '\\') {
            ++i;
        } else if (glob[i] == '[') {
            const std::size_t first = i + 1 < glob.size() && (glob[i + 1] == '!' || glob[i + 1] == '^') ? i + 2 : i + 1;
            const std::size_t end = glob.find(']', first + 1); // a ] that comes first is a member of the set
            if (end == std::string_view::npos)
                return "a [ is not closed";
            i = end;
        }
    }
    return {};
}

std::string problemOfFieldPredicate(std::string_view predicate)
{
    const std::size_t at = predicate.find_first_of("=!<>");
    if (at == std::string_view::npos || trimmed(predicate.substr(0, at)).empty())
        return "it is not a comparison";
    const bool two = at + 1 < predicate.size() && predicate[at + 1] == '=';
    if (!two && (predicate[at] == '=' || predicate[at] == '!'))
        return "the operators are ==, !=, <, <=, > and >=";
    if (trimmed(predicate.substr(at + (two ? 2 : 1))).empty())
        return "nothing stands on the right of the operator";
    return {};
}

} // namespace krater
