// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/mixture/doge_rule.h"

#include "core/mixture/mixture.h"
#include "core/mixture/policy_support.h"

#include <algorithm>
#include <cmath>

namespace krater {

std::vector<double> DogeState::average() const
{
    std::vector<double> mean = sum;
    for (double &weight : mean)
        weight /= static_cast<double>(std::max<std::uint64_t>(numUpdates, 1));
    return mean;
}

DogeState dogeStart(std::size_t numDomains, const DogeSettings &settings)
{
    DogeState state{std::vector<double>(numDomains, 0.0), std::vector<double>(numDomains, 0.0), 0};
    for (const std::size_t domain : settings.trained)
        state.weights[domain] = 1.0 / static_cast<double>(settings.trained.size());
    return state;
}

std::vector<double> clippedGradient(std::vector<double> gradient, double maxNorm)
{
    double square = 0.0;
    for (const double value : gradient)
        square += value * value;
    const double scale = maxNorm / (std::sqrt(square) + kAddedToNorm);
    if (maxNorm > 0.0 && scale < 1.0)
        for (double &value : gradient)
            value *= scale;
    return gradient;
}

DogeState dogeUpdate(DogeState state, const DogeSettings &settings, const std::vector<std::vector<double>> &products,
                     double learningRate)
{
    double meanNorm = 0.0;
    for (const std::size_t domain : settings.trained)
        meanNorm += std::sqrt(products[domain][domain]) / static_cast<double>(settings.trained.size());
    std::vector<double> logits;
    for (const std::size_t domain : settings.trained) {
        double score = 0.0;
        for (const std::size_t target : settings.targets)
            score += learningRate * products[domain][target];
        score = std::clamp(score / (meanNorm + kAddedToNorm), settings.leastScore * learningRate,
                           settings.mostScore * learningRate);
        logits.push_back(std::log(state.weights[domain]) + score / settings.mu);
    }
    boundLogits(logits);
    const Mixture mixture = Mixture::softmax(logits).withFloor(settings.smoothing / static_cast<double>(logits.size()));
    for (std::size_t i = 0; i < settings.trained.size(); ++i) {
        state.weights[settings.trained[i]] = mixture[i];
        state.sum[settings.trained[i]] += mixture[i];
    }
    ++state.numUpdates;
    return state;
}

} // namespace krater
