// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/support/synthetic_run.h"

#include <cmath>
#include <limits>

namespace krater {
namespace {

constexpr std::uint64_t kTokensPerStep = 4096;
constexpr std::uint64_t kEvaluationInterval = 20;

struct DomainLaw {
    const char *name;
    double tokens;
    double floor, scale, power; // loss = floor + scale n^-power
};

const std::vector<DomainLaw> &laws()
{
    static const std::vector<DomainLaw> all{
        {"code", 9.21e6, 1.40, 4.1, 0.52},   {"encyclopedia", 1.92e6, 1.70, 3.8, 0.50},
        {"manual", 3.15e6, 1.25, 4.2, 0.56}, {"manual-zh", 2.94e6, 1.00, 4.4, 0.66},
        {"perl", 3.38e6, 1.52, 4.0, 0.54},   {"quotes", 0.46e6, 2.00, 3.5, 0.46}};
    return all;
}

RunRecord makeRecord(std::uint64_t numSteps)
{
    RunRecord record;
    record.id = 7;
    record.name = "Quick start";
    record.state = RunState::Running;
    for (const DomainLaw &law : laws()) {
        record.domains.emplace_back(law.name);
        record.domainTokens.push_back(law.tokens);
    }
    record.policy = "gibbs";
    record.numSteps = numSteps;
    record.tokenBudget = numSteps * kTokensPerStep;
    return record;
}

} // namespace

SyntheticRun::SyntheticRun(std::uint64_t numSteps)
    : m_view(std::make_shared<RunView>(makeRecord(numSteps)))
    , m_share(laws().size(), 1.0 / double(laws().size()))
    , m_drawn(laws().size(), 0.0)
{
    evaluate();
    m_view->publish();
}

double SyntheticRun::noise()
{
    m_state = m_state * 6364136223846793005ULL + 1442695040888963407ULL;
    return double(m_state >> 33) / double(1ULL << 31) - 0.5;
}

void SyntheticRun::advance(std::uint64_t steps)
{
    for (std::uint64_t i = 0; i < steps; ++i)
        step();
    m_view->publish();
}

void SyntheticRun::finish(RunState state, const std::string &message)
{
    m_view->apply(StateEvent{state, m_step, message});
    m_view->publish();
}

void SyntheticRun::evaluate()
{
    m_heldOut.clear();
    double sum = 0;
    for (std::size_t k = 0; k < laws().size(); ++k) {
        const DomainLaw &law = laws()[k];
        const double n = 1 + double(m_step) * m_share[k] * 2;
        m_heldOut.push_back(law.floor + law.scale * std::pow(n, -law.power) + 0.01 * noise());
        sum += std::exp(-m_heldOut.back());
    }
    EvaluationEvent event;
    event.step = m_step;
    event.tokens = m_step * kTokensPerStep;
    event.seconds = double(m_step) * 0.3;
    event.losses = m_heldOut;
    PolicyTerm weight{"log weight", {}};
    for (std::size_t k = 0; k < m_share.size(); ++k) {
        weight.values.push_back(-m_heldOut[k]);
        if (m_step > 0)
            m_share[k] = std::exp(-m_heldOut[k]) / sum;
    }
    event.targetShare = m_share;
    if (m_step > 0)
        event.terms = {{"H", m_heldOut}, weight};
    m_view->apply(event);
}

void SyntheticRun::step()
{
    ++m_step;
    StepEvent event;
    event.step = m_step;
    event.tokens = m_step * kTokensPerStep;
    event.seconds = double(m_step) * 0.3;
    event.tokensPerSecond = 13900;
    event.learningRate = 1e-3;
    event.gradientNorm = 1.2;
    for (std::size_t k = 0; k < laws().size(); ++k) {
        const DomainLaw &law = laws()[k];
        const double n = 1 + double(m_step) * m_share[k] * 2;
        const bool isDrawn = m_share[k] + 0.35 * noise() > 0.02;
        event.losses.push_back(isDrawn ? law.floor + law.scale * std::pow(n, -law.power) + 0.3 * noise()
                                       : std::numeric_limits<double>::quiet_NaN());
        const double tokens = double(kTokensPerStep) * m_share[k] * (1 + 0.8 * noise());
        m_drawn[k] += tokens;
        event.realisedShare.push_back(tokens / double(kTokensPerStep));
        event.epochs.push_back(m_drawn[k] / law.tokens);
    }
    event.tokensDrawn = m_drawn;
    if (m_step % kEvaluationInterval == 0) {
        evaluate();
        m_view->apply(MessageEvent{MessageEvent::Kind::Evaluation, m_step, "evaluation, mean 1.48"});
    }
    event.targetShare = m_share;
    m_view->apply(event);
    if (m_step % 150 == 0)
        m_view->apply(MessageEvent{MessageEvent::Kind::Checkpoint, m_step, "checkpoint saved, 10.6 MB"});
    if (m_step == 330)
        m_view->apply(MessageEvent{MessageEvent::Kind::MixtureEdited, m_step, "mixture edited: quotes at most 12 %"});
}

} // namespace krater
