// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace krater {

// The scores of some queries of one sequence and head against the keys that they may see: a tile of [numQueries,
// numKeys] in rows of `stride` floats. Query r stands at position firstQuery + r and sees the keys 0 to firstQuery +
// r.
struct ScoreTile {
    std::size_t firstQuery = 0;
    std::size_t numQueries = 0;
    std::size_t numKeys = 0; // firstQuery + numQueries
    std::size_t stride = 0;
    float scale = 1; // of the scores, 1/sqrt(head width)
};

// The inner loops of the CPU network, compiled once for each instruction set (kernels.cpp). All matrices are row-major
// fp32 without gaps between rows unless a stride is given. Nothing here allocates or throws; sums have a fixed order,
// so that equal arguments give equal bits.
struct Kernels {
    const char *instructionSet;

    // y = (x - mean) / sqrt(variance + 1e-5) * gain for each row (Ba, Kiros and Hinton, "Layer Normalization", 2016,
    // eq. 4; no bias).
    void (*layerNorm)(std::size_t numRows, std::size_t width, const float *x, const float *gain, float *y, float *mean,
                      float *rstd);
    // dx += the gradient through it, given dy.
    void (*layerNormBackward)(std::size_t numRows, std::size_t width, const float *x, const float *gain,
                              const float *mean, const float *rstd, const float *dy, float *dx);
    // dgain[i] += sum over rows of dy * normalised x, for the columns first <= i < last.
    void (*layerNormGain)(std::size_t numRows, std::size_t width, const float *x, const float *mean, const float *rstd,
                          const float *dy, std::size_t first, std::size_t last, float *dgain);

    // y = gelu(x) in its tanh form, x = gelu'(x) (Hendrycks and Gimpel, "Gaussian Error Linear Units", 2016, section
    // 2).
    void (*gelu)(std::size_t size, float *x, float *y);
    void (*multiply)(std::size_t size, const float *factor, float *x); // x *= factor
    void (*add)(std::size_t size, const float *term, float *x);        // x += term

    // scores = exp(scale * score - its row's maximum), 0 for keys that are not seen; rowScale = 1 / row sum,
    // logSum = log of the row's sum of exp(scale * score).
    void (*softmax)(const ScoreTile &tile, float *scores, float *rowScale, float *logSum);
    void (*scaleRows)(std::size_t numRows, std::size_t width, std::size_t stride, const float *rowScale, float *x);
    // delta = row sums of a * b.
    void (*rowDots)(std::size_t numRows, std::size_t width, std::size_t strideA, const float *a, std::size_t strideB,
                    const float *b, float *delta);
    // scores = probabilities, dProbabilities = gradient of the scores (Dao et al., "FlashAttention", 2022, algorithm
    // 4).
    void (*softmaxBackward)(const ScoreTile &tile, const float *logSum, const float *delta, float *scores,
                            float *dProbabilities);

    // losses[r] = -log softmax(logits[r])[targets[r]]; then, if there are any `gradientScales` [numRows], logits[r] =
    // gradientScales[r] * gradient of the loss.
    void (*crossEntropy)(std::size_t numRows, std::size_t vocabulary, std::size_t stride, const std::uint16_t *targets,
                         const float *gradientScales, float *logits, float *losses);
};

// Those that this machine runs, the fastest first. Any thread.
std::span<const Kernels *const> usableKernels();
inline const Kernels &bestKernels()
{
    return *usableKernels().front();
}

} // namespace krater
