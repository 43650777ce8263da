// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/nn/tensor_network.h"

#include <ATen/ATen.h>
#include <c10/core/AutogradState.h>
#include <c10/core/GradMode.h>

#include <algorithm>

namespace krater {
namespace {

constexpr double kNormEpsilon = 1e-5;
// Logits of one piece of an evaluation: 256 MB in fp32.
constexpr std::size_t kEvaluationLogits = 64UL << 20U;

// backward() stays on the calling thread: no hand-over to a pool, and errors arrive here.
class SingleThreadedAutograd {
public:
    SingleThreadedAutograd() { c10::AutogradState::get_tls_state().set_multithreading_enabled(false); }
    ~SingleThreadedAutograd() { c10::AutogradState::get_tls_state().set_multithreading_enabled(m_before); }
    SingleThreadedAutograd(const SingleThreadedAutograd &) = delete;
    SingleThreadedAutograd &operator=(const SingleThreadedAutograd &) = delete;

private:
    bool m_before = c10::AutogradState::get_tls_state().get_multithreading_enabled();
};

at::Tensor norm(const at::Tensor &x, const at::Tensor &gain)
{
    return at::layer_norm(x, gain.sizes(), gain, {}, kNormEpsilon);
}

// Columns `skip` to `skip + context` of the batch's rows first <= i < last. [rows, T]
at::Tensor tokensOf(const Batch &batch, std::size_t first, std::size_t last, std::size_t skip, const at::Device &device)
{
    at::Tensor tokens =
        at::empty({static_cast<std::int64_t>(last - first), static_cast<std::int64_t>(batch.context)}, at::kLong);
    auto *out = tokens.mutable_data_ptr<std::int64_t>();
    for (std::size_t row = first; row < last; ++row) {
        const auto sequence = batch.sequence(row).subspan(skip, batch.context);
        out = std::copy(sequence.begin(), sequence.end(), out);
    }
    return tokens.to(device);
}

} // namespace

struct TensorNetwork::State {
    struct Block {
        at::Tensor attentionNorm, attention, attentionOut, feedForwardNorm, expand, contract;
    };

    at::Tensor values;
    at::Tensor shadow; // undefined in fp32
    at::Tensor tokenEmbedding, positionEmbedding, finalNorm;
    at::Tensor prompt; // undefined without one
    std::vector<Block> blocks;
    std::vector<at::Tensor> leaves;    // those of the above that are trained
    std::vector<at::Tensor> gradients; // their places in the gradient arena, which is 0 elsewhere
};

TensorNetwork::TensorNetwork(const ParameterLayout &layout, const at::Tensor &values, const at::Tensor &gradient,
                             Compute compute)
    : m_layout(layout)
    , m_state(std::make_unique<State>())
{
    m_state->values = values;
    if (compute == Compute::BFloat16)
        m_state->shadow = values.to(at::kBFloat16);
    const at::Tensor &arena = compute == Compute::BFloat16 ? m_state->shadow : values;
    const auto viewAt = [](const at::Tensor &from, const Parameter &parameter) {
        return from.narrow(0, static_cast<std::int64_t>(parameter.offset), static_cast<std::int64_t>(parameter.size))
            .view(parameter.shape);
    };
    const auto leafAt = [&](std::size_t offset) {
        const auto found = std::find_if(layout.parameters().begin(), layout.parameters().end(),
                                        [&](const Parameter &parameter) { return parameter.offset == offset; });
        const at::Tensor view = viewAt(arena, *found).detach();
        if (offset < layout.firstTrained())
            return view;
        m_state->leaves.push_back(view.requires_grad_());
        m_state->gradients.push_back(viewAt(gradient, *found));
        return m_state->leaves.back();
    };
    m_state->tokenEmbedding = leafAt(layout.tokenEmbedding());
    m_state->positionEmbedding = leafAt(layout.positionEmbedding());
    for (const BlockOffsets &block : layout.blocks()) {
        m_state->blocks.push_back({.attentionNorm = leafAt(block.attentionNorm),
                                   .attention = leafAt(block.attention),
                                   .attentionOut = leafAt(block.attentionOut),
                                   .feedForwardNorm = leafAt(block.feedForwardNorm),
                                   .expand = leafAt(block.expand),
                                   .contract = leafAt(block.contract)});
    }
    m_state->finalNorm = leafAt(layout.finalNorm());
    if (layout.promptLength() > 0)
        m_state->prompt = leafAt(layout.prompt());
}

TensorNetwork::~TensorNetwork() = default;

at::Tensor TensorNetwork::block(std::size_t index, const at::Tensor &stream) const
{
    const State::Block &weights = m_state->blocks[index];
    const std::int64_t sequences = stream.size(0);
    const std::int64_t length = stream.size(1);
    const std::int64_t heads = m_layout.model().heads;
    const std::int64_t headWidth = stream.size(2) / heads;

    const at::Tensor qkv = at::matmul(norm(stream, weights.attentionNorm), weights.attention); // [B, T, 3C]
    const at::Tensor split =
        qkv.view({sequences, length, 3, heads, headWidth}).permute({2, 0, 3, 1, 4}); // [3, B, H, T, D]
    const at::Tensor attended =
        at::scaled_dot_product_attention(split[0], split[1], split[2], {}, 0.0, true); // [B, H, T, D]
    const at::Tensor middle =
        stream + at::matmul(attended.transpose(1, 2).reshape(stream.sizes()), weights.attentionOut); // [B, T, C]
    const at::Tensor expanded = at::matmul(norm(middle, weights.feedForwardNorm), weights.expand);   // [B, T, 4C]
    return middle + at::matmul(at::gelu(expanded, "tanh"), weights.contract);
}

// Up to the final norm: [rows, T, C] from tokens [rows, T].
at::Tensor TensorNetwork::stream(const at::Tensor &inputs) const
{
    at::Tensor stream = at::embedding(m_state->tokenEmbedding, inputs)
        + m_state->positionEmbedding.narrow(0, 0, inputs.size(1)); // [rows, T, C]
    const auto promptLength = static_cast<std::int64_t>(m_layout.promptLength());
    if (promptLength > 0)
        stream = at::cat({m_state->prompt.expand({inputs.size(0), -1, -1}), stream}, 1); // [rows, N + T, C]
    for (std::size_t i = 0; i < m_state->blocks.size(); ++i)
        stream = block(i, stream);
    return norm(stream.narrow(1, promptLength, inputs.size(1)), m_state->finalNorm);
}

// [rows, T] fp32
at::Tensor TensorNetwork::forward(const Batch &batch, std::size_t first, std::size_t last) const
{
    const at::Device device = m_state->values.device();
    const at::Tensor inputs = tokensOf(batch, first, last, 0, device);                 // [rows, T]
    const at::Tensor targets = tokensOf(batch, first, last, 1, device);                // [rows, T]
    const at::Tensor logits = at::matmul(stream(inputs), m_state->tokenEmbedding.t()); // [rows, T, V]
    const at::Tensor flat = logits.view({-1, logits.size(2)}).to(at::kFloat);
    const at::Tensor losses = at::cross_entropy_loss(flat, targets.view({-1}), {}, at::Reduction::None); // [rows * T]
    return losses.view(targets.sizes());
}

// [rows] float64
at::Tensor TensorNetwork::sequenceLosses(const Batch &batch, std::size_t first, std::size_t last) const
{
    return forward(batch, first, last).mean(1, false, at::kDouble);
}

void TensorNetwork::refreshShadow()
{
    const c10::NoGradGuard noGrad;
    if (m_state->shadow.defined())
        m_state->shadow.copy_(m_state->values);
}

// piece(first, last) of some rows at a time, without a gradient.
template<typename Piece>
at::Tensor TensorNetwork::inPieces(const Batch &batch, const Piece &piece)
{
    refreshShadow();
    const c10::NoGradGuard noGrad;
    const std::size_t rows = std::max<std::size_t>(1, kEvaluationLogits / (batch.context * m_layout.vocabulary()));
    std::vector<at::Tensor> parts;
    for (std::size_t first = 0; first < batch.numSequences; first += rows)
        parts.push_back(piece(first, std::min(batch.numSequences, first + rows)));
    return at::cat(parts);
}

at::Tensor TensorNetwork::losses(const Batch &batch)
{
    return inPieces(batch, [&](std::size_t first, std::size_t last) { return sequenceLosses(batch, first, last); });
}

at::Tensor TensorNetwork::tokenLosses(const Batch &batch)
{
    return inPieces(batch, [&](std::size_t first, std::size_t last) { return forward(batch, first, last); });
}

at::Tensor TensorNetwork::nextTokenLogits(std::span<const TokenId> tokens)
{
    refreshShadow();
    const c10::NoGradGuard noGrad;
    const std::vector<std::int64_t> numbers(tokens.begin(), tokens.end());
    const auto length = static_cast<std::int64_t>(numbers.size());
    const at::Tensor inputs = at::tensor(numbers).view({1, length}).to(m_state->values.device());
    const at::Tensor last = stream(inputs).select(1, length - 1);                 // [1, C]
    return at::matmul(last, m_state->tokenEmbedding.t()).to(at::kFloat).view(-1); // [V]
}

at::Tensor TensorNetwork::lossesAndGradient(const Batch &batch, std::span<const double> sequenceWeights)
{
    refreshShadow();
    const SingleThreadedAutograd singleThreaded;
    const c10::AutoGradMode withGrad(true);
    for (const at::Tensor &leaf : m_state->leaves)
        leaf.mutable_grad() = at::Tensor();                                 // left over if the last pass failed
    const at::Tensor losses = sequenceLosses(batch, 0, batch.numSequences); // [B]
    if (sequenceWeights.empty())
        losses.mean().backward();
    else
        (losses * at::tensor(at::ArrayRef<double>(sequenceWeights.data(), sequenceWeights.size())).to(losses.device()))
            .sum()
            .backward();

    const c10::NoGradGuard noGrad;
    std::vector<at::Tensor> computed;
    for (const at::Tensor &leaf : m_state->leaves) {
        computed.push_back(leaf.grad());
        leaf.mutable_grad() = at::Tensor();
    }
    at::_foreach_copy_(m_state->gradients, computed);
    return losses.detach();
}

} // namespace krater
