// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace krater {

// DoReMi's step (Xie et al. 2023, arXiv 2305.10429), as its code has it (doremi/trainer.py): pure functions of a state and a batch.

// What the rule sees of a batch: all tokens of all sequences, in any order. Losses are nats.
struct DoremiBatch {
    std::vector<std::size_t> domains;    // domain of each token
    std::vector<double> proxyLosses;     // of each token
    std::vector<double> referenceLosses; // of each token, of the reference model on the same text
    std::vector<bool> counts;            // of each token: false where it is masked
};

struct DoremiState {
    std::vector<double> weights;  // K, p: domain weights, which weigh the loss and are not sampled by
    std::vector<double> scores;   // K, nats/token: last excess loss of each domain
    std::vector<double> average;  // K, running mean of the weights, the first ones included: the result
    std::uint64_t numWeights = 1; // in the mean
};

// Scores start at ln V, the loss of a model of V tokens that knows nothing.
DoremiState doremiStart(std::span<const double> weights, double vocabulary);

// score_k <- mean over the domain's tokens of max(proxy - reference, 0): clipped per token, before the mean; a domain that is not in the batch
// keeps its score, which moves its weight all the same. p <- (1-c) softmax(log p + eta score) + c/K; the mean takes p in.
DoremiState doremiUpdate(DoremiState state, const DoremiBatch &batch, double eta, double smoothing);

enum class DoremiNormalisation { Batch, Domain };

// What each token's loss is multiplied with before the sum, so that the sum is the loss of the batch; 0 where masked.
// Batch (the code): w_k = (p_k/q_k) / sum_j (p_j/q_j), q the sampling weights, divided by the sum over all counted tokens.
// Domain (the paper's equation 1): p_k over the tokens of domain k, among the domains in the batch.
std::vector<double> doremiTokenWeights(const DoremiBatch &batch, std::span<const double> weights,
                                       std::span<const double> samplingWeights, DoremiNormalisation normalisation);

} // namespace krater
