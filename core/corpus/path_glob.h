// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/paths.h"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace krater {

bool hasWildcards(std::string_view pattern); // * ? [ and \, which makes the next character ordinary

// The names that a path or a pattern is made of, without the root; ** after ** says nothing more and is left out.
std::vector<std::string> partsOf(const std::filesystem::path &path);

// One name against one part of a pattern (*, ?, [a-z], [!a-z]). Names that begin with a dot are matched by patterns that do so
// too, unless `dotsAreOrdinary`.
bool matchesName(const std::string &pattern, const std::string &name, bool dotsAreOrdinary);

// A glob over whole paths. * and ? stay within a name, ** stands for any number of folders; a pattern without a slash is
// compared with the file's name alone, and one that names a folder matches everything below it. Immutable.
class PathGlob {
public:
    PathGlob(std::string_view pattern, const std::filesystem::path &folder);

    bool matches(const std::filesystem::path &file) const; // an absolute, normal path

private:
    std::vector<std::string> m_parts; // of the absolute pattern; one part only: the name
    bool m_nameOnly = false;
};

} // namespace krater
