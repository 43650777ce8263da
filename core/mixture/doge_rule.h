// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace krater {

// DoGE's step (Fan, Pagliardini and Jaggi 2024, arXiv 2310.15393), as its code has it (src/trainer.py, update_domain_weights_distributed).
// Pure functions; only norms and dot products of the domains' gradients are needed.

struct DogeSettings {
    std::vector<std::size_t> trained; // domains that are sampled and weighted
    std::vector<std::size_t> targets; // domains whose loss shall fall
    double mu = 0.05;                 // of the mirror descent
    double smoothing = 0.0;           // eps
    double leastScore = 0.0;          // times the learning rate
    double mostScore = 5.0;           // times the learning rate
};

struct DogeState {
    std::vector<double> weights; // K, 0 for domains that are not trained
    std::vector<double> sum;     // K, of the weights after each update
    std::uint64_t numUpdates = 0;

    std::vector<double> average() const; // K, the result: the first weights are not in it
};

// Uniform over the trained domains.
DogeState dogeStart(std::size_t numDomains, const DogeSettings &settings);

// A gradient longer than maxNorm is scaled by maxNorm / (norm + this), as torch's clip_grad_norm_ does; the engine's too.
inline constexpr double kAddedToNorm = 1e-6;
// 0: never.
std::vector<double> clippedGradient(std::vector<double> gradient, double maxNorm);

// `products`: [K, K], dot products of the clipped gradients; a domain that is not in the batch keeps its last gradient, at first 0.
// W_k = lr sum over targets <g_k, g_j>, its own product with itself included; divided by the mean norm of the trained domains' gradients + 1e-6;
// held within [least, most] lr. p <- softmax(log p + W/mu), then (1-eps) p + eps/K over the trained domains.
DogeState dogeUpdate(DogeState state, const DogeSettings &settings, const std::vector<std::vector<double>> &products,
                     double learningRate);

} // namespace krater
