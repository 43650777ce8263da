// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/mixture/mixture_policy.h"
#include "core/sampling/batch.h"

#include <string>
#include <vector>

namespace krater {

// Means of sequence losses per domain: what a forward pass says about every domain that was in it, at no extra cost. Sequences of one run
// have the same length, so the mean over sequences is the mean over tokens. Plain value.
class DomainLosses {
public:
    explicit DomainLosses(std::size_t numDomains) : m_sums(numDomains, 0.0), m_sequences(numDomains, 0.0) {}

    void add(const Batch &batch, const std::vector<double> &sequenceLosses); // nats/token

    std::vector<double> means() const;   // K, NaN where there was no sequence
    std::vector<bool> present() const;   // K
    std::vector<double> shares() const;  // K, of all sequences
    PolicyInput policyInput(PolicyInput::Signal signal, std::uint64_t step, std::uint64_t tokensDone) const;

private:
    std::vector<double> m_sums;
    std::vector<double> m_sequences;
    double m_context = 0; // tokens
};

// The mean over domains with weights (need not sum to 1); domains whose loss is NaN are left out. NaN if none is left.
double weightedMean(const std::vector<double> &losses, const std::vector<double> &weights);

} // namespace krater
