// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/corpus/utf8.h"

#include "core/base/error.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>

namespace krater {

namespace {

struct Sequence {
    std::size_t length; // bytes of the character, or of the ill-formed part to be replaced
    bool valid;
};

// Unicode 15, table 3-7 (well-formed UTF-8 byte sequences): the second byte's range depends on the first.
Sequence sequenceAt(std::string_view bytes)
{
    const auto byteAt = [bytes](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
    const unsigned first = byteAt(0);
    if (first < 0x80)
        return {1, true};
    if (first < 0xc2 || first > 0xf4)
        return {1, false};
    const std::size_t length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    unsigned low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    unsigned high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
    for (std::size_t i = 1; i < length; ++i) {
        if (i >= bytes.size() || byteAt(i) < low || byteAt(i) > high)
            return {i, false};
        low = 0x80;
        high = 0xbf;
    }
    return {length, true};
}

} // namespace

bool isValidUtf8(std::string_view bytes)
{
    return simdjson::validate_utf8(bytes.data(), bytes.size());
}

bool isOtherEncoding(std::string_view bytes)
{
    constexpr std::size_t kLeastBytes = 1 << 10; // less is no measure
    constexpr std::size_t kProbeBytes = 64 << 10;
    bytes = bytes.substr(0, kProbeBytes);
    if (bytes.size() < kLeastBytes)
        return false;
    std::size_t numInvalid = 0;
    for (std::string_view rest = bytes; !rest.empty();) {
        const Sequence sequence = sequenceAt(rest);
        numInvalid += sequence.valid ? 0 : 1;
        rest.remove_prefix(sequence.length);
    }
    return numInvalid > bytes.size() / 10;
}

std::string repairUtf8(std::string_view bytes, std::uint64_t &numRepaired, std::uint64_t maxBytes,
                       const std::stop_token &stop)
{
    constexpr std::size_t kStopInterval = 1 << 20; // sequences
    std::string text;
    text.reserve(bytes.size());
    for (std::size_t i = 1; !bytes.empty(); ++i) {
        if (i % kStopInterval == 0 && stop.stop_requested())
            break;
        if (text.size() > maxBytes)
            throw Error(fmt::format("The text is longer than {} bytes once its invalid UTF-8 is replaced", maxBytes),
                        "Convert it: iconv -f LATIN1 -t UTF-8, or from the encoding that it has.");
        const Sequence sequence = sequenceAt(bytes);
        if (sequence.valid) {
            text.append(bytes.substr(0, sequence.length));
        } else {
            text.append("\xef\xbf\xbd");
            ++numRepaired;
        }
        bytes.remove_prefix(sequence.length);
    }
    return text;
}

std::string_view headOf(std::string_view text, std::size_t maxBytes)
{
    if (text.size() <= maxBytes)
        return text;
    std::size_t end = maxBytes;
    while (end > 0 && maxBytes - end < 3 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80)
        --end;
    return text.substr(0, end);
}

std::string_view partOf(std::string_view text, std::size_t maxBytes)
{
    const std::string_view head = headOf(text, maxBytes);
    if (head.size() == text.size())
        return head;
    const std::size_t lineEnd = head.rfind('\n');
    return lineEnd != std::string_view::npos && lineEnd >= head.size() / 2 ? head.substr(0, lineEnd + 1) : head;
}

std::size_t numOpenBytes(std::string_view bytes)
{
    for (std::size_t size = 1; size <= std::min<std::size_t>(3, bytes.size()); ++size) {
        const std::string_view tail = bytes.substr(bytes.size() - size);
        const auto first = static_cast<unsigned char>(tail.front());
        if (first >= 0xc2 && first <= 0xf4) {
            const Sequence sequence = sequenceAt(tail);
            return !sequence.valid && sequence.length == size ? size : 0;
        }
    }
    return 0;
}

bool isBlank(std::string_view text)
{
    return text.find_first_not_of(" \t\r\n\f\v") == std::string_view::npos;
}

} // namespace krater
