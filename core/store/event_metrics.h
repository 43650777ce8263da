// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/store/run_record.h"
#include "core/train/run_events.h"

#include <string>
#include <vector>

namespace krater {

// Passes on what an event has. For visitMetrics().
template <typename Visit>
class PresentMetrics {
public:
    explicit PresentMetrics(Visit &visit) : m_visit(visit) {}

    void operator()(const std::string &metric, const std::vector<double> &values)
    {
        if (!values.empty())
            m_visit(metric, values);
    }

    void operator()(const std::vector<PolicyTerm> &terms)
    {
        for (const PolicyTerm &term : terms)
            (*this)(metric::kPolicyPrefix + term.name, term.values);
    }

private:
    Visit &m_visit;
};

// The metrics of an event under the names that they are stored by: calls visit(name, values) for each that has a value a domain, [K], and visit(name, value)
// for the others. One that the event lacks, such as the objective share of most policies, is left out.
template <typename Visit>
void visitMetrics(const StepEvent &event, Visit &&visit)
{
    PresentMetrics present(visit);
    present(metric::kTrainingLoss, event.losses);
    present(metric::kImputedLoss, event.imputedLosses);
    present(metric::kTarget, event.targetShare);
    present(metric::kObjective, event.objectiveShare);
    visit(metric::kEffectiveDomains, event.effectiveDomains);
    present(metric::kRealised, event.realisedShare);
    present(metric::kTokensDrawn, event.tokensDrawn);
    present(metric::kEpochs, event.epochs);
    present(event.terms);
    visit(metric::kGradientNorm, event.gradientNorm);
    visit(metric::kLearningRate, event.learningRate);
    visit(metric::kTokensPerSecond, event.tokensPerSecond);
}

template <typename Visit>
void visitMetrics(const EvaluationEvent &event, Visit &&visit)
{
    PresentMetrics present(visit);
    present(metric::kHeldOutLoss, event.losses);
    present(metric::kLossGap, event.gaps);
    present(metric::kEpochWorth, event.epochWorth);
    present(metric::kTarget, event.targetShare);
    present(metric::kObjective, event.objectiveShare);
    visit(metric::kEffectiveDomains, event.effectiveDomains);
    present(event.terms);
}

} // namespace krater
