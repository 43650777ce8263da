// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace krater {

bool hasControlCharacters(std::string_view text);

// What is wrong with a glob, empty if nothing is.
std::string problemOfGlob(std::string_view glob);

} // namespace krater
