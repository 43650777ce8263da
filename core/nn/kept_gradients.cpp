// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/nn/kept_gradients.h"

#include "core/mixture/doge_rule.h"
#include "core/nn/network.h"
#include "core/nn/parameter_layout.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/linalg_vector_norm.h>
#include <ATen/ops/zeros.h>
#include <c10/core/GradMode.h>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace krater {
namespace {

constexpr const char *kPrefix = "gradients.domain.";
constexpr std::int64_t kDotFloats = 1 << 15; // of each gradient, in float64 at once

std::vector<std::size_t> rowsOf(const Batch &batch, std::size_t domain)
{
    std::vector<std::size_t> rows;
    for (std::size_t row = 0; row < batch.numSequences; ++row)
        if (batch.domains[row] == domain)
            rows.push_back(row);
    return rows;
}

Batch partOf(const Batch &batch, const std::vector<std::size_t> &rows)
{
    Batch part{.numSequences = rows.size(), .context = batch.context, .tokens = {}, .domains = {}};
    for (const std::size_t row : rows) {
        const auto sequence = batch.sequence(row);
        part.tokens.insert(part.tokens.end(), sequence.begin(), sequence.end());
        part.domains.push_back(batch.domains[row]);
    }
    return part;
}

} // namespace

struct KeptGradients::State {
    at::Tensor rows;                    // [K, arenaSize] fp32
    at::Tensor losses;                  // [B] float64
    std::vector<double> sequenceLosses; // [B]
};

KeptGradients::KeptGradients(const ParameterLayout &layout, std::size_t numDomains, const at::Tensor &arena)
    : m_state(std::make_unique<State>())
{
    m_state->rows = at::zeros({static_cast<std::int64_t>(numDomains), static_cast<std::int64_t>(layout.arenaSize())},
                              arena.options());
}

KeptGradients::~KeptGradients() = default;

std::size_t KeptGradients::numDomains() const
{
    return static_cast<std::size_t>(m_state->rows.size(0));
}

const at::Tensor &KeptGradients::rows() const
{
    return m_state->rows;
}

const at::Tensor &KeptGradients::losses() const
{
    return m_state->losses;
}

const std::vector<double> &KeptGradients::sequenceLosses() const
{
    return m_state->sequenceLosses;
}

std::uint64_t KeptGradients::numBytes(const ParameterLayout &layout, std::size_t numDomains)
{
    return numDomains * layout.arenaSize() * sizeof(float);
}

std::size_t KeptGradients::numDomains(const ParameterLayout &layout, const std::vector<NamedTensor> &tensors)
{
    const auto count = std::count_if(tensors.begin(), tensors.end(),
                                     [](const NamedTensor &tensor) { return tensor.name.starts_with(kPrefix); });
    const std::size_t perDomain = layout.parameters().size();
    return (static_cast<std::size_t>(count) + perDomain - 1) / perDomain;
}

std::vector<StoredTensor> KeptGradients::stored(const ParameterLayout &layout, std::size_t numDomains,
                                                const at::Tensor *rows)
{
    std::vector<StoredTensor> stored;
    for (std::size_t domain = 0; domain < numDomains; ++domain)
        for (const Parameter &parameter : layout.parameters())
            stored.push_back({fmt::format("{}{}.{}", kPrefix, domain, parameter.name), parameter.shape,
                              domain * layout.arenaSize() + parameter.offset, parameter.size, rows});
    return stored;
}

DomainGradients KeptGradients::update(Network &network, const Batch &batch, const at::Tensor &gradient, double clip)
{
    std::vector<std::size_t> order; // of the batch's rows, domain after domain
    std::vector<at::Tensor> losses;
    for (std::size_t domain = 0; domain < numDomains(); ++domain) {
        const std::vector<std::size_t> rows = rowsOf(batch, domain);
        if (rows.empty())
            continue;
        losses.push_back(network.lossesAndGradient(partOf(batch, rows), {})); // [rows]
        keep(domain, gradient, clip);
        order.insert(order.end(), rows.begin(), rows.end());
    }
    m_state->losses = at::cat(losses);
    const at::Tensor measured = at::cat({m_state->losses, dotProducts().view(-1)}).cpu(); // [B + K * K], the only wait
    const double *lossOf = measured.const_data_ptr<double>();
    const double *products = lossOf + order.size();
    m_state->sequenceLosses.resize(batch.numSequences);
    for (std::size_t i = 0; i < order.size(); ++i)
        m_state->sequenceLosses[order[i]] = lossOf[i];
    DomainGradients result{.sequenceLosses = m_state->sequenceLosses,
                           .dotProducts = {products, products + numDomains() * numDomains()},
                           .norms = {}};
    for (std::size_t domain = 0; domain < numDomains(); ++domain)
        result.norms.push_back(std::sqrt(products[domain * (numDomains() + 1)]));
    return result;
}

void KeptGradients::keep(std::size_t domain, const at::Tensor &gradient, double clip)
{
    const c10::NoGradGuard noGrad;
    const at::Tensor row = m_state->rows.select(0, static_cast<std::int64_t>(domain));
    row.copy_(gradient);
    if (clip > 0)
        row.div_(((at::linalg_vector_norm(gradient, 2, {}, false, at::kDouble) + kAddedToNorm) / clip)
                     .clamp_min(1)
                     .to(at::kFloat));
}

// In float64: of nearly opposed gradients little is left, and policies look at differences.
at::Tensor KeptGradients::dotProducts() const
{
    const c10::NoGradGuard noGrad;
    at::Tensor products =
        at::zeros({m_state->rows.size(0), m_state->rows.size(0)}, m_state->rows.options().dtype(at::kDouble));
    for (std::int64_t first = 0; first < m_state->rows.size(1); first += kDotFloats) {
        const std::int64_t size = std::min(kDotFloats, m_state->rows.size(1) - first);
        const at::Tensor part = m_state->rows.narrow(1, first, size).to(at::kDouble);
        products.addmm_(part, part.t());
    }
    return (products + products.t()) / 2; // symmetric to the last bit, in whatever order the products were added
}

void KeptGradients::sumInto(const at::Tensor &gradient, std::span<const double> weights) const
{
    const c10::NoGradGuard noGrad;
    gradient.zero_();
    for (std::size_t domain = 0; domain < weights.size(); ++domain)
        gradient.add_(m_state->rows.select(0, static_cast<std::int64_t>(domain)), weights[domain]);
}

} // namespace krater
