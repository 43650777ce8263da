// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/config/text_checks.h"

#include "core/corpus/utf8.h"

#include <algorithm>

namespace krater {

namespace {

constexpr std::size_t kLongestPattern = 4096; // bytes

} // namespace

bool hasControlCharacters(std::string_view text)
{
    return std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

std::string problemOfGlob(std::string_view glob)
{
    if (isBlank(glob))
        return "it is empty";
    if (glob.size() > kLongestPattern)
        return "it is longer than 4096 bytes";
    if (!isValidUtf8(glob))
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

} // namespace krater
