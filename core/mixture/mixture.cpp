// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/mixture/mixture.h"

#include "core/base/error.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace krater {

namespace {

constexpr double kRounding = 1e-12; // how far from 1 the sum of a mixture's weights may be

void requireDomains(std::size_t numDomains)
{
    if (numDomains == 0)
        throw Error("A mixture needs at least one domain.", "Add a domain.");
}

} // namespace

Mixture Mixture::uniform(std::size_t numDomains)
{
    requireDomains(numDomains);
    return Mixture(std::vector<double>(numDomains, 1.0 / static_cast<double>(numDomains)));
}

Mixture Mixture::natural(std::span<const double> tokens)
{
    return fromWeights(tokens);
}

Mixture Mixture::temperature(std::span<const double> tokens, double temperature)
{
    if (!(temperature > 0.0) || std::isinf(temperature))
        throw Error(fmt::format("The temperature of a mixture is {}.", temperature), "Temperatures are numbers above 0.");
    const Mixture shares = natural(tokens);
    std::vector<double> logits(shares.numDomains());
    std::ranges::transform(shares.m_weights, logits.begin(), [=](double share) { return std::log(share) / temperature; });
    return softmax(logits);
}

Mixture Mixture::fromWeights(std::span<const double> weights)
{
    requireDomains(weights.size());
    double largest = 0.0;
    for (std::size_t k = 0; k < weights.size(); ++k) {
        if (!std::isfinite(weights[k]) || weights[k] < 0.0)
            throw Error(fmt::format("The weight of domain {} is {}.", k, weights[k]), "Weights are numbers from 0 up.");
        largest = std::max(largest, weights[k]);
    }
    if (largest == 0.0)
        throw Error("All weights of the mixture are 0.", "Give at least one domain a weight above 0.");
    // + 0.0 turns -0.0 into 0.0. What sums to 1 already is kept to the last bit: a mixture out of a checkpoint is the one that went in.
    std::vector<double> shares(weights.size());
    std::ranges::transform(weights, shares.begin(), [](double weight) { return weight + 0.0; });
    if (std::abs(std::accumulate(shares.begin(), shares.end(), 0.0) - 1.0) <= kRounding)
        return Mixture(std::move(shares));
    for (double &share : shares) // divided by the largest first, so that the sum cannot overflow
        share /= largest;
    const double sum = std::accumulate(shares.begin(), shares.end(), 0.0);
    for (double &share : shares)
        share /= sum;
    return Mixture(std::move(shares));
}

Mixture Mixture::softmax(std::span<const double> logits)
{
    requireDomains(logits.size());
    for (std::size_t k = 0; k < logits.size(); ++k)
        if (std::isnan(logits[k]) || logits[k] == std::numeric_limits<double>::infinity())
            throw Error(fmt::format("The log weight of domain {} is {}.", k, logits[k]));
    const double largest = std::ranges::max(logits);
    if (std::isinf(largest))
        throw Error("All weights of the mixture are 0.", "Give at least one domain a weight above 0.");
    std::vector<double> weights(logits.size());
    std::ranges::transform(logits, weights.begin(), [=](double logit) { return std::exp(logit - largest); });
    return fromWeights(weights);
}

double Mixture::entropyNats() const
{
    double entropy = 0.0;
    for (const double p : m_weights)
        if (p > 0.0)
            entropy -= p * std::log(p);
    return std::max(entropy, 0.0);
}

double Mixture::effectiveDomains() const
{
    return std::exp(entropyNats());
}

double Mixture::l1Distance(const Mixture &other) const
{
    double distance = 0.0;
    for (std::size_t k = 0; k < m_weights.size(); ++k)
        distance += std::abs(m_weights[k] - other.m_weights.at(k));
    return distance;
}

double Mixture::klDivergence(const Mixture &reference) const
{
    double divergence = 0.0;
    for (std::size_t k = 0; k < m_weights.size(); ++k) {
        if (m_weights[k] == 0.0)
            continue;
        if (reference.m_weights.at(k) == 0.0)
            return std::numeric_limits<double>::infinity();
        divergence += m_weights[k] * std::log(m_weights[k] / reference.m_weights[k]);
    }
    return std::max(divergence, 0.0);
}

Mixture Mixture::withFloor(double floor) const
{
    const double numDomains = static_cast<double>(m_weights.size());
    // 1/K in floating point may be a rounding above what K times it gives.
    if (!(floor >= 0.0) || floor * numDomains > 1.0 + 1e-9)
        throw Error(fmt::format("A floor of {} does not fit {} domains.", floor, m_weights.size()),
                    fmt::format("Use a floor from 0 to {:.6g}.", 1.0 / numDomains));
    const double kept = std::max(1.0 - numDomains * floor, 0.0);
    std::vector<double> weights(m_weights.size());
    std::ranges::transform(m_weights, weights.begin(), [=](double p) { return kept * p + floor; });
    return fromWeights(weights);
}

Mixture Mixture::withWeight(std::size_t domain, double weight, const std::vector<bool> &locked) const
{
    if (domain >= m_weights.size() || locked.size() != m_weights.size())
        throw Error(fmt::format("Domain {} does not fit a mixture of {} domains.", domain, m_weights.size()));
    if (!std::isfinite(weight))
        throw Error(fmt::format("The weight of domain {} is {}.", domain, weight), "Weights are numbers from 0 to 1.");

    double available = 1.0; // what the locked ones leave
    double rest = 0.0;      // what the others that may move hold
    std::size_t numRest = 0;
    for (std::size_t k = 0; k < m_weights.size(); ++k) {
        if (k == domain)
            continue;
        if (locked[k]) {
            available -= m_weights[k];
        } else {
            rest += m_weights[k];
            ++numRest;
        }
    }
    if (numRest == 0)
        return *this;
    available = std::max(available, 0.0);
    const double chosen = std::clamp(weight, 0.0, available);

    std::vector<double> weights = m_weights;
    weights[domain] = chosen;
    for (std::size_t k = 0; k < weights.size(); ++k)
        if (k != domain && !locked[k])
            weights[k] = rest > 0.0 ? m_weights[k] / rest * (available - chosen) : (available - chosen) / static_cast<double>(numRest);
    return fromWeights(weights);
}

} // namespace krater
