// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/mixture/constraints.h"

#include "core/base/error.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <numeric>
#include <ranges>

namespace krater {

namespace {

constexpr double kRounding = 1e-12;

double sumOf(std::span<const double> values)
{
    return std::accumulate(values.begin(), values.end(), 0.0);
}

// Weights scaled by a common factor and then cut off at the bounds: the form of every KL projection on a box within the simplex.
std::vector<double> scaledWithin(std::span<const double> weights, double scale, std::span<const double> lower,
                                 std::span<const double> upper)
{
    std::vector<double> result(weights.size());
    for (std::size_t k = 0; k < result.size(); ++k)
        result[k] = std::clamp(weights[k] * scale, lower[k], upper[k]);
    return result;
}

// The scale at which the sum is 1. The sum grows with the scale in straight lines between the scales at which a bound is met.
double scaleFor(std::span<const double> weights, std::span<const double> lower, std::span<const double> upper)
{
    std::vector<double> corners{0.0};
    for (std::size_t k = 0; k < weights.size(); ++k)
        if (weights[k] > 0.0) {
            corners.push_back(lower[k] / weights[k]);
            if (upper[k] < std::numeric_limits<double>::infinity())
                corners.push_back(upper[k] / weights[k]);
        }
    std::ranges::sort(corners);
    const auto sumAt = [&](double scale) { return sumOf(scaledWithin(weights, scale, lower, upper)); };
    const auto above = std::ranges::partition_point(corners, [&](double scale) { return sumAt(scale) < 1.0; });
    const double from = above == corners.begin() ? 0.0 : *std::prev(above);
    const double to = above == corners.end() ? 2.0 * from + 1.0 : *above;
    const double sumFrom = sumAt(from), sumTo = sumAt(to);
    return sumTo > sumFrom ? from + (1.0 - sumFrom) / (sumTo - sumFrom) * (to - from) : from;
}

} // namespace

Mixture projected(const Mixture &mixture, std::span<const double> lower, std::span<const double> upper)
{
    const std::size_t numDomains = mixture.numDomains();
    if (lower.size() != numDomains || upper.size() != numDomains)
        throw Error(fmt::format("Bounds of {} domains do not fit a mixture of {}.", lower.size(), numDomains));
    if (sumOf(lower) > 1.0 + 1e-9 || sumOf(upper) < 1.0 - 1e-9)
        throw Error("No mixture lies within the bounds.", "Lower the floor, or raise max_epochs.");
    double held = 0.0; // at most, by the domains that have weight; at least, by those that have none
    for (std::size_t k = 0; k < numDomains; ++k)
        held += mixture[k] > 0.0 ? upper[k] : lower[k];
    std::vector<double> weights(mixture.weights().begin(), mixture.weights().end());
    if (held < 1.0 - kRounding) { // those with weight are all at their caps, the others take the rest alike
        for (std::size_t k = 0; k < numDomains; ++k)
            weights[k] = mixture[k] > 0.0 ? std::numeric_limits<double>::max() : 1.0;
    }
    return Mixture::fromWeights(scaledWithin(weights, scaleFor(weights, lower, upper), lower, upper));
}

ConstrainedMixture constrained(const Mixture &mixture, const MixtureConstraints &constraints,
                               std::span<const double> tokens, double tokenBudget)
{
    const std::size_t numDomains = mixture.numDomains();
    const double floor = std::min(constraints.floor, 1.0 / static_cast<double>(numDomains));
    std::vector<double> lower(numDomains, floor), upper(numDomains, 1.0);
    ConstrainedMixture result{mixture, false, std::vector<bool>(numDomains, false), 1.0};
    const bool capped = constraints.maxEpochs > 0.0 && tokenBudget > 0.0;
    if (capped) {
        for (std::size_t k = 0; k < numDomains; ++k)
            upper[k] = constraints.maxEpochs * tokens[k] / tokenBudget;
        const double together = sumOf(upper);
        result.overrun = together < 1.0 ? 1.0 / together : 1.0;
        for (double &cap : upper)
            cap = std::clamp(cap * result.overrun, floor, 1.0);
    }
    const bool within = std::ranges::all_of(std::views::iota(std::size_t{0}, numDomains), [&](std::size_t k) {
        return mixture[k] >= lower[k] - kRounding && mixture[k] <= upper[k] + kRounding;
    });
    if (within)
        return result;
    result.mixture = projected(mixture, lower, upper);
    result.changed = true;
    for (std::size_t k = 0; k < numDomains; ++k)
        result.capped[k] = capped && mixture[k] > upper[k] + kRounding;
    return result;
}

} // namespace krater
