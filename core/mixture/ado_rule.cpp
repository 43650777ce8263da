// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/mixture/ado_rule.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace krater {

namespace {

double sumOf(std::span<const double> values)
{
    return std::accumulate(values.begin(), values.end(), 0.0);
}

} // namespace

std::vector<double> clippedShares(std::span<const double> shares, double least)
{
    const double sum = sumOf(shares);
    const double deficit = std::max(least * static_cast<double>(shares.size()) - sum, 0.0);
    std::vector<double> clipped(shares.size());
    std::ranges::transform(shares, clipped.begin(),
                           [=](double share) { return std::max(share * (1.0 - deficit) / sum, least); });
    const double clippedSum = sumOf(clipped);
    for (double &share : clipped)
        share /= clippedSum;
    return clipped;
}

AdoPreference adoPreference(std::span<const PowerLaw> laws, std::span<const double> prior,
                            std::span<const double> history, std::span<const double> seen, double historyPower,
                            double leastAlpha)
{
    AdoPreference preference;
    for (std::size_t k = 0; k < laws.size(); ++k) {
        preference.slopes.push_back(laws[k].slopeAt(std::max(seen[k], 1.0), leastAlpha));
        preference.shares.push_back(prior[k] * std::pow(history[k], historyPower) * preference.slopes[k]);
    }
    const double sum = sumOf(preference.shares);
    if (!(sum > 0.0)
        || !std::isfinite(sum)) { // nothing is learnable any more, or everything without bound: the prior it is
        preference.shares.assign(prior.begin(), prior.end());
        return preference;
    }
    for (double &share : preference.shares)
        share /= sum;
    return preference;
}

} // namespace krater
