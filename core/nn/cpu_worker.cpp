// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/nn/cpu_worker.h"

#include "core/nn/kernels.h"

#include <algorithm>

namespace krater {
namespace {

constexpr std::size_t kAlignment = 16; // floats in a cache line
constexpr std::size_t kGrainRows = 32;
// Logits are made and used up in pieces of about 16 MB: memory stays bounded for large vocabularies, and a piece is
// still large enough not to read and write the embedding's gradient too often.
constexpr std::size_t kLogitFloats = 4'194'304;
constexpr std::size_t kMinLogitRows = 64;

std::size_t roundUp(std::size_t size)
{
    return (size + kAlignment - 1) / kAlignment * kAlignment;
}

} // namespace

CpuWorker::CpuWorker(const ParameterLayout &layout, const Kernels &kernels, const Limits &limits, Counting)
    : m_layout(layout)
    , m_kernels(kernels)
    , m_limits(limits)
{
    const std::size_t rows = limits.numSequences * limits.length;
    m_logitStride = roundUp(layout.vocabulary());
    m_logitRows = std::min(rows, std::max(kMinLogitRows, kLogitFloats / m_logitStride));
    plan();
}

CpuWorker::CpuWorker(const ParameterLayout &layout, const Kernels &kernels, const Limits &limits)
    : CpuWorker(layout, kernels, limits, Counting{})
{
    m_inputs.resize(limits.numSequences * limits.length);
    m_targets.resize(limits.numSequences * limits.length);
    m_memory = AlignedFloats(m_taken);
    plan();
}

std::uint64_t CpuWorker::numBytes(const ParameterLayout &layout, const Kernels &kernels, const Limits &limits)
{
    return CpuWorker(layout, kernels, limits, Counting{}).m_taken * sizeof(float);
}

// Divides the memory up.
void CpuWorker::plan()
{
    const auto width = static_cast<std::size_t>(m_layout.model().width);
    const auto heads = static_cast<std::size_t>(m_layout.model().heads);
    const std::size_t rows = m_limits.numSequences * m_limits.length;
    m_taken = 0;
    m_blocks.assign(m_layout.blocks().size(), {});
    for (BlockActivations &block : m_blocks) {
        block.attentionNorm = takeNorm(take(rows * width));
        block.qkv = take(rows * 3 * width);
        block.logSums = take(rows * heads);
        block.attended = take(rows * width);
        block.feedForwardNorm = takeNorm(take(rows * width));
        block.expanded = take(rows * 4 * width);
        block.activated = take(rows * 4 * width);
    }
    m_finalNorm = takeNorm(take(rows * width));
    m_scratch.tiles = take(m_limits.numSlots * tileFloats(m_limits.length));
    m_scratch.dNormed = take(rows * width);
    m_scratch.dQkv = take(rows * 3 * width);
    m_scratch.dExpanded = take(rows * 4 * width);
    m_dStream = take(rows * width);
    m_logits = take(m_logitRows * m_logitStride);
    m_rowLosses = take(rows);
    m_rowScales = take(rows);
}

float *CpuWorker::take(std::size_t numFloats)
{
    float *start = m_memory.size() > 0 ? m_memory.data() + m_taken : nullptr;
    m_taken += roundUp(numFloats);
    return start;
}

NormActivations CpuWorker::takeNorm(float *input)
{
    const std::size_t rows = m_limits.numSequences * m_limits.length;
    const auto width = static_cast<std::size_t>(m_layout.model().width);
    return {.input = input, .output = take(rows * width), .mean = take(rows), .rstd = take(rows)};
}

void CpuWorker::run(const float *values, const Task &task)
{
    for (std::size_t first = task.first; first < task.last; first += m_limits.numSequences) {
        useShape(std::min(m_limits.numSequences, task.last - first), task.batch->context);
        load(task, first);
        forward(values, task.gradient != nullptr);
        head(values, task);
        writeLosses(task, first);
        if (task.gradient == nullptr)
            continue;
        normBackward(m_kernels, m_shape, values + m_layout.finalNorm(), m_finalNorm, m_scratch.dNormed, m_dStream,
                     task.gradient + m_layout.finalNorm());
        for (std::size_t i = m_blocks.size(); i-- > 0;)
            blockBackward(m_kernels, m_shape, m_layout.blocks()[i], values, m_blocks[i], m_scratch, m_dStream,
                          task.gradient);
        embedBackward(task.gradient);
    }
}

void CpuWorker::nextTokenLogits(const float *values, std::span<const TokenId> tokens, float *logits)
{
    const std::size_t width = static_cast<std::size_t>(m_layout.model().width);
    useShape(1, tokens.size());
    std::copy(tokens.begin(), tokens.end(), m_inputs.begin() + static_cast<std::ptrdiff_t>(m_layout.promptLength()));
    forward(values, false);
    multiply(1, m_layout.vocabulary(), width, {m_finalNorm.output + (m_shape.length - 1) * width, width},
             {values + m_layout.tokenEmbedding(), width, true}, 0, logits, m_layout.vocabulary());
}

void CpuWorker::useShape(std::size_t numSequences, std::size_t numTokens)
{
    m_shape = {.numSequences = numSequences,
               .length = m_layout.promptLength() + numTokens,
               .width = static_cast<std::size_t>(m_layout.model().width),
               .heads = static_cast<std::size_t>(m_layout.model().heads)};
}

// The tokens of the sequences in work, of which the first is the batch's `first`, and their rows' scales. Rows of the
// prompt predict nothing: what stands there for a target (token 0, if nothing else) has the scale 0.
void CpuWorker::load(const Task &task, std::size_t first)
{
    for (std::size_t i = 0; i < m_shape.numSequences; ++i) {
        const auto sequence = task.batch->sequence(first + i); // [T + 1]
        const std::size_t promptRow = i * m_shape.length;
        const std::size_t row = promptRow + m_layout.promptLength();
        std::copy(sequence.begin(), sequence.end() - 1, m_inputs.begin() + static_cast<std::ptrdiff_t>(row));
        std::copy(sequence.begin() + 1, sequence.end(), m_targets.begin() + static_cast<std::ptrdiff_t>(row));
        if (task.gradient == nullptr)
            continue;
        std::fill_n(m_rowScales + promptRow, m_layout.promptLength(), 0.0F);
        std::fill_n(m_rowScales + row, task.batch->context, task.gradientScales[first + i]);
    }
}

// Up to the final norm. Without `keep`, one block's memory serves all of them in turn.
void CpuWorker::forward(const float *values, bool keep)
{
    embed(values);
    for (std::size_t i = 0; i < m_blocks.size(); ++i) {
        const bool last = i + 1 == m_blocks.size();
        BlockActivations &block = m_blocks[keep ? i : 0];
        float *next = keep && !last ? m_blocks[i + 1].attentionNorm.input : block.attentionNorm.input;
        blockForward(m_kernels, m_shape, m_layout.blocks()[i], values, block, m_scratch,
                     last ? m_finalNorm.input : next);
    }
    normForward(m_kernels, m_shape, values + m_layout.finalNorm(), m_finalNorm);
}

void CpuWorker::embed(const float *values)
{
    const std::size_t width = m_shape.width;
    float *stream = m_blocks.front().attentionNorm.input; // [M, C]
    parallelFor(m_shape.numRows(), kGrainRows, [&](std::size_t begin, std::size_t end, std::size_t) {
        for (std::size_t row = begin; row < end; ++row) {
            const std::size_t place = row % m_shape.length;
            const bool isPrompt = place < m_layout.promptLength();
            const float *vector = isPrompt ? values + m_layout.prompt() + place * width
                                           : values + m_layout.tokenEmbedding() + m_inputs[row] * width;
            std::copy(vector, vector + width, stream + row * width);
            if (!isPrompt)
                m_kernels.add(
                    width, values + m_layout.positionEmbedding() + (place - m_layout.promptLength()) * width,
                    stream + row * width);
        }
    });
}

// Row after row on one thread: rows of one token meet in one place.
void CpuWorker::embedBackward(float *gradient)
{
    const std::size_t width = m_shape.width;
    for (std::size_t row = 0; row < m_shape.numRows(); ++row) {
        const float *dRow = m_dStream + row * width;
        const std::size_t place = row % m_shape.length;
        if (place < m_layout.promptLength()) {
            m_kernels.add(width, dRow, gradient + m_layout.prompt() + place * width);
            continue;
        }
        const std::size_t position = place - m_layout.promptLength();
        m_kernels.add(width, dRow, gradient + m_layout.tokenEmbedding() + m_inputs[row] * width);
        m_kernels.add(width, dRow, gradient + m_layout.positionEmbedding() + position * width);
    }
}

// Row losses from the final norm's output and, for training, back to its gradient (in dNormed) with the residual
// stream's set to 0.
void CpuWorker::head(const float *values, const Task &task)
{
    const std::size_t width = m_shape.width;
    const std::size_t vocabulary = m_layout.vocabulary();
    const std::size_t rows = m_shape.numRows();
    const Factor embedding{values + m_layout.tokenEmbedding(), width}; // [V, C]
    for (std::size_t begin = 0; begin < rows; begin += m_logitRows) {
        const std::size_t count = std::min(m_logitRows, rows - begin);
        const float *normed = m_finalNorm.output + begin * width; // [count, C]
        multiply(count, vocabulary, width, {normed, width}, {embedding.data, width, true}, 0, m_logits, m_logitStride);
        parallelFor(count, kGrainRows, [&](std::size_t from, std::size_t to, std::size_t) {
            m_kernels.crossEntropy(to - from, vocabulary, m_logitStride, m_targets.data() + begin + from,
                                   task.gradient != nullptr ? m_rowScales + begin + from : nullptr,
                                   m_logits + from * m_logitStride, m_rowLosses + begin + from);
        });
        if (task.gradient == nullptr)
            continue;
        multiply(vocabulary, width, count, {m_logits, m_logitStride, true}, {normed, width}, 1,
                 task.gradient + m_layout.tokenEmbedding(), width);
        multiply(count, width, vocabulary, {m_logits, m_logitStride}, embedding, 0, m_scratch.dNormed + begin * width,
                 width);
    }
    if (task.gradient != nullptr)
        std::fill(m_dStream, m_dStream + rows * width, 0.0F);
}

void CpuWorker::writeLosses(const Task &task, std::size_t first) const
{
    const std::size_t numTokens = task.batch->context;
    for (std::size_t i = 0; i < m_shape.numSequences; ++i) {
        const float *losses = m_rowLosses + i * m_shape.length + m_layout.promptLength();
        if (task.tokenLosses != nullptr)
            std::copy(losses, losses + numTokens, task.tokenLosses + (first + i) * numTokens);
        double sum = 0;
        for (std::size_t t = 0; t < numTokens; ++t)
            sum += static_cast<double>(losses[t]);
        task.losses[first + i] = sum / static_cast<double>(numTokens);
    }
}

} // namespace krater
