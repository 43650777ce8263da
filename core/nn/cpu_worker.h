// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/nn/cpu_backend.h"
#include "core/nn/cpu_block.h"
#include "core/sampling/batch.h"

#include <span>
#include <vector>

namespace krater {

// Takes sequences through the whole network and back, a few at a time so that their activations stay in the core's
// cache. Owns the memory for that and reuses it. One thread at a time; different workers at the same time.
class CpuWorker {
public:
    struct Limits {
        std::size_t numSequences = 1; // at once
        std::size_t length = 1;       // rows of each: prompt vectors and tokens
        std::size_t numSlots = 1;     // of parallelFor()
    };

    // Sequences first <= i < last of the batch.
    struct Task {
        const Batch *batch = nullptr;
        std::size_t first = 0;
        std::size_t last = 0;
        double *losses = nullptr;     // [B], written for those sequences: mean nats per token
        float *tokenLosses = nullptr; // [B, T], the same: nats; none: not wanted
        float *gradient = nullptr;    // arena, added to; none: forward only
        // [B]: the gradient is that of the sum over all tokens of gradientScales[its sequence] * its nats.
        const float *gradientScales = nullptr;
    };

    CpuWorker(const ParameterLayout &layout, const Kernels &kernels, const Limits &limits); // throws std::bad_alloc
    static std::uint64_t numBytes(const ParameterLayout &layout, const Kernels &kernels, const Limits &limits);

    void run(const float *values, const Task &task);
    // [V], of the token after those given: 1 to Limits::length without the prompt.
    void nextTokenLogits(const float *values, std::span<const TokenId> tokens, float *logits);

private:
    struct Counting { };
    CpuWorker(const ParameterLayout &layout, const Kernels &kernels, const Limits &limits, Counting); // takes no memory
    void plan();
    float *take(std::size_t numFloats);
    NormActivations takeNorm(float *input);
    void useShape(std::size_t numSequences, std::size_t numTokens);
    void load(const Task &task, std::size_t first);
    void forward(const float *values, bool keep);
    void embed(const float *values);
    void embedBackward(float *gradient);
    void head(const float *values, const Task &task);
    void writeLosses(const Task &task, std::size_t first) const;

    const ParameterLayout &m_layout;
    const Kernels &m_kernels;
    Limits m_limits;
    std::size_t m_logitRows = 0;   // rows of logits at once
    std::size_t m_logitStride = 0; // V, rounded up to a cache line

    AlignedFloats m_memory;
    std::size_t m_taken = 0; // floats
    std::vector<BlockActivations> m_blocks;
    NormActivations m_finalNorm;
    BlockScratch m_scratch;
    float *m_dStream = nullptr;   // [M, C]
    float *m_logits = nullptr;    // [logit rows, stride]
    float *m_rowLosses = nullptr; // [M] nats
    float *m_rowScales = nullptr; // [M] of the gradient

    ChunkShape m_shape;             // of the sequences in work
    std::vector<TokenId> m_inputs;  // [M]
    std::vector<TokenId> m_targets; // [M]
};

} // namespace krater
