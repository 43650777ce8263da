// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/config/experiment.h"

#include <filesystem>
#include <string>
#include <vector>

namespace krater {

// Edits of an experiment's domains as values: each returns the changed experiment (one step of undo) and keeps the rest consistent: weights in the
// mixture's parameters follow a rename and lose what is removed. Any thread.

// A name that no domain has yet: `wanted`, or with a number behind it. Characters that a domain's name cannot hold become '-'.
std::string unusedDomainName(const Experiment &experiment, const std::string &wanted);

// Files and folders, as dropped, become sources relative to the experiment's folder where they lie below it. Appended at the end.
Experiment withDomain(const Experiment &experiment, const std::string &name,
                      const std::vector<std::filesystem::path> &sources);
// More sources for a domain that is there; those that it has already are not doubled.
Experiment withSources(const Experiment &experiment, std::size_t domain,
                       const std::vector<std::filesystem::path> &sources);
Experiment withoutDomains(const Experiment &experiment, const std::vector<std::size_t> &domains);
Experiment withDomainRenamed(const Experiment &experiment, std::size_t domain, const std::string &name);
Experiment withDomainMoved(const Experiment &experiment, std::size_t from, std::size_t to);
// The sources of all go to the first, the others disappear; their weights add up.
Experiment withDomainsMerged(const Experiment &experiment, const std::vector<std::size_t> &domains);
// One domain for each folder directly below the folders that the domain's sources name; unchanged if there are none.
Experiment withDomainSplitByFolder(const Experiment &experiment, std::size_t domain);

} // namespace krater
