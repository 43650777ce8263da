// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/domain_losses.h"

#include "core/base/error.h"

#include <cmath>
#include <limits>
#include <numeric>

namespace krater {

void DomainLosses::add(const Batch &batch, const std::vector<double> &sequenceLosses)
{
    if (sequenceLosses.size() != batch.domains.size())
        throw Error("The model gave " + std::to_string(sequenceLosses.size()) + " losses for " + std::to_string(batch.domains.size()) + " sequences.");
    m_context = static_cast<double>(batch.context);
    for (std::size_t row = 0; row < sequenceLosses.size(); ++row) {
        m_sums.at(batch.domains[row]) += sequenceLosses[row];
        m_sequences[batch.domains[row]] += 1.0;
    }
}

std::vector<double> DomainLosses::means() const
{
    std::vector<double> means(m_sums.size(), std::numeric_limits<double>::quiet_NaN());
    for (std::size_t k = 0; k < means.size(); ++k)
        if (m_sequences[k] > 0.0)
            means[k] = m_sums[k] / m_sequences[k];
    return means;
}

std::vector<bool> DomainLosses::present() const
{
    std::vector<bool> present;
    for (const double sequences : m_sequences)
        present.push_back(sequences > 0.0);
    return present;
}

std::vector<double> DomainLosses::shares() const
{
    const double all = std::accumulate(m_sequences.begin(), m_sequences.end(), 0.0);
    std::vector<double> shares = m_sequences;
    for (double &share : shares)
        share /= all;
    return shares;
}

PolicyInput DomainLosses::policyInput(PolicyInput::Signal signal, std::uint64_t step, std::uint64_t tokensDone) const
{
    PolicyInput input{.signal = signal, .step = step, .tokensDone = tokensDone, .losses = means(), .present = present(), .tokens = m_sequences};
    for (double &tokens : input.tokens)
        tokens *= m_context;
    return input;
}

double weightedMean(const std::vector<double> &losses, const std::vector<double> &weights)
{
    double sum = 0.0, weight = 0.0;
    for (std::size_t k = 0; k < losses.size(); ++k) {
        if (std::isnan(losses[k]) || weights[k] == 0.0)
            continue;
        sum += weights[k] * losses[k];
        weight += weights[k];
    }
    return weight > 0.0 ? sum / weight : std::numeric_limits<double>::quiet_NaN();
}

} // namespace krater
