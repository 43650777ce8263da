// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sampling/mixture_sampler.h"

#include "core/base/error.h"

#include <fmt/format.h>

#include <limits>
#include <numeric>

namespace krater {

DomainSampler::DomainSampler(std::span<const TokenId> tokens, std::size_t context, std::uint64_t seed, std::string_view domain)
    : m_tokens(tokens), m_context(context), m_seed(seed), m_stream(fmt::format("windows/{}/", domain))
{
    if (context == 0 || tokens.size() < context + 1)
        throw Error(fmt::format("Domain \"{}\" has {} training tokens, and a sequence needs {}.", domain, tokens.size(), context + 1),
                    "Add text to the domain, or use a smaller context.");
    const std::size_t windows = (tokens.size() - 1) / context;
    if (windows > std::numeric_limits<std::uint32_t>::max())
        throw Error(fmt::format("Domain \"{}\" has {} sequences, more than 4294967295.", domain, windows),
                    "Use a larger context, or cap the domain with max_bytes.");
    m_order.resize(windows);
    reshuffle();
}

std::span<const TokenId> DomainSampler::next()
{
    if (m_state.position == m_order.size()) {
        ++m_state.epoch;
        m_state.position = 0;
        reshuffle();
    }
    const std::size_t window = m_order[m_state.position++];
    return m_tokens.subspan(window * m_context, m_context + 1);
}

std::uint64_t DomainSampler::numWindows() const
{
    return m_order.size();
}

DomainSampler::State DomainSampler::state() const
{
    return m_state;
}

void DomainSampler::setState(const State &state)
{
    if (state.position > m_order.size())
        throw Error(fmt::format("The saved place {} is beyond the {} sequences of {}", state.position, m_order.size(), m_stream),
                    "Resume with the corpus that the run was started with.");
    m_state = state;
    reshuffle();
}

// The order of an epoch depends on seed, domain and epoch alone: (epoch, position) is all that a checkpoint needs.
void DomainSampler::reshuffle()
{
    std::iota(m_order.begin(), m_order.end(), 0U);
    Rng rng = Rng::stream(m_seed, m_stream + std::to_string(m_state.epoch));
    shuffle(m_order, rng);
}

} // namespace krater
