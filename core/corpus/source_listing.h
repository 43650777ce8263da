// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/config/experiment.h"
#include "core/corpus/issue_log.h"

#include <cstdint>
#include <filesystem>
#include <stop_token>
#include <utility>
#include <vector>

namespace krater {

struct SourceFile {
    std::filesystem::path path; // absolute, as found (links are not resolved)
    std::uint64_t bytes = 0;
    std::int64_t modifiedNs = 0; // since 1970
    std::int64_t changedNs = 0; // of the inode, which no program can set back: also where a text of the same size took its place
    std::pair<std::uint64_t, std::uint64_t> identity; // device and inode: the same for all names of one file
    bool shared = false;                              // another domain has it too
};

// The files of a domain: sources in their order, the files of each sorted by path, no file twice (by identity, so that links to
// a file do not double it), without those that an `exclude` or `where.path` takes out. Wildcards and folders leave out hidden
// names and do not follow links to folders; a link whose name the source writes out is followed. Sources that match nothing and folders that cannot be read become issues.
std::vector<SourceFile> listSources(const DomainConfig &domain, const std::filesystem::path &folder,
                                    std::stop_token stop, IssueLog &issues);

// Marks the files that more than one domain has.
void markShared(std::vector<std::vector<SourceFile>> &domains);

} // namespace krater
