// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>
#include <string>
#include <vector>

namespace krater {

// Weights over domains, each >= 0, sum 1 (to within 1e-12, renormalised on construction). Immutable value, safe to share between threads.
class Mixture {
public:
    static Mixture uniform(std::size_t numDomains);
    static Mixture natural(std::span<const double> tokens);                  // p ~ n
    static Mixture temperature(std::span<const double> tokens, double temperature); // p ~ n^(1/T)
    // Throws Error naming the domain's index if a weight is negative, NaN or infinite, or if all are 0.
    static Mixture fromWeights(std::span<const double> weights);
    // p_k = exp(x_k) / sum_j exp(x_j), computed with the maximum subtracted. -inf gives weight 0.
    static Mixture softmax(std::span<const double> logits);

    std::size_t numDomains() const { return m_weights.size(); }
    double operator[](std::size_t domain) const { return m_weights[domain]; }
    std::span<const double> weights() const { return m_weights; }

    double entropyNats() const;
    double effectiveDomains() const;                    // exp(entropy)
    double l1Distance(const Mixture &other) const;      // in [0, 2]
    double klDivergence(const Mixture &reference) const; // KL(this || reference), nats; infinite if reference lacks support
    Mixture withFloor(double floor) const;              // (1 - K floor) p + floor, floor in [0, 1/K]

    // Sets one weight; the unlocked rest shares the change in proportion (equally if the rest is all 0). The value is clamped to what
    // the locked ones leave. locked.size() == numDomains().
    Mixture withWeight(std::size_t domain, double weight, const std::vector<bool> &locked) const;

    bool operator==(const Mixture &) const = default;

private:
    explicit Mixture(std::vector<double> weights) : m_weights(std::move(weights)) {}
    std::vector<double> m_weights;
};

} // namespace krater
