// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/nn/cpu_block.h"

#include "core/nn/cpu_backend.h"
#include "core/nn/kernels.h"

#include <algorithm>
#include <cmath>

// Softmax(Q K^T / sqrt(D)) V in tiles of queries against all keys that they may see, so that half of the scores is
// never computed. The backward pass computes the probabilities again from the kept log-sums instead of storing them
// (Dao et al., "FlashAttention", 2022, section 3.1).

namespace krater {
namespace {

constexpr std::size_t kTileQueries = 64;

std::size_t paddedLength(std::size_t length)
{
    return (length + 15) / 16 * 16;
}

// One head of one sequence: rows are `stride` floats apart.
struct Head {
    std::size_t length = 0;    // T
    std::size_t width = 0;     // D
    std::size_t stride = 0;    // 3C, of q, k, v and their gradients
    std::size_t outStride = 0; // C, of attended and its gradient
};

ScoreTile tileAt(const Head &head, std::size_t firstQuery)
{
    const std::size_t last = std::min(head.length, firstQuery + kTileQueries);
    return {.firstQuery = firstQuery,
            .numQueries = last - firstQuery,
            .numKeys = last,
            .stride = paddedLength(head.length),
            .scale = 1.0F / std::sqrt(static_cast<float>(head.width))};
}

void headForward(const Kernels &kernels, const Head &head, const float *q, const float *k, const float *v,
                 float *scores, float *rowScale, float *logSums, float *out)
{
    for (std::size_t first = 0; first < head.length; first += kTileQueries) {
        const ScoreTile tile = tileAt(head, first);
        const std::size_t rows = tile.numQueries;
        float *tileOut = out + first * head.outStride;
        multiply(rows, tile.numKeys, head.width, {q + first * head.stride, head.stride}, {k, head.stride, true}, 0,
                 scores, tile.stride);
        kernels.softmax(tile, scores, rowScale, logSums + first);
        multiply(rows, head.width, tile.numKeys, {scores, tile.stride}, {v, head.stride}, 0, tileOut, head.outStride);
        kernels.scaleRows(rows, head.width, head.outStride, rowScale, tileOut);
    }
}

struct HeadGradients {
    const float *dOut = nullptr; // [T, D], rows outStride apart
    float *dQ = nullptr;         // [T, D], rows stride apart, like the next two
    float *dK = nullptr;
    float *dV = nullptr;
};

void headBackward(const Kernels &kernels, const Head &head, const float *q, const float *k, const float *v,
                  const float *out, const float *logSums, const HeadGradients &gradients, float *scores, float *dScores,
                  float *delta)
{
    // From the last tile, which sees all keys, to the first: the last one then initialises dK and dV.
    const std::size_t numTiles = (head.length + kTileQueries - 1) / kTileQueries;
    for (std::size_t i = numTiles; i-- > 0;) {
        const ScoreTile tile = tileAt(head, i * kTileQueries);
        const std::size_t rows = tile.numQueries;
        const std::size_t keys = tile.numKeys;
        const float *tileQ = q + tile.firstQuery * head.stride;
        const float *tileDOut = gradients.dOut + tile.firstQuery * head.outStride;
        const float keep = i + 1 == numTiles ? 0.0F : 1.0F;

        multiply(rows, keys, head.width, {tileQ, head.stride}, {k, head.stride, true}, 0, scores, tile.stride);
        multiply(rows, keys, head.width, {tileDOut, head.outStride}, {v, head.stride, true}, 0, dScores, tile.stride);
        kernels.rowDots(rows, head.width, head.outStride, tileDOut, head.outStride,
                        out + tile.firstQuery * head.outStride, delta);
        kernels.softmaxBackward(tile, logSums + tile.firstQuery, delta, scores, dScores);
        multiply(keys, head.width, rows, {scores, tile.stride, true}, {tileDOut, head.outStride}, keep, gradients.dV,
                 head.stride);
        multiply(keys, head.width, rows, {dScores, tile.stride, true}, {tileQ, head.stride}, keep, gradients.dK,
                 head.stride);
        multiply(rows, head.width, keys, {dScores, tile.stride}, {k, head.stride}, 0,
                 gradients.dQ + tile.firstQuery * head.stride, head.stride);
    }
}

Head headOf(const ChunkShape &shape)
{
    return {.length = shape.length, .width = shape.headWidth(), .stride = 3 * shape.width, .outStride = shape.width};
}

} // namespace

std::size_t tileFloats(std::size_t length)
{
    return 2 * kTileQueries * paddedLength(length) + kTileQueries;
}

void attentionForward(const Kernels &kernels, const ChunkShape &shape, const BlockActivations &activations,
                      const BlockScratch &scratch)
{
    const Head head = headOf(shape);
    parallelFor(shape.numSequences * shape.heads, 1, [&](std::size_t begin, std::size_t end, std::size_t slot) {
        float *scores = scratch.tiles + slot * tileFloats(shape.length);
        float *rowScale = scores + 2 * kTileQueries * paddedLength(shape.length);
        for (std::size_t i = begin; i < end; ++i) {
            const std::size_t row = i / shape.heads * shape.length;
            const std::size_t column = i % shape.heads * head.width;
            const float *q = activations.qkv + row * head.stride + column;
            headForward(kernels, head, q, q + shape.width, q + 2 * shape.width, scores, rowScale,
                        activations.logSums + i * shape.length, activations.attended + row * head.outStride + column);
        }
    });
}

void attentionBackward(const Kernels &kernels, const ChunkShape &shape, const BlockActivations &activations,
                       const BlockScratch &scratch, const float *dAttended)
{
    const Head head = headOf(shape);
    parallelFor(shape.numSequences * shape.heads, 1, [&](std::size_t begin, std::size_t end, std::size_t slot) {
        float *scores = scratch.tiles + slot * tileFloats(shape.length);
        float *dScores = scores + kTileQueries * paddedLength(shape.length);
        float *delta = dScores + kTileQueries * paddedLength(shape.length);
        for (std::size_t i = begin; i < end; ++i) {
            const std::size_t row = i / shape.heads * shape.length;
            const std::size_t column = i % shape.heads * head.width;
            const float *q = activations.qkv + row * head.stride + column;
            float *dQ = scratch.dQkv + row * head.stride + column;
            const std::size_t outAt = row * head.outStride + column;
            const HeadGradients gradients{dAttended + outAt, dQ, dQ + shape.width, dQ + 2 * shape.width};
            headBackward(kernels, head, q, q + shape.width, q + 2 * shape.width, activations.attended + outAt,
                         activations.logSums + i * shape.length, gradients, scores, dScores, delta);
        }
    });
}

} // namespace krater
