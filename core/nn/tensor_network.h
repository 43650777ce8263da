// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/nn/network.h"
#include "core/nn/parameter_layout.h"

#include <memory>

namespace krater {

// The network in LibTorch's operators and autograd: any device, fp32 or bf16. In bf16 it computes with a rounded copy
// of the weights ("shadow", refreshed before each pass), while the arena keeps them in fp32.
class TensorNetwork final : public Network {
public:
    enum class Compute { Float32, BFloat16 };

    // Arenas: [arenaSize] fp32 tensors of one device. The layout outlives the network.
    TensorNetwork(const ParameterLayout &layout, const at::Tensor &values, const at::Tensor &gradient, Compute compute);
    ~TensorNetwork() override;

    at::Tensor losses(const Batch &batch) override;
    at::Tensor lossesAndGradient(const Batch &batch, std::span<const double> sequenceWeights) override;
    at::Tensor tokenLosses(const Batch &batch) override;
    at::Tensor nextTokenLogits(std::span<const TokenId> tokens) override;

private:
    struct State;

    at::Tensor forward(const Batch &batch, std::size_t first, std::size_t last) const;
    at::Tensor sequenceLosses(const Batch &batch, std::size_t first, std::size_t last) const;
    template<typename Piece>
    at::Tensor inPieces(const Batch &batch, const Piece &piece);
    at::Tensor stream(const at::Tensor &inputs) const;
    at::Tensor block(std::size_t index, const at::Tensor &stream) const;
    void refreshShadow();

    const ParameterLayout &m_layout;
    std::unique_ptr<State> m_state;
};

} // namespace krater
