// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/nn/cpu_block.h"

#include "core/nn/cpu_backend.h"
#include "core/nn/kernels.h"

#include <algorithm>

namespace krater {
namespace {

// Least size of a piece of parallelFor(), which divides work only where one worker has all threads.
constexpr std::size_t kGrainRows = 32;
constexpr std::size_t kGrainColumns = 32;
constexpr std::size_t kGrainFloats = 16'384;

// to[M, C] = from
void copyStream(const ChunkShape &shape, const float *from, float *to)
{
    parallelFor(shape.numRows() * shape.width, kGrainFloats, [&](std::size_t begin, std::size_t end, std::size_t) {
        std::copy(from + begin, from + end, to + begin);
    });
}

} // namespace

void normForward(const Kernels &kernels, const ChunkShape &shape, const float *gain, const NormActivations &norm)
{
    parallelFor(shape.numRows(), kGrainRows, [&](std::size_t begin, std::size_t end, std::size_t) {
        const std::size_t first = begin * shape.width;
        kernels.layerNorm(end - begin, shape.width, norm.input + first, gain, norm.output + first, norm.mean + begin,
                          norm.rstd + begin);
    });
}

void normBackward(const Kernels &kernels, const ChunkShape &shape, const float *gain, const NormActivations &norm,
                  const float *dOutput, float *dStream, float *dGain)
{
    parallelFor(shape.numRows(), kGrainRows, [&](std::size_t begin, std::size_t end, std::size_t) {
        const std::size_t first = begin * shape.width;
        kernels.layerNormBackward(end - begin, shape.width, norm.input + first, gain, norm.mean + begin,
                                  norm.rstd + begin, dOutput + first, dStream + first);
    });
    parallelFor(shape.width, kGrainColumns, [&](std::size_t begin, std::size_t end, std::size_t) {
        kernels.layerNormGain(shape.numRows(), shape.width, norm.input, norm.mean, norm.rstd, dOutput, begin, end,
                              dGain);
    });
}

void blockForward(const Kernels &kernels, const ChunkShape &shape, const BlockOffsets &offsets, const float *values,
                  const BlockActivations &activations, const BlockScratch &scratch, float *output)
{
    const std::size_t rows = shape.numRows();
    const std::size_t width = shape.width;
    const float *input = activations.attentionNorm.input;
    float *middle = activations.feedForwardNorm.input;

    normForward(kernels, shape, values + offsets.attentionNorm, activations.attentionNorm);
    multiply(rows, 3 * width, width, {activations.attentionNorm.output, width}, {values + offsets.attention, 3 * width},
             0, activations.qkv, 3 * width);
    attentionForward(kernels, shape, activations, scratch);
    copyStream(shape, input, middle);
    multiply(rows, width, width, {activations.attended, width}, {values + offsets.attentionOut, width}, 1, middle,
             width);

    normForward(kernels, shape, values + offsets.feedForwardNorm, activations.feedForwardNorm);
    multiply(rows, 4 * width, width, {activations.feedForwardNorm.output, width}, {values + offsets.expand, 4 * width},
             0, activations.expanded, 4 * width);
    parallelFor(rows * 4 * width, kGrainFloats, [&](std::size_t begin, std::size_t end, std::size_t) {
        kernels.gelu(end - begin, activations.expanded + begin, activations.activated + begin);
    });
    copyStream(shape, middle, output);
    multiply(rows, width, 4 * width, {activations.activated, 4 * width}, {values + offsets.contract, width}, 1, output,
             width);
}

namespace {

void feedForwardBackward(const Kernels &kernels, const ChunkShape &shape, const BlockOffsets &offsets,
                         const float *values, const BlockActivations &activations, const BlockScratch &scratch,
                         float *dStream, float *gradient)
{
    const std::size_t rows = shape.numRows();
    const std::size_t width = shape.width;
    const std::size_t wide = 4 * width;

    multiply(wide, width, rows, {activations.activated, wide, true}, {dStream, width}, 1, gradient + offsets.contract,
             width);
    multiply(rows, wide, width, {dStream, width}, {values + offsets.contract, width, true}, 0, scratch.dExpanded, wide);
    parallelFor(rows * wide, kGrainFloats, [&](std::size_t begin, std::size_t end, std::size_t) {
        kernels.multiply(end - begin, activations.expanded + begin, scratch.dExpanded + begin);
    });
    multiply(width, wide, rows, {activations.feedForwardNorm.output, width, true}, {scratch.dExpanded, wide}, 1,
             gradient + offsets.expand, wide);
    multiply(rows, width, wide, {scratch.dExpanded, wide}, {values + offsets.expand, wide, true}, 0, scratch.dNormed,
             width);
    normBackward(kernels, shape, values + offsets.feedForwardNorm, activations.feedForwardNorm, scratch.dNormed,
                 dStream, gradient + offsets.feedForwardNorm);
}

} // namespace

void blockBackward(const Kernels &kernels, const ChunkShape &shape, const BlockOffsets &offsets, const float *values,
                   const BlockActivations &activations, const BlockScratch &scratch, float *dStream, float *gradient)
{
    const std::size_t rows = shape.numRows();
    const std::size_t width = shape.width;
    feedForwardBackward(kernels, shape, offsets, values, activations, scratch, dStream, gradient);

    multiply(width, width, rows, {activations.attended, width, true}, {dStream, width}, 1,
             gradient + offsets.attentionOut, width);
    multiply(rows, width, width, {dStream, width}, {values + offsets.attentionOut, width, true}, 0, scratch.dNormed,
             width);
    attentionBackward(kernels, shape, activations, scratch, scratch.dNormed);
    multiply(width, 3 * width, rows, {activations.attentionNorm.output, width, true}, {scratch.dQkv, 3 * width}, 1,
             gradient + offsets.attention, 3 * width);
    multiply(rows, width, 3 * width, {scratch.dQkv, 3 * width}, {values + offsets.attention, 3 * width, true}, 0,
             scratch.dNormed, width);
    normBackward(kernels, shape, values + offsets.attentionNorm, activations.attentionNorm, scratch.dNormed, dStream,
                 gradient + offsets.attentionNorm);
}

} // namespace krater
