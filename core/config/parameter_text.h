// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/config/parameter.h"

#include <string>
#include <string_view>

namespace krater {

// Values as the TOML of an experiment file has them on the right of "=". Pure functions, any thread.

// Literal strings where they are easier to read (regexes), basic strings with escapes for all else.
std::string tomlText(const std::string &text);
std::string tomlText(double number); // the shortest that reads back the same, always with a point or an exponent
std::string tomlKey(const std::string &key); // in quotes if it has to be

// One line: "2", "\"natural\"", "{ code = 0.4, prose = 0.6 }".
std::string parameterText(const ParameterValue &value);
// The inverse. Throws Error that says what is wrong.
ParameterValue parameterFromText(std::string_view text);

} // namespace krater
