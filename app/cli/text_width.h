// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace krater::cli {

// Text as a terminal shows it. Names come from files that anyone may have written, so whatever reaches a terminal goes through
// `printable` first.

// Control characters and bytes that are not UTF-8 become U+FFFD: no name can move the cursor or change colours.
std::string printable(std::string_view text);

// The same in one line: line ends, tabs and backslashes become escapes.
std::string oneLine(std::string_view text);

// The same for text of several lines: line ends and tabs stay.
std::string printableText(std::string_view text);

// Columns that `text` takes: 0 for combining marks, 2 for East Asian wide characters and emoji (Unicode, UAX #11), otherwise 1.
int displayWidth(std::string_view text);

// Cut to at most `width` columns; what was cut ends in an ellipsis.
std::string truncated(std::string_view text, int width);

// Lines of at most `width` columns, each ended by '\n', broken at spaces where there are any; all but the first begin with `indent`
// spaces. width 0: one line.
std::string wrapped(std::string_view text, int width, int indent = 0);

// Padded with spaces to `width` columns, on the right or on the left.
std::string paddedRight(std::string_view text, int width);
std::string paddedLeft(std::string_view text, int width);

// Whether the locale in the environment says UTF-8.
bool terminalIsUtf8();

} // namespace krater::cli
