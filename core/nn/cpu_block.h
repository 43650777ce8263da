// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/nn/parameter_layout.h"

#include <cstddef>

namespace krater {

struct Kernels;

// Sequences that pass through the network together: M = sequences x length rows. A plain value.
struct ChunkShape {
    std::size_t numSequences = 0;
    std::size_t length = 0; // T, tokens of each
    std::size_t width = 0;  // C
    std::size_t heads = 0;  // H

    std::size_t numRows() const { return numSequences * length; } // M
    std::size_t headWidth() const { return width / heads; }       // D
};

// A norm's arguments and results, as its backward pass needs them.
struct NormActivations {
    float *input = nullptr;  // [M, C]
    float *output = nullptr; // [M, C]
    float *mean = nullptr;   // [M]
    float *rstd = nullptr;   // [M]
};

// What one block's backward pass needs of its forward pass.
struct BlockActivations {
    NormActivations attentionNorm;   // its input is the block's
    float *qkv = nullptr;            // [M, 3C]
    float *logSums = nullptr;        // [sequences, H, T] of attention's softmax
    float *attended = nullptr;       // [M, C]
    NormActivations feedForwardNorm; // its input is the residual stream between attention and feed-forward
    float *expanded = nullptr;       // [M, 4C] before gelu, then gelu's derivative there
    float *activated = nullptr;      // [M, 4C]
};

// Room for what lives only while one block runs.
struct BlockScratch {
    float *tiles = nullptr;     // [slots, tileFloats()]
    float *dNormed = nullptr;   // [M, C]
    float *dQkv = nullptr;      // [M, 3C]
    float *dExpanded = nullptr; // [M, 4C]
};

// Floats of attention's working memory for each slot of parallelFor(), for sequences of up to `length` tokens.
std::size_t tileFloats(std::size_t length);

// output[M, C] = middle + feedForward(norm(middle)) with middle = input + attention(norm(input)).
void blockForward(const Kernels &kernels, const ChunkShape &shape, const BlockOffsets &offsets, const float *values,
                  const BlockActivations &activations, const BlockScratch &scratch, float *output);

// dStream[M, C]: the gradient of the output on entry, of the input on return. Adds the weights' gradients to the arena
// `gradient`.
void blockBackward(const Kernels &kernels, const ChunkShape &shape, const BlockOffsets &offsets, const float *values,
                   const BlockActivations &activations, const BlockScratch &scratch, float *dStream, float *gradient);

// Causal self-attention of all heads: attended[M, C] from qkv; and back, dQkv[M, 3C] from the gradient of attended.
void attentionForward(const Kernels &kernels, const ChunkShape &shape, const BlockActivations &activations,
                      const BlockScratch &scratch);
void attentionBackward(const Kernels &kernels, const ChunkShape &shape, const BlockActivations &activations,
                       const BlockScratch &scratch, const float *dAttended);

void normForward(const Kernels &kernels, const ChunkShape &shape, const float *gain, const NormActivations &norm);
// dStream += the gradient of the norm's input, dGain += its own, from the gradient of its output.
void normBackward(const Kernels &kernels, const ChunkShape &shape, const float *gain, const NormActivations &norm,
                  const float *dOutput, float *dStream, float *dGain);

} // namespace krater
