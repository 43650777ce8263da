// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/sampling/batch.h"

namespace at {
class Tensor;
}

namespace krater {

// A GPT-2 that computes losses and their gradient from weights that it reads in an arena (parameter_layout.h). Two
// kinds: CpuNetwork, hand-written for fp32 on the CPU, and TensorNetwork, on LibTorch's own operators for everything
// else. The trainer's thread only. Batches are validated by the caller.
class Network {
public:
    virtual ~Network() = default;

    // [B] float64 on the weights' device: mean nats per token of each sequence.
    virtual at::Tensor losses(const Batch &batch) = 0;
    // The same, and in the gradient arena, where it replaces what was there, the gradient of their sum with the factors
    // `sequenceWeights` [B]; of their mean without.
    virtual at::Tensor lossesAndGradient(const Batch &batch, std::span<const double> sequenceWeights) = 0;
    // [B, T] fp32 on the weights' device: nats of each token.
    virtual at::Tensor tokenLosses(const Batch &batch) = 0;
    // [V] fp32 on the weights' device: of the token after those given, 1 to context of them.
    virtual at::Tensor nextTokenLogits(std::span<const TokenId> tokens) = 0;
};

} // namespace krater
