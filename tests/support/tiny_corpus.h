// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>

namespace krater::test {

// The texts of tests/data/tiny, a few KB a domain, made by rules so that they are easy to learn and belong to nobody: sums ("two and three
// are five."), nested brackets, and verses that differ in one word. Documents are divided by lines with a single %. The same at every call.
std::string tinySums(); // the largest
std::string tinyBrackets();
std::string tinyVerses(); // the smallest

// Writes the three texts and a copy of tests/data/tiny/tiny.toml into `folder` (made if need be). `extra` is appended to the copy: tables that it
// does not have, or nothing. Returns the experiment file.
std::filesystem::path writeTinyExperiment(const std::filesystem::path &folder, const std::string &extra = {});

} // namespace krater::test
