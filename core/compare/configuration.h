// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/compare/run_comparison.h"

#include <string>
#include <utility>
#include <vector>

namespace krater {

// A frozen experiment as keys and values, in the order of the file.
using Configuration = std::vector<std::pair<std::string, std::string>>;

// Keys whose values are not the same in all; what changes no number (name, notes, tags, colours) is left out.
std::vector<ConfigurationDifference> differencesOf(const std::vector<Configuration> &configurations);

// Equal for experiments that differ in their seed only (and in what changes no number).
Configuration withoutSeed(const Configuration &configuration);

} // namespace krater
