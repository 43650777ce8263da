// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/mixture/policy_registry.h"
#include "core/train/policy_cost.h"

#include "tests/support/trainer_run.h"

#include <QTest>

#include <cmath>

using namespace krater;

namespace {

using Numbers = std::vector<double>;

const ParameterValues kProbes{{"graph", std::string("probes")}, {"probe_steps", 2.0}, {"eta", 0.5}};

PolicyContext twoDomains(std::uint64_t numSteps = 100)
{
    return {.domains = {"a", "b"}, .tokens = {1000.0, 1000.0}, .tokenBudget = 10'000, .numSteps = numSteps};
}

PolicyInput trained(std::uint64_t step)
{
    return {.signal = PolicyInput::Signal::Training, .step = step, .losses = {9.0, 9.0}, .present = {true, true}, .tokens = {1.0, 1.0}};
}

PolicyInput evaluated(std::uint64_t step, const Numbers &losses)
{
    PolicyInput input;
    input.signal = PolicyInput::Signal::HeldOut;
    input.step = step;
    input.losses = losses;
    for (const double loss : losses)
        input.present.push_back(!std::isnan(loss));
    return input;
}

bool near(double a, double b)
{
    return std::abs(a - b) < 1e-12;
}

bool is(const std::optional<Mixture> &mixture, double first)
{
    return mixture && near((*mixture)[0], first);
}

// Of exp(a) and exp(b), the share of the first.
double softmax(double a, double b)
{
    return 1.0 / (1.0 + std::exp(b - a));
}

Numbers term(const MixturePolicy &policy, const char *name)
{
    const auto terms = policy.diagnostics();
    const auto found = std::ranges::find(terms, name, &PolicyTerm::name);
    return found == terms.end() ? Numbers{} : found->values;
}

// One step of the run below: what the policy is told, and what it should answer.
struct Moment {
    PolicyInput input;
    double share; // of a; NaN: the mixture is kept
    bool wants;   // an evaluation, afterwards
};

// Two probes of two steps, and what comes after them.
std::vector<Moment> probedRun()
{
    const double kept = std::nan("");
    return {{evaluated(0, {4.0, 2.0}), 1.0, false},
            {trained(1), kept, false},
            {evaluated(1, {3.5, 1.75}), kept, false}, // the experiment's own: in the middle of a probe
            {trained(2), kept, true},
            {evaluated(2, {3.0, 1.5}), 0.0, false}, // a helped by (4 - 3) / 4 and (2 - 1.5) / 2
            {trained(3), kept, false},
            {trained(4), kept, true},
            {evaluated(4, {3.3, 0.75}), softmax(0.5 * 0.5, 0.5 * 0.4), false}, // b by (3 - 3.3) / 3 and 0.75 / 1.5
            {trained(5), kept, false},
            {evaluated(5, {3.0, 1.0}), softmax(0.5 * (0.75 + 0.25), 0.5 * (-0.3 + 0.5)), false},
            {evaluated(6, {2.0, 1.0}), softmax(0.5 * (1.25 + 0.5), 0.5 * (-0.5 + 1.0)), false}};
}

} // namespace

// A graph that is measured while training; a typed one is in tst_policies.
class TestSkillItPolicy : public QObject {
    Q_OBJECT

private slots:
    void measuresTheGraphByProbes()
    {
        const auto policy = createPolicy("skill_it", twoDomains(), kProbes);
        QCOMPARE(policy->initial()[0], 0.5);
        std::size_t number = 0;
        for (const Moment &moment : probedRun()) {
            const auto mixture = policy->update(moment.input);
            QVERIFY2(std::isnan(moment.share) ? !mixture : is(mixture, moment.share), qPrintable(QString::number(number)));
            QCOMPARE(policy->wantsEvaluation(), moment.wants);
            ++number;
        }
    }

    void showsWhatAProbeFound()
    {
        const auto policy = createPolicy("skill_it", twoDomains(), kProbes);
        const std::vector<Moment> run = probedRun();
        policy->update(run[0].input);
        QCOMPARE(term(*policy, "probe"), (Numbers{1.0, 0.0}));
        for (std::size_t i = 1; i <= 4; ++i)
            policy->update(run[i].input);
        QCOMPARE(term(*policy, "effect of a"), (Numbers{0.25, 0.25}));
        QCOMPARE(term(*policy, "probe"), (Numbers{0.0, 1.0}));
        for (std::size_t i = 5; i <= 7; ++i)
            policy->update(run[i].input);
        const Numbers ofB = term(*policy, "effect of b"), gains = term(*policy, "gain along graph");
        QVERIFY(near(ofB[0], -0.1) && near(ofB[1], 0.5)); // it forgot some of a
        QVERIFY(near(gains[0], 0.5) && near(gains[1], 0.4));
        QCOMPARE(term(*policy, "probe"), (Numbers{0.0, 0.0}));
        policy->update(run[9].input);
        QVERIFY(term(*policy, "effect of b").empty()); // once is enough
    }

    void goesOnAfterAnyMoment()
    {
        const std::vector<Moment> run = probedRun();
        for (std::size_t middle = 0; middle <= run.size(); ++middle) {
            auto policy = createPolicy("skill_it", twoDomains(), kProbes);
            for (std::size_t i = 0; i < run.size(); ++i) {
                if (i == middle) {
                    const std::string state = policy->save();
                    policy = createPolicy("skill_it", twoDomains(), kProbes);
                    policy->restore(state);
                    QCOMPARE(policy->save(), state);
                }
                const auto mixture = policy->update(run[i].input);
                QVERIFY(std::isnan(run[i].share) ? !mixture : is(mixture, run[i].share));
                QCOMPARE(policy->wantsEvaluation(), run[i].wants);
            }
        }
    }

    void refusesAStateWithoutItsProbes()
    {
        const auto typed = createPolicy("skill_it", twoDomains(), {}), probing = createPolicy("skill_it", twoDomains(), kProbes);
        QVERIFY_THROWS_EXCEPTION(Error, probing->restore(typed->save()));
    }

    void aDomainWithoutHeldOutTextIsTakenAtTheMean()
    {
        const auto policy = createPolicy("skill_it", twoDomains(), kProbes);
        policy->update(evaluated(0, {4.0, std::nan("")}));
        policy->update(trained(1));
        policy->update(trained(2));
        policy->update(evaluated(2, {3.0, std::nan("")}));
        QCOMPARE(term(*policy, "effect of a"), (Numbers{0.25, 0.25}));
    }

    void probesAreStepsOfTheRun()
    {
        Experiment e = smallExperiment(40);
        e.training.evalInterval = 20;
        e.mixture = {.policy = "skill_it", .parameters = {{"graph", std::string("probes")}, {"probe_steps", 4.0}}};
        Run undisturbed(e), first(e), second(e);
        undisturbed.trainer.start();
        undisturbed.toTheEnd();
        std::vector<std::uint64_t> evaluations;
        for (const EvaluationEvent &event : undisturbed.log.all<EvaluationEvent>())
            evaluations.push_back(event.step);
        QCOMPARE(evaluations, (std::vector<std::uint64_t>{0, 4, 8, 12, 20, 40}));
        const auto steps = undisturbed.log.all<StepEvent>();
        QCOMPARE(steps.size(), std::size_t{40});
        QCOMPARE(steps[0].realisedShare, (Numbers{1.0, 0.0, 0.0})); // it trains on the first domain alone
        QCOMPARE(steps[11].realisedShare, (Numbers{0.0, 0.0, 1.0}));
        first.trainer.start();
        first.toTheEnd(6);
        first.trainer.checkpoint();
        second.trainer.resume(*first.lastSnapshot());
        second.toTheEnd();
        QVERIFY(samePointsAfter(undisturbed.log, second.log, 6));
    }

    void saysWhatProbesCost()
    {
        Experiment e = smallExperiment(40);
        e.mixture = {.policy = "skill_it", .parameters = {{"graph", std::string("probes")}, {"probe_steps", 4.0}}};
        // 3 evaluations of 3 x 64 tokens in 40 steps of 32, a forward pass being a third of a step
        QVERIFY(near(extraTime(e), 3.0 / 40.0 * 3.0 * 64.0 / 32.0 / 3.0));
        e.mixture.parameters = {};
        QCOMPARE(extraTime(e), 0.0);
        QVERIFY(createPolicy("skill_it", twoDomains(), kProbes)->warnings().empty());
        const auto warnings = createPolicy("skill_it", twoDomains(4), kProbes)->warnings();
        QCOMPARE(warnings.size(), std::size_t{1});
        QVERIFY(mentions(warnings[0], "probes take 4 steps, and the run has 4"));
    }
};

QTEST_GUILESS_MAIN(TestSkillItPolicy)
#include "tst_skill_it_policy.moc"
