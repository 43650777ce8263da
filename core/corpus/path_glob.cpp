// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/corpus/path_glob.h"

#include <algorithm>
#include <fnmatch.h>

namespace krater {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kAnyFolders = "**";

} // namespace

std::vector<std::string> partsOf(const fs::path &path)
{
    std::vector<std::string> parts;
    for (const fs::path &part : path.relative_path()) {
        const bool repeated = part == kAnyFolders && !parts.empty() && parts.back() == kAnyFolders;
        if (!part.empty() && !repeated)
            parts.push_back(part.string());
    }
    return parts;
}

bool hasWildcards(std::string_view pattern)
{
    return pattern.find_first_of("*?[\\") != std::string_view::npos;
}

bool matchesName(const std::string &pattern, const std::string &name, bool dotsAreOrdinary)
{
    return ::fnmatch(pattern.c_str(), name.c_str(), dotsAreOrdinary ? 0 : FNM_PERIOD) == 0;
}

PathGlob::PathGlob(std::string_view pattern, const fs::path &folder)
    : m_nameOnly(pattern.find('/') == std::string_view::npos && pattern != "~" && pattern != kAnyFolders)
{
    if (m_nameOnly)
        m_parts = {std::string(pattern)};
    else if (pattern.starts_with(kAnyFolders))
        m_parts = partsOf(fs::path("/") / fs::path(pattern).lexically_normal());
    else
        m_parts = partsOf(resolvePath(pattern, folder));
    if (!m_nameOnly && (m_parts.empty() || m_parts.back() != kAnyFolders))
        m_parts.emplace_back(kAnyFolders); // a folder's name stands for all below it; ** matches nothing as well
}

bool PathGlob::matches(const fs::path &file) const
{
    if (m_nameOnly)
        return matchesName(m_parts.front(), file.filename().string(), true);

    // reached[j]: the pattern's parts so far match the first j names. No recursion, so many ** cost no more than few.
    const std::vector<std::string> names = partsOf(file);
    std::vector<char> reached(names.size() + 1, 0);
    reached[0] = 1;
    for (const std::string &part : m_parts) {
        std::vector<char> next(names.size() + 1, 0);
        if (part == kAnyFolders) {
            const auto first = std::ranges::find(reached, 1);
            std::fill(next.begin() + (first - reached.begin()), next.end(), char{1});
        } else {
            for (std::size_t j = 0; j < names.size(); ++j)
                next[j + 1] = reached[j] != 0 && matchesName(part, names[j], true) ? 1 : 0;
        }
        reached = std::move(next);
    }
    return reached.back() != 0;
}

} // namespace krater
