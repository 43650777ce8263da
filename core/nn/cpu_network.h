// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/nn/cpu_worker.h"
#include "core/nn/network.h"

namespace krater {

// fp32 on the CPU without autograd: matrix products by BLAS, everything between them by fused loops (kernels.h). Each
// thread takes its share of the sequences through the whole network, with a gradient of its own, and the gradients are
// added in a fixed order: nothing is shared until then, and equal inputs with equal numbers of threads give equal
// bits. Where that would take too much memory, or there is one sequence only, the threads share each operation
// instead.
class CpuNetwork final : public Network {
public:
    // Arenas in `layout`, whose memory starts at a cache line; all three outlive the network.
    CpuNetwork(const ParameterLayout &layout, const float *values, float *gradient, int threads,
               const Kernels &kernels);
    static std::uint64_t numBytes(const ParameterLayout &layout, int threads, const Kernels &kernels); // of its own

    at::Tensor losses(const Batch &batch) override;
    at::Tensor lossesAndGradient(const Batch &batch, std::span<const double> sequenceWeights) override;
    at::Tensor tokenLosses(const Batch &batch) override;
    at::Tensor nextTokenLogits(std::span<const TokenId> tokens) override;

private:
    void run(const CpuWorker::Task &task);
    void sumGradients(std::size_t numActive);

    const ParameterLayout &m_layout;
    const Kernels &m_kernels;
    const float *m_values;
    std::vector<CpuWorker> m_workers;
    std::vector<AlignedFloats> m_ownGradients; // of all workers but the first
    std::vector<float *> m_gradients;          // of each worker; the first one's is the arena
};

} // namespace krater
