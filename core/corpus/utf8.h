// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <stop_token>
#include <string>
#include <string_view>

namespace krater {

bool isValidUtf8(std::string_view bytes);

// Every ill-formed sequence becomes one U+FFFD, in the way of the WHATWG Encoding Standard (Unicode 15, section 3.9,
// "U+FFFD substitution of maximal subparts"); `numRepaired` is raised by their number. The text may become three times as long:
// throws Error if it gets longer than `maxBytes`. Ends early, with what there is, when stopped.
std::string repairUtf8(std::string_view bytes, std::uint64_t &numRepaired, std::uint64_t maxBytes = UINT64_MAX,
                       const std::stop_token &stop = {});

// Over a tenth of a longer text is ill-formed: it has another encoding, and repairing it would leave nothing of it.
bool isOtherEncoding(std::string_view bytes);

// The longest beginning of at most `maxBytes` that does not end within a character.
std::string_view headOf(std::string_view text, std::size_t maxBytes);

// As headOf, but ends after a line end if there is one in the last half: where text is cut into parts for processing.
std::string_view partOf(std::string_view text, std::size_t maxBytes);

// How many bytes at the end are the beginning of a character: with more text they may be valid.
std::size_t numOpenBytes(std::string_view bytes);

bool isBlank(std::string_view text); // nothing but ASCII white space

} // namespace krater
