// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/nn/cpu_network.h"

#include "core/nn/kernels.h"

#include <ATen/ops/zeros.h>

#include <algorithm>

namespace krater {
namespace {

constexpr std::size_t kChunkRows = 512;               // tokens that a worker takes through the network at once
constexpr std::size_t kGradientFloats = 512UL << 20U; // 2 GiB, of all workers together
constexpr std::size_t kGrainFloats = 16'384;

std::vector<CpuWorker::Limits> limitsOfWorkers(const ParameterLayout &layout, int threads)
{
    const auto numThreads = static_cast<std::size_t>(threads);
    const std::size_t numWorkers = numThreads * layout.arenaSize() <= kGradientFloats ? numThreads : 1;
    const std::size_t rowsAtOnce = kChunkRows * numThreads / numWorkers;
    const std::size_t length = layout.promptLength() + static_cast<std::size_t>(layout.model().context);
    std::vector<CpuWorker::Limits> limits(
        numWorkers,
        CpuWorker::Limits{
            .numSequences = std::max<std::size_t>(1, rowsAtOnce / length), .length = length, .numSlots = 1});
    limits.front().numSlots = numThreads;
    return limits;
}

} // namespace

std::uint64_t CpuNetwork::numBytes(const ParameterLayout &layout, int threads, const Kernels &kernels)
{
    const std::vector<CpuWorker::Limits> workers = limitsOfWorkers(layout, threads);
    std::uint64_t bytes = (workers.size() - 1) * layout.arenaSize() * sizeof(float); // gradients
    for (const CpuWorker::Limits &limits : workers)
        bytes += CpuWorker::numBytes(layout, kernels, limits);
    return bytes;
}

CpuNetwork::CpuNetwork(const ParameterLayout &layout, const float *values, float *gradient, int threads,
                       const Kernels &kernels)
    : m_layout(layout)
    , m_kernels(kernels)
    , m_values(values)
{
    for (const CpuWorker::Limits &limits : limitsOfWorkers(layout, threads)) {
        const bool first = m_workers.empty();
        m_workers.emplace_back(layout, kernels, limits);
        if (!first)
            m_ownGradients.emplace_back(layout.arenaSize());
        m_gradients.push_back(first ? gradient : m_ownGradients.back().data());
    }
}

at::Tensor CpuNetwork::losses(const Batch &batch)
{
    at::Tensor losses = at::zeros({static_cast<std::int64_t>(batch.numSequences)}, at::kDouble);
    run({.batch = &batch, .losses = losses.mutable_data_ptr<double>()});
    return losses;
}

at::Tensor CpuNetwork::lossesAndGradient(const Batch &batch, std::span<const double> sequenceWeights)
{
    const auto length = static_cast<double>(batch.context);
    const double numTokens = static_cast<double>(batch.numSequences) * length;
    std::vector<float> scales(batch.numSequences, static_cast<float>(1.0 / numTokens));
    for (std::size_t i = 0; i < sequenceWeights.size(); ++i)
        scales[i] = static_cast<float>(sequenceWeights[i] / length);
    at::Tensor losses = at::zeros({static_cast<std::int64_t>(batch.numSequences)}, at::kDouble);
    run({.batch = &batch, .losses = losses.mutable_data_ptr<double>(), .gradientScales = scales.data()});
    return losses;
}

at::Tensor CpuNetwork::tokenLosses(const Batch &batch)
{
    const auto rows = static_cast<std::int64_t>(batch.numSequences);
    at::Tensor tokenLosses = at::zeros({rows, static_cast<std::int64_t>(batch.context)}, at::kFloat);
    std::vector<double> losses(batch.numSequences);
    run({.batch = &batch, .losses = losses.data(), .tokenLosses = tokenLosses.mutable_data_ptr<float>()});
    return tokenLosses;
}

at::Tensor CpuNetwork::nextTokenLogits(std::span<const TokenId> tokens)
{
    at::Tensor logits = at::zeros({static_cast<std::int64_t>(m_layout.vocabulary())}, at::kFloat);
    m_workers.front().nextTokenLogits(m_values, tokens, logits.mutable_data_ptr<float>());
    return logits;
}

// `task` for all workers together, with a gradient if there are scales for it.
void CpuNetwork::run(const CpuWorker::Task &task)
{
    const std::size_t numSequences = task.batch->numSequences;
    const std::size_t numActive = std::min(m_workers.size(), numSequences);
    const bool withGradient = task.gradientScales != nullptr;
    const auto work = [&](std::size_t worker) {
        CpuWorker::Task part = task;
        part.first = worker * numSequences / numActive;
        part.last = (worker + 1) * numSequences / numActive;
        if (withGradient) {
            part.gradient = m_gradients[worker];
            std::fill(part.gradient, part.gradient + m_layout.arenaSize(), 0.0F);
        }
        m_workers[worker].run(m_values, part);
    };
    if (numActive == 1)
        work(0); // outside of parallelFor(): its operations share the threads
    else
        parallelFor(numActive, 1, [&](std::size_t begin, std::size_t end, std::size_t) {
            for (std::size_t worker = begin; worker < end; ++worker)
                work(worker);
        });
    if (!withGradient)
        return;
    if (numActive > 1)
        sumGradients(numActive);
    std::fill(m_gradients.front(), m_gradients.front() + m_layout.firstTrained(), 0.0F);
}

void CpuNetwork::sumGradients(std::size_t numActive)
{
    parallelFor(m_layout.arenaSize(), kGrainFloats, [&](std::size_t begin, std::size_t end, std::size_t) {
        for (std::size_t worker = 1; worker < numActive; ++worker)
            m_kernels.add(end - begin, m_gradients[worker] + begin, m_gradients.front() + begin);
    });
}

} // namespace krater
