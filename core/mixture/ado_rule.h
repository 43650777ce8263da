// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/fit/power_law.h"

#include <span>
#include <vector>

namespace krater {

// ADO's steps that need no history (ado_policy.cpp says what they are for). Pure functions, any thread.

// No share below `least` before the sum is divided out (so that one ends slightly below it); everything to the least if K least > 1.
std::vector<double> clippedShares(std::span<const double> shares, double least);

struct AdoPreference {
    std::vector<double> slopes; // K, nats/token a sample
    std::vector<double> shares; // K, rho before clipping
};

// rho ~ prior_k history_k^power slope_k, over domains that have seen `seen` samples. A domain that has seen none counts as having seen one.
AdoPreference adoPreference(std::span<const PowerLaw> laws, std::span<const double> prior,
                            std::span<const double> history, std::span<const double> seen, double historyPower,
                            double leastAlpha);

} // namespace krater
