// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sampling/mixture_sampler.h"

#include "core/base/error.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace krater {

MixtureSampler::MixtureSampler(const TokenizedCorpus &corpus, std::size_t context, std::size_t sequencesPerStep, MixtureConfig::Batching batching,
                               std::uint64_t seed, const std::vector<std::string> &domainNames)
    : m_context(context), m_sequencesPerStep(sequencesPerStep), m_batching(batching), m_rng(Rng::stream(seed, "domains")),
      m_carry(corpus.numDomains(), 0.0), m_sequencesDrawn(corpus.numDomains(), 0)
{
    if (domainNames.size() != corpus.numDomains())
        throw Error("The corpus has " + std::to_string(corpus.numDomains()) + " domains, the experiment " + std::to_string(domainNames.size()) + '.',
                    "Start the run again with the corpus of its experiment.");
    m_domains.reserve(corpus.numDomains());
    for (std::size_t k = 0; k < corpus.numDomains(); ++k) {
        const std::span<const TokenId> tokens = corpus.domain(k).training;
        m_domains.emplace_back(tokens, context, seed, domainNames[k]);
        m_trainingTokens.push_back(static_cast<double>(tokens.size()));
    }
}

Batch MixtureSampler::next(const Mixture &mixture)
{
    if (mixture.numDomains() != m_domains.size())
        throw Error("A mixture of " + std::to_string(mixture.numDomains()) + " domains cannot draw from " + std::to_string(m_domains.size()) + '.');
    Batch batch;
    batch.numSequences = m_sequencesPerStep;
    batch.context = m_context;
    batch.domains = m_batching == MixtureConfig::Batching::Random ? drawAtRandom(mixture) : drawStratified(mixture);
    batch.tokens.reserve(m_sequencesPerStep * (m_context + 1));
    for (const std::uint32_t domain : batch.domains) {
        const std::span<const TokenId> window = m_domains[domain].next();
        batch.tokens.insert(batch.tokens.end(), window.begin(), window.end());
        ++m_sequencesDrawn[domain];
    }
    return batch;
}

std::vector<std::uint32_t> MixtureSampler::drawAtRandom(const Mixture &mixture)
{
    std::vector<double> cumulative(mixture.numDomains());
    std::partial_sum(mixture.weights().begin(), mixture.weights().end(), cumulative.begin());
    // A domain of weight 0 has the sum of the one before it and is never the first above a number, not even above the last sum's rounding.
    const double total = cumulative.back();
    std::vector<std::uint32_t> domains(m_sequencesPerStep);
    for (std::uint32_t &domain : domains) {
        const double number = std::min(m_rng.uniform() * total, std::nextafter(total, 0.0));
        domain = static_cast<std::uint32_t>(std::ranges::upper_bound(cumulative, number) - cumulative.begin());
    }
    return domains;
}

// Largest remainder, one sequence at a time, with Tijdeman's rule for whose remainder comes first (R. Tijdeman, "The chairman assignment
// problem", Discrete Mathematics 32, 1980): of the domains that may be drawn without running ahead of the limit, the one that would fall
// behind it soonest. While the mixture stays as it is no domain is ever 1 - 1/(2K - 2) of a sequence off; plain largest remainder is up
// to 1.12 off (measured, K = 6). After a jump of the mixture, whoever is behind the limit goes first, the largest debt before others.
std::vector<std::uint32_t> MixtureSampler::drawStratified(const Mixture &mixture)
{
    const std::size_t numDomains = mixture.numDomains();
    const double limit = numDomains > 1 ? 1.0 - 1.0 / (2.0 * static_cast<double>(numDomains) - 2.0) : 0.0;
    constexpr double kRounding = 1e-9;
    std::vector<std::uint32_t> domains(m_sequencesPerStep);
    for (std::uint32_t &domain : domains) {
        std::size_t soonest = numDomains;
        double stepsLeft = std::numeric_limits<double>::infinity();
        for (std::size_t k = 0; k < numDomains; ++k) {
            m_carry[k] += mixture[k];
            const double left = (limit - m_carry[k]) / mixture[k];
            if (mixture[k] > 0.0 && m_carry[k] - 1.0 >= -limit - kRounding && left < stepsLeft) {
                soonest = k;
                stepsLeft = left;
            }
        }
        if (soonest == numDomains || stepsLeft < -kRounding)
            soonest = static_cast<std::size_t>(mostOwed(mixture));
        m_carry[soonest] -= 1.0;
        domain = static_cast<std::uint32_t>(soonest);
    }
    return domains;
}

// Only domains of the mixture: one whose weight became 0 is drawn no more, whatever it is owed.
std::size_t MixtureSampler::mostOwed(const Mixture &mixture) const
{
    std::size_t most = mixture.numDomains();
    for (std::size_t k = 0; k < mixture.numDomains(); ++k)
        if (mixture[k] > 0.0 && (most == mixture.numDomains() || m_carry[k] > m_carry[most]))
            most = k;
    return most;
}

std::vector<std::uint64_t> MixtureSampler::tokensDrawn() const
{
    std::vector<std::uint64_t> tokens = m_sequencesDrawn;
    for (std::uint64_t &drawn : tokens)
        drawn *= m_context;
    return tokens;
}

std::vector<double> MixtureSampler::epochs() const
{
    std::vector<double> epochs(m_domains.size());
    for (std::size_t k = 0; k < epochs.size(); ++k)
        epochs[k] = static_cast<double>(m_sequencesDrawn[k] * m_context) / m_trainingTokens[k];
    return epochs;
}

MixtureSampler::State MixtureSampler::state() const
{
    State state{m_rng.state(), m_carry, m_sequencesDrawn, {}};
    for (const DomainSampler &domain : m_domains)
        state.domains.push_back(domain.state());
    return state;
}

void MixtureSampler::setState(const State &state)
{
    const std::size_t numDomains = m_domains.size();
    const bool fits = state.carry.size() == numDomains && state.sequencesDrawn.size() == numDomains && state.domains.size() == numDomains;
    const bool drawsNumbers = state.rng != Rng::State{}; // all zeros is the one state that xoshiro never leaves
    if (!fits || !drawsNumbers || !std::ranges::all_of(state.carry, [](double carry) { return std::isfinite(carry); }))
        throw Error("The saved state of the sampler does not fit a corpus of " + std::to_string(numDomains) + " domains.",
                    "Resume with the experiment and corpus that the run was started with.");
    std::vector<DomainSampler> domains = m_domains; // all or nothing
    for (std::size_t k = 0; k < numDomains; ++k)
        domains[k].setState(state.domains[k]);
    m_domains = std::move(domains);
    m_rng.setState(state.rng);
    m_carry = state.carry;
    m_sequencesDrawn = state.sequencesDrawn;
}

} // namespace krater
