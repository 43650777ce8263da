// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/output.h"
#include "core/compare/run_comparison.h"

#include <string>
#include <vector>

namespace krater::cli {

// The same runs on one fixed mixture after the other.
struct OnMixture {
    std::string title; // "natural", "uniform", a domain's name
    ScoreMixture on;
    std::vector<SeedGroup> groups;
};

// Natural, uniform, and each of the baseline's domains by itself.
std::vector<OnMixture> onEachMixture(const Comparison &comparison);

// A row for each group of runs that differ in their seed alone and a column for each mixture: the mean held-out loss with its 95 % interval over seeds,
// then the differences to the baseline's group, paired by seed, a star where 0 is outside the interval. Empty if no group has two seeds.
std::string seedTables(const Comparison &comparison, const std::vector<OnMixture> &mixtures, int width);
Json seedTablesJson(const Comparison &comparison, const std::vector<OnMixture> &mixtures); // an array of {on, groups}

} // namespace krater::cli
