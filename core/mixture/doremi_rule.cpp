// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/mixture/doremi_rule.h"

#include "core/mixture/mixture.h"
#include "core/mixture/policy_support.h"

#include <algorithm>
#include <cmath>

namespace krater {

DoremiState doremiStart(std::span<const double> weights, double vocabulary)
{
    DoremiState state;
    state.weights.assign(weights.begin(), weights.end());
    state.scores.assign(weights.size(), std::log(vocabulary));
    state.average = state.weights;
    return state;
}

DoremiState doremiUpdate(DoremiState state, const DoremiBatch &batch, double eta, double smoothing)
{
    const std::size_t numDomains = state.weights.size();
    std::vector<double> sums(numDomains, 0.0), tokens(numDomains, 0.0);
    for (std::size_t i = 0; i < batch.domains.size(); ++i) {
        if (!batch.counts[i])
            continue;
        sums[batch.domains[i]] += std::max(batch.proxyLosses[i] - batch.referenceLosses[i], 0.0);
        tokens[batch.domains[i]] += 1.0;
    }
    std::vector<double> logits(numDomains);
    for (std::size_t k = 0; k < numDomains; ++k) {
        if (tokens[k] > 0.0)
            state.scores[k] = sums[k] / tokens[k];
        logits[k] = std::log(state.weights[k]) + eta * state.scores[k];
    }
    boundLogits(logits);
    const Mixture mixture = Mixture::softmax(logits).withFloor(smoothing / static_cast<double>(numDomains));
    state.weights.assign(mixture.weights().begin(), mixture.weights().end());
    const double before = static_cast<double>(state.numWeights);
    for (std::size_t k = 0; k < numDomains; ++k)
        state.average[k] = (state.average[k] * before + state.weights[k]) / (before + 1.0);
    ++state.numWeights;
    return state;
}

std::vector<double> doremiTokenWeights(const DoremiBatch &batch, std::span<const double> weights,
                                       std::span<const double> samplingWeights, DoremiNormalisation normalisation)
{
    const std::size_t numDomains = weights.size();
    std::vector<double> perToken(numDomains, 0.0), tokens(numDomains, 0.0);
    for (std::size_t i = 0; i < batch.domains.size(); ++i)
        tokens[batch.domains[i]] += batch.counts[i] ? 1.0 : 0.0;
    double sum = 0.0;
    for (std::size_t k = 0; k < numDomains; ++k) {
        if (tokens[k] == 0.0)
            continue;
        perToken[k] =
            normalisation == DoremiNormalisation::Batch ? weights[k] / samplingWeights[k] : weights[k] / tokens[k];
        sum += perToken[k] * tokens[k];
    }
    std::vector<double> result(batch.domains.size(), 0.0);
    for (std::size_t i = 0; i < result.size() && sum > 0.0; ++i)
        if (batch.counts[i])
            result[i] = perToken[batch.domains[i]] / sum;
    return result;
}

} // namespace krater
