// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/config/experiment_checks.h"
#include "core/mixture/policy_registry.h"

#include "tests/support/trainer_run.h"

#include <QTest>

#include <cmath>
#include <map>
#include <numeric>

using namespace krater;

namespace {

using Numbers = std::vector<double>;

PolicyContext contextOf(std::size_t numDomains)
{
    PolicyContext context;
    for (std::size_t k = 0; k < numDomains; ++k) {
        context.domains.push_back(std::string(1, char('a' + k)));
        context.tokens.push_back(1000.0);
    }
    return context;
}

// A world in which Aioli's law holds exactly: a step on the mixture p lowers the loss of domain i by sum_j A_ij p_j.
class LinearWorld {
public:
    LinearWorld(std::size_t numDomains, ParameterValues values)
        : m_numDomains(numDomains), m_policy(createPolicy("aioli", contextOf(numDomains), values)), m_losses(numDomains, 100.0),
          m_mixture(m_policy->initial())
    {
        for (std::size_t i = 0; i < numDomains; ++i)
            for (std::size_t j = 0; j < numDomains; ++j)
                m_law.push_back(0.01 * double(1 + (3 * i + 5 * j * j) % 7) * (i == j ? 4.0 : 1.0));
        measure();
    }

    void train()
    {
        ++m_step;
        for (std::size_t i = 0; i < m_numDomains; ++i)
            for (std::size_t j = 0; j < m_numDomains; ++j)
                m_losses[i] -= m_law[i * m_numDomains + j] * m_mixture[j];
        m_policy->update(input(PolicyInput::Signal::Training));
        if (m_policy->wantsEvaluation())
            measure();
    }

    Numbers gains() const // column sums of the law over the sum of all entries
    {
        Numbers gains(m_numDomains, 0.0);
        for (std::size_t i = 0; i < m_law.size(); ++i)
            gains[i % m_numDomains] += m_law[i] / std::accumulate(m_law.begin(), m_law.end(), 0.0);
        return gains;
    }

    const MixturePolicy &policy() const { return *m_policy; }
    const Mixture &mixture() const { return m_mixture; }
    int numEvaluations() const { return m_numEvaluations; }

private:
    PolicyInput input(PolicyInput::Signal signal) const
    {
        return {.signal = signal,
                .step = m_step,
                .tokensDone = m_step * 100,
                .losses = m_losses,
                .present = std::vector<bool>(m_numDomains, true),
                .tokens = Numbers(m_numDomains, 100.0)};
    }

    void measure()
    {
        ++m_numEvaluations;
        if (const auto mixture = m_policy->update(input(PolicyInput::Signal::HeldOut)))
            m_mixture = *mixture;
    }

    std::size_t m_numDomains;
    std::unique_ptr<MixturePolicy> m_policy;
    Numbers m_losses, m_law;
    Mixture m_mixture;
    std::uint64_t m_step = 0;
    int m_numEvaluations = 0;
};

bool near(double a, double b)
{
    return std::abs(a - b) < 1e-9;
}

bool mentionsIssue(const std::vector<Finding> &findings, const char *part)
{
    return std::ranges::any_of(findings, [&](const Finding &finding) { return mentions(finding.issue.message, part); });
}

} // namespace

class TestAioliPolicy : public QObject {
    Q_OBJECT

private slots:
    void probesEveryDomainAndFindsTheLaw()
    {
        LinearWorld world(4, {{"rounds", 2.0}, {"probe_steps", 3.0}, {"interval", 40.0}, {"focus", 0.7}, {"eta", 2.0}});
        std::map<std::size_t, int> probedSteps;
        for (int step = 1; step <= 24; ++step) { // 4 domains, 2 permutations, 3 steps
            for (std::size_t k = 0; k < 4; ++k)
                if (near(world.mixture()[k], 0.7))
                    ++probedSteps[k];
            world.train();
        }
        QCOMPARE(probedSteps, (std::map<std::size_t, int>{{0, 6}, {1, 6}, {2, 6}, {3, 6}}));
        QCOMPARE(world.numEvaluations(), 1 + 8);
        const Numbers gains = world.gains();
        double sum = 0.0;
        for (const double gain : gains)
            sum += std::exp(2.0 * gain);
        for (std::size_t k = 0; k < 4; ++k) {
            QVERIFY(near(world.policy().diagnostics()[1].values[k], gains[k]));
            QVERIFY(near(world.mixture()[k], std::exp(2.0 * gains[k]) / sum));
        }
    }

    void aRoundLastsItsInterval()
    {
        LinearWorld world(2, {{"rounds", 1.0}, {"probe_steps", 2.0}, {"interval", 10.0}, {"focus", 0.9}});
        for (int step = 1; step <= 30; ++step) {
            const bool probing = (step - 1) % 10 < 4;
            const bool oneHot = near(world.mixture()[0], 0.9) || near(world.mixture()[1], 0.9);
            QVERIFY2(probing == oneHot, qPrintable(QString::number(step)));
            world.train();
        }
    }

    void cumulativeMultipliesWhatWasMeasured()
    {
        LinearWorld world(3, {{"rounds", 1.0}, {"probe_steps", 1.0}, {"interval", 5.0}, {"memory", std::string("cumulative")}});
        const Numbers gains = world.gains();
        for (int round = 1; round <= 3; ++round) {
            for (int step = 0; step < 3; ++step)
                world.train();
            double sum = 0.0;
            for (const double gain : gains)
                sum += std::exp(round * gain);
            for (std::size_t k = 0; k < 3; ++k)
                QVERIFY(near(world.mixture()[k], std::exp(round * gains[k]) / sum));
            world.train();
            world.train();
        }
    }

    // In a run: probes are steps of the budget, their evaluations are stored, and do not count for the end of the run or the best checkpoint.
    void trainsItsProbes()
    {
        Experiment e = smallExperiment(40);
        e.training.evalInterval = 20;
        e.mixture = {.policy = "aioli", .parameters = {{"interval", 20.0}, {"rounds", 1.0}, {"probe_steps", 3.0}}};
        Run run(e);
        run.trainer.start();
        run.toTheEnd();
        QCOMPARE(run.trainer.stepsDone(), std::uint64_t{40});
        std::vector<std::uint64_t> steps;
        for (const EvaluationEvent &event : run.log.all<EvaluationEvent>())
            steps.push_back(event.step);
        QCOMPARE(steps, (std::vector<std::uint64_t>{0, 3, 6, 9, 20, 23, 26, 29, 40}));
        for (const MessageEvent &message : run.log.all<MessageEvent>())
            QVERIFY(message.kind != MessageEvent::Kind::Evaluation || message.step % 20 == 0);
        Run undisturbed(e), first(e), second(e);
        undisturbed.trainer.start();
        undisturbed.toTheEnd();
        first.trainer.start();
        first.toTheEnd(25);
        first.trainer.checkpoint();
        second.trainer.resume(*first.lastSnapshot());
        second.toTheEnd();
        QVERIFY(samePointsAfter(undisturbed.log, second.log, 25));
    }

    void refusesProbesThatFillTheRound()
    {
        Experiment e = smallExperiment();
        e.mixture = {.policy = "aioli", .parameters = {{"interval", 60.0}}}; // 3 domains, 2 permutations, 10 steps
        QVERIFY(mentionsIssue(checkExperiment(e), "the probes of a round take 60 steps"));
        e.mixture.parameters = {{"interval", 61.0}, {"focus", 0.3}};
        QVERIFY(mentionsIssue(checkExperiment(e), "no more than the uniform share"));
        e.mixture.parameters = {{"interval", 61.0}};
        QVERIFY(checkExperiment(e).empty());
    }
};

QTEST_GUILESS_MAIN(TestAioliPolicy)
#include "tst_aioli_policy.moc"
