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
    // The same, and the gradient of their mean in the gradient arena, where it replaces what was there.
    virtual at::Tensor lossesAndGradient(const Batch &batch) = 0;
};

} // namespace krater
