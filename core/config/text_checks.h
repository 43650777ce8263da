// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace krater {

bool isUtf8(std::string_view text);
bool hasControlCharacters(std::string_view text);

// What is wrong with a pattern, empty if nothing is.
std::string problemOfRegex(const std::string &pattern); // RE2 syntax
std::string problemOfGlob(std::string_view glob);       // *, ?, **, [set], {a,b}
std::string problemOfFieldPredicate(std::string_view predicate); // language == "en", meta.score >= 0.5

} // namespace krater
