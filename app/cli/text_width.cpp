// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/text_width.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>
#include <cstdlib>

namespace krater::cli {
namespace {

constexpr char32_t kReplacement = 0xFFFD;
constexpr std::string_view kReplacementText = "\xEF\xBF\xBD";

struct Character {
    char32_t code = 0;
    std::size_t bytes = 1;
    bool valid = true;
};

std::size_t sequenceLength(unsigned char lead)
{
    if (lead < 0x80)
        return 1;
    if (lead >= 0xC2 && lead <= 0xDF)
        return 2;
    if (lead >= 0xE0 && lead <= 0xEF)
        return 3;
    if (lead >= 0xF0 && lead <= 0xF4)
        return 4;
    return 0;
}

// The first character of a text that is not empty; an invalid byte counts as one character.
Character firstCharacter(std::string_view text)
{
    constexpr std::array<char32_t, 5> kSmallest = {0, 0, 0x80, 0x800, 0x10000};
    const auto lead = static_cast<unsigned char>(text[0]);
    const std::size_t length = sequenceLength(lead);
    if (length == 1)
        return {lead, 1, true};
    if (length == 0 || text.size() < length)
        return {kReplacement, 1, false};
    char32_t code = lead & (0xFFu >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if ((byte & 0xC0) != 0x80)
            return {kReplacement, 1, false};
        code = (code << 6) | (byte & 0x3F);
    }
    const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
    if (code < kSmallest[length] || code > 0x10FFFF || surrogate)
        return {kReplacement, 1, false};
    return {code, length, true};
}

struct Range {
    char32_t first, last;
};

template<std::size_t N>
bool isIn(const std::array<Range, N> &ranges, char32_t code)
{
    return std::any_of(ranges.begin(), ranges.end(),
                       [code](const Range &range) { return code >= range.first && code <= range.last; });
}

// Combining marks, zero-width spaces and joiners, variation selectors.
constexpr std::array<Range, 12> kZeroWidth = {{{0x0300, 0x036F},
                                               {0x0483, 0x0489},
                                               {0x0591, 0x05BD},
                                               {0x0610, 0x061A},
                                               {0x064B, 0x065F},
                                               {0x0E34, 0x0E3A},
                                               {0x1AB0, 0x1AFF},
                                               {0x1DC0, 0x1DFF},
                                               {0x200B, 0x200F},
                                               {0x20D0, 0x20FF},
                                               {0xFE00, 0xFE0F},
                                               {0xFE20, 0xFE2F}}};

// East Asian Wide and Fullwidth, and emoji that terminals draw wide.
constexpr std::array<Range, 14> kWide = {{{0x1100, 0x115F},
                                          {0x231A, 0x231B},
                                          {0x2E80, 0x303E},
                                          {0x3041, 0x33FF},
                                          {0x3400, 0x4DBF},
                                          {0x4E00, 0x9FFF},
                                          {0xA000, 0xA4CF},
                                          {0xAC00, 0xD7A3},
                                          {0xF900, 0xFAFF},
                                          {0xFE30, 0xFE6F},
                                          {0xFF00, 0xFF60},
                                          {0xFFE0, 0xFFE6},
                                          {0x1F300, 0x1FAFF},
                                          {0x20000, 0x3FFFD}}};

bool isControl(char32_t code)
{
    const bool bidirectional = (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
    return code < 0x20 || (code >= 0x7F && code < 0xA0) || bidirectional || code == 0x2028 || code == 0x2029;
}

int widthOf(char32_t code)
{
    if (isIn(kZeroWidth, code))
        return 0;
    return isIn(kWide, code) ? 2 : 1;
}

// Of the characters at the beginning that fit; at least one, of a text that is not empty.
std::size_t bytesWithin(std::string_view text, int width)
{
    std::size_t bytes = firstCharacter(text).bytes;
    int used = widthOf(firstCharacter(text).code);
    while (bytes < text.size()) {
        const Character character = firstCharacter(text.substr(bytes));
        used += widthOf(character.code);
        if (used > width)
            break;
        bytes += character.bytes;
    }
    return bytes;
}

} // namespace

std::string printable(std::string_view text)
{
    std::string result;
    result.reserve(text.size());
    while (!text.empty()) {
        const Character character = firstCharacter(text);
        if (character.valid && !isControl(character.code))
            result += text.substr(0, character.bytes);
        else
            result += kReplacementText;
        text.remove_prefix(character.bytes);
    }
    return result;
}

std::string oneLine(std::string_view text)
{
    std::string line;
    for (const char c : text) {
        switch (c) {
        case '\\':
            line += "\\\\";
            break;
        case '\t':
            line += "\\t";
            break;
        case '\n':
            line += "\\n";
            break;
        case '\r':
            line += "\\r";
            break;
        default:
            line += c;
        }
    }
    return printable(line);
}

std::string printableText(std::string_view text)
{
    std::string result;
    while (true) {
        const std::size_t end = text.find_first_of("\n\t");
        result += printable(text.substr(0, end));
        if (end == std::string_view::npos)
            return result;
        result += text[end];
        text.remove_prefix(end + 1);
    }
}

int displayWidth(std::string_view text)
{
    int width = 0;
    while (!text.empty()) {
        const Character character = firstCharacter(text);
        width += widthOf(character.code);
        text.remove_prefix(character.bytes);
    }
    return width;
}

std::string truncated(std::string_view text, int width)
{
    if (displayWidth(text) <= width)
        return std::string(text);
    if (width <= 0)
        return {};
    std::string result;
    int used = 1; // the ellipsis
    while (!text.empty()) {
        const Character character = firstCharacter(text);
        used += widthOf(character.code);
        if (used > width)
            break;
        result += text.substr(0, character.bytes);
        text.remove_prefix(character.bytes);
    }
    return result + (terminalIsUtf8() ? "…" : "~");
}

std::string wrapped(std::string_view text, int width, int indent)
{
    if (width <= 0)
        return std::string(text) + '\n';
    const std::string margin(static_cast<std::size_t>(indent), ' ');
    std::string result, line;
    for (bool lineIsNew = true;; lineIsNew = false) {
        const std::size_t end = text.find(' ');
        std::string_view word = text.substr(0, end);
        if (!lineIsNew && displayWidth(line) + 1 + displayWidth(word) > width) {
            result += line + '\n';
            line = margin;
        } else if (!lineIsNew) {
            line += ' ';
        }
        while (displayWidth(line) + displayWidth(word) > width) { // longer than a line
            const std::size_t bytes = bytesWithin(word, width - displayWidth(line));
            result += line.append(word.substr(0, bytes)) + '\n';
            line = margin;
            word.remove_prefix(bytes);
        }
        line += word;
        if (end == std::string_view::npos)
            return result + line + '\n';
        text.remove_prefix(end + 1);
    }
}

std::string paddedRight(std::string_view text, int width)
{
    return std::string(text) + std::string(static_cast<std::size_t>(std::max(0, width - displayWidth(text))), ' ');
}

std::string paddedLeft(std::string_view text, int width)
{
    return std::string(static_cast<std::size_t>(std::max(0, width - displayWidth(text))), ' ') + std::string(text);
}

bool terminalIsUtf8()
{
    for (const char *name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
        const char *value = std::getenv(name);
        if (!value || !*value)
            continue;
        std::string locale(value);
        std::transform(locale.begin(), locale.end(), locale.begin(),
                       [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        return locale.find("utf-8") != std::string::npos || locale.find("utf8") != std::string::npos;
    }
    return false;
}

} // namespace krater::cli
