// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/nn/named_tensors.h"

#include <memory>
#include <span>

namespace krater {

class Network;
class ParameterLayout;

// The last gradient of each domain, as DoGE weighs them (Fan, Pagliardini and Jaggi, "DoGE: Domain Reweighting with
// Generalization Estimation", 2024, algorithm 1). On any device; equal calls give equal bits. The trainer's
// thread only.
class KeptGradients {
public:
    KeptGradients(const ParameterLayout &layout, std::size_t numDomains, const at::Tensor &arena); // all zero
    ~KeptGradients();
    static std::uint64_t numBytes(const ParameterLayout &layout, std::size_t numDomains);
    // How many domains' gradients a checkpoint of such a model holds.
    static std::size_t numDomains(const ParameterLayout &layout, const std::vector<NamedTensor> &tensors);
    // Under which names they are stored; `rows` is what rows() returns, or nothing to compare names and shapes only.
    static std::vector<StoredTensor> stored(const ParameterLayout &layout, std::size_t numDomains,
                                            const at::Tensor *rows);

    std::size_t numDomains() const;
    const at::Tensor &rows() const; // [K, arenaSize] fp32

    // A backward pass of each domain in the batch, one after the other through the `gradient` arena of the network; each
    // gradient is clipped to the global L2 norm `clip` (0: off).
    DomainGradients update(Network &network, const Batch &batch, const at::Tensor &gradient, double clip);
    // Of the last update: [B] float64 in some order and, as numbers, in the batch's; undefined and empty before.
    const at::Tensor &losses() const;
    const std::vector<double> &sequenceLosses() const;

    // Replaces `gradient` [arenaSize].
    void sumInto(const at::Tensor &gradient, std::span<const double> weights) const;

private:
    void keep(std::size_t domain, const at::Tensor &gradient, double clip);
    at::Tensor dotProducts() const; // [K, K] float64

    struct State;
    std::unique_ptr<State> m_state;
};

} // namespace krater
