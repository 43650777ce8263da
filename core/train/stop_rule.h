// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/config/experiment.h"
#include "core/mixture/mixture.h"

#include <optional>
#include <string>
#include <vector>

namespace krater {

// Says when to stop before the token budget is used up. Looks at evaluations only.
// Plateau: the held-out loss on a fixed mixture (uniform or natural, never the moving one) has not fallen by min_delta below its best for
// `patience` evaluations. SettledMixture: the policy's updates have moved the mixture less than min_delta (L1) from one evaluation to
// the next, `patience` times in a row; evaluations between which it did not update say nothing. The trainer's thread.
class StopRule {
public:
    // tokens: K, training tokens of each domain, for the natural mixture.
    StopRule(const StopConfig &config, const std::vector<double> &tokens);

    void policyUpdated() { m_updated = true; }
    // losses: K, nats/token, NaN where there is none; mixture: in force after the evaluation.
    void evaluated(const std::vector<double> &losses, const Mixture &mixture);
    bool isReached() const;
    std::string reason() const; // in words, when reached

    std::string save() const; // JSON; restore throws Error on text that it did not write
    void restore(const std::string &state);

private:
    StopConfig m_config;
    std::vector<double> m_weights;          // K, of the fixed mixture
    int m_stale = 0;                        // evaluations without progress
    std::optional<double> m_best;           // nats/token
    std::optional<std::vector<double>> m_previous; // K, the mixture at the last evaluation that counted
    bool m_updated = false;                        // by the policy, since then
};

} // namespace krater
