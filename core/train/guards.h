// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/train/run_events.h"

#include <set>
#include <string>
#include <utility>
#include <vector>

namespace krater {

// Watches a run for what mixtures are known to go wrong by, and says each thing once, as a message that the plots mark: a mixture that moves close to one
// domain (reported of DoReMi, issue 5 of its repository), domains that most steps do without, text that is repeated and what the repeats are worth (Muennighoff
// et al. 2023, arXiv 2305.16264), and memorised text (held-out loss leaves training loss behind). The trainer's thread.
class Guards {
public:
    Guards(std::vector<std::string> domains, std::size_t sequencesPerStep);

    void trained(const std::vector<double> &losses); // K, of a step; NaN ones are left out
    // K, the last training loss of each domain that `losses` lacks; NaN for the others and for those that never had one. Empty if all are NaN.
    std::vector<double> imputed(const std::vector<double> &losses) const;
    // K, held-out less mean training loss since the last call; NaN where one of them is missing.
    std::vector<double> takeGaps(const std::vector<double> &heldOut);

    std::vector<MessageEvent> afterStep(const StepEvent &step); // `targetShare`, `objectiveShare` and `epochs` are looked at
    std::vector<MessageEvent> afterEvaluation(std::uint64_t step); // after the step of the same number

    std::string save() const;               // JSON
    void restore(const std::string &state); // throws Error on text that save() did not write for as many domains

private:
    enum class Kind { Collapse, Rare, Repeated, Worn, Spent, Memorised };

    template<typename Text>
    void tell(std::vector<MessageEvent> &messages, Kind kind, std::size_t domain, std::uint64_t step, const Text &text);
    void watchMixture(const StepEvent &step, std::vector<MessageEvent> &messages);
    void watchEpochs(const StepEvent &step, std::vector<MessageEvent> &messages);

    std::vector<std::string> m_domains;
    double m_sequencesPerStep;
    std::set<std::pair<Kind, std::size_t>> m_told;
    bool m_isWatching = false;      // has seen a step
    std::vector<double> m_epochs;   // K, of the last step
    std::vector<double> m_lastLosses; // K, training losses; NaN before the first
    std::vector<double> m_lossSums; // K, training losses since the last evaluation
    std::vector<double> m_lossCounts;
    std::vector<double> m_gaps; // K, at the last evaluation: held-out less training loss; NaN before
    std::vector<double> m_growing; // K, evaluations in a row at which the gap has grown
};

} // namespace krater
