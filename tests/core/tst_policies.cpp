// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/mixture/policy_registry.h"

#include "core/base/error.h"
#include "core/fit/power_law.h"
#include "core/mixture/doremi_rule.h"

#include <QTest>

#include <cmath>
#include <limits>

using namespace krater;

namespace {

using Numbers = std::vector<double>;
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr auto kHeldOut = PolicyInput::Signal::HeldOut;

PolicyContext contextOf(const Numbers &tokens, std::uint64_t budget = 10'000, std::uint64_t numSteps = 100)
{
    PolicyContext context{{}, tokens, budget, numSteps};
    for (std::size_t k = 0; k < tokens.size(); ++k)
        context.domains.push_back(std::string(1, char('a' + k)));
    return context;
}

// NaN: the domain is absent.
PolicyInput losses(const Numbers &values, std::uint64_t step,
                   PolicyInput::Signal signal = PolicyInput::Signal::Training)
{
    PolicyInput input;
    input.signal = signal;
    input.step = step;
    input.tokensDone = step * 100;
    input.losses = values;
    for (const double loss : values)
        input.present.push_back(!std::isnan(loss));
    input.tokens.assign(values.size(), 256.0);
    return input;
}

bool near(double a, double b, double tolerance = 1e-12)
{
    return std::abs(a - b) <= tolerance;
}

Numbers term(const MixturePolicy &policy, const char *name)
{
    const auto terms = policy.diagnostics();
    const auto found = std::ranges::find(terms, name, &PolicyTerm::name);
    return found == terms.end() ? Numbers{} : found->values;
}

double odmFloor(double numDomains, double step)
{
    return std::min(1.0 / numDomains, std::sqrt(std::log(numDomains) / (numDomains * step)));
}

} // namespace

// The rules in numbers that can be followed by hand; the references' own are in tst_oracles.
class TestPolicies : public QObject {
    Q_OBJECT

private slots:
    void unimaxCapsSmallDomainsAndSaysWhatStaysUnspent()
    {
        const auto policy = createPolicy("unimax", contextOf({100, 1000, 10'000}, 3000), {{"max_epochs", 4.0}});
        const Mixture mixture = policy->initial();
        QVERIFY(near(mixture[0], 400.0 / 3000) && near(mixture[1], 1300.0 / 3000) && near(mixture[2], 1300.0 / 3000));
        QVERIFY(policy->warnings().empty());
        const auto overrun = createPolicy("unimax", contextOf({100, 200}, 3000), {{"max_epochs", 1.0}});
        QVERIFY(near(overrun->initial()[0], 1.0 / 3.0));
        QCOMPARE(overrun->warnings().size(), std::size_t(1));
        QVERIFY(overrun->warnings().front().find("unspent") != std::string::npos);
        QCOMPARE(createPolicy("unimax", contextOf({100, 300}, 0), {})->initial()[0],
                 0.5); // no budget: one pass, 400 tokens, 200 each
    }

    void aScheduleMovesInLinesOrSteps()
    {
        const Schedule points{{0.2, Weights{{"a", 1.0}}}, {0.6, Weights{{"b", 1.0}}}, {0.8, std::string("uniform")}};
        const auto shareOfA = [&](const char *interpolation, std::uint64_t step) { // of 100 steps
            const auto policy = createPolicy("schedule", contextOf({1, 1}),
                                             {{"points", points}, {"interpolation", std::string(interpolation)}});
            const Mixture start = policy->initial();
            return policy->update(losses({1.0, 2.0}, step)).value_or(start)[0];
        };
        QCOMPARE(shareOfA("linear", 10), 1.0);
        QVERIFY(near(shareOfA("linear", 30), 0.75) && near(shareOfA("linear", 40), 0.5)
                && near(shareOfA("linear", 70), 0.25));
        QVERIFY(near(shareOfA("linear", 100), 0.5));
        QVERIFY(near(shareOfA("step", 59), 1.0) && near(shareOfA("step", 60), 0.0) && near(shareOfA("step", 80), 0.5));
        QVERIFY(!createPolicy("schedule", contextOf({1, 1}), {})->update(losses({1.0, 2.0}, 50, kHeldOut)));
    }

    void odmFollowsTheAverageOfThePerplexity()
    {
        const auto policy = createPolicy("odm", contextOf({1, 1, 1}), {{"warmup", 0.1}, {"smoothing", 0.5}});
        QVERIFY(!policy->update(losses({1, 2, 3}, 10))); // warming up: forgotten
        policy->update(losses({1.0, 2.0, kNaN}, 11));
        const Mixture mixture = policy->update(losses({3.0, kNaN, kNaN}, 1000)).value();
        const double a = 0.25 * std::exp(1.0) + 0.5 * std::exp(3.0), b = 0.5 * std::exp(2.0), floor = odmFloor(3, 1000);
        QVERIFY(near(mixture[0], (1 - 3 * floor) * a / (a + b) + floor));
        QVERIFY(near(mixture[2], floor)); // never seen
        QVERIFY(near(term(*policy, "log reward")[0], std::log(a)));
        QVERIFY(std::isnan(term(*policy, "H")[1]));
    }

    void odmOfThePaperHasExponentialWeights()
    {
        const auto policy =
            createPolicy("odm", contextOf({1, 3}), {{"variant", std::string("paper")}, {"warmup", 0.0}});
        const Mixture mixture = policy->update(losses({2.0, 2.0}, 50)).value();
        const double floor = odmFloor(2, 50); // R = 0.1 loss / p, inverse temperature: 1/K at first
        const double a = std::exp(0.5 * 0.1 * 2.0 / 0.25), b = std::exp(0.5 * 0.1 * 2.0 / 0.75);
        QVERIFY(near(mixture[0], (1 - 2 * floor) * a / (a + b) + floor));
    }

    void odmByEma()
    {
        const auto policy = createPolicy("odm", contextOf({1, 1}), {{"variant", std::string("ema")}, {"warmup", 0.0}});
        const Mixture mixture = policy->update(losses({4.0, kNaN}, 3)).value(); // w = 0.5 x 4 + 0.5 x 0.5
        QVERIFY(near(mixture[0], 2.25 / 2.75));
        QVERIFY(!createPolicy("odm", contextOf({1, 1}), {{"variant", std::string("ema")}, {"warmup", 0.0}})
                     ->update(losses({0.0, 0.0}, 1)));
    }

    void shearedLlamaFeedsWhatLagsBehindItsTarget()
    {
        const Weights targets{{"a", 2.0}, {"b", 1.0}};
        const auto answer = [&](const char *type) {
            const auto policy =
                createPolicy("sheared_llama", contextOf({1, 3}),
                             {{"targets", targets}, {"type", std::string(type)}, {"eta", 2.0}, {"smoothing", 0.1}});
            const Mixture start = policy->initial();
            return policy->update(losses({1.5, 1.25}, 0, kHeldOut)).value_or(start);
        };
        const double a = std::exp(-1.0), b = std::exp(0.5); // not clipped at 0
        QVERIFY(near(answer("doremi")[0], 0.9 * 0.25 * a / (0.25 * a + 0.75 * b) + 0.05));
        QVERIFY(near(answer("bandit")[0], 0.9 * std::exp(0.25) * a / (std::exp(0.25) * a + std::exp(0.75) * b) + 0.05));
        QCOMPARE(answer("constant")[0], 0.25);
    }

    void shearedLlamaAsksForTargets()
    {
        const auto policy = createPolicy("sheared_llama", contextOf({1, 3}), {});
        QVERIFY_THROWS_EXCEPTION(Error, policy->update(losses({1.0, 1.0}, 0, kHeldOut)));
        PolicyInput input = losses({1.0, 1.0}, 0, kHeldOut);
        input.referenceLosses = {0.5, 1.0}; // a reference run's stand for typed ones
        QVERIFY(policy->update(input).value()[0] > 0.25);
        QVERIFY_THROWS_EXCEPTION(Error,
                                 createPolicy("sheared_llama", contextOf({1, 3}), {{"targets", Weights{{"a", 1.0}}}}));
    }

    void skillItSumsTheWindowAlongTheGraph()
    {
        const Graph graph{{"a", {{"b", 0.5}}}};
        const auto policy =
            createPolicy("skill_it", contextOf({1, 1}), {{"graph", graph}, {"eta", 0.2}, {"window", 2.0}});
        QVERIFY(near(policy->initial()[0], 1.0 / (1.0 + std::exp(-0.1)))); // exp(eta A 1): 1.5 and 1
        policy->update(losses({9.0, 9.0}, 0, kHeldOut));
        policy->update(losses({3.0, 1.0}, 1, kHeldOut));
        const Mixture mixture = policy->update(losses({2.0, kNaN}, 2, kHeldOut)).value(); // b keeps its 1
        const double a = 5.0 + 0.5 * 2.0, b = 2.0;
        QVERIFY(near(mixture[0], 1.0 / (1.0 + std::exp(0.2 * (b - a)))));
        QCOMPARE(term(*policy, "H summed"), (Numbers{5.0, 2.0}));
    }

    void adoFollowsTheSlopes()
    {
        // a has nothing left to learn, b has: laws are fitted to 400 steps of 16 samples
        const PowerLaw flat{0.0, 0.9, 0.0}, steep{3.0, 0.6, 0.4};
        const auto policy = createPolicy("ado", contextOf({1, 1}, 1'000'000, 400), {{"prior", std::string("uniform")}});
        std::optional<Mixture> mixture;
        for (std::uint64_t step = 1; step <= 400; ++step) {
            PolicyInput input = losses({flat.irreducible(), steep.lossAt(16.0 * double(step))}, step);
            input.tokens = {8.0 * 1024, 8.0 * 1024};
            if (const auto updated = policy->update(input))
                mixture = updated;
        }
        QVERIFY(mixture && (*mixture)[1] > 0.8); // the mean of the preferences still holds a tenth of the prior
        QVERIFY(term(*policy, "preference")[1] > 0.9);
        QVERIFY(term(*policy, "slope")[1] > 10.0 * term(*policy, "slope")[0]);
        QVERIFY(near(term(*policy, "history share")[0], 0.5));
    }

    void adoSaysThatItNeverStarts()
    {
        QVERIFY(createPolicy("ado", contextOf({1, 1}), {})->warnings().empty());
        QCOMPARE(createPolicy("ado", contextOf({1, 1}), {{"start", 1000.0}})->warnings().size(), std::size_t(1));
    }

    // Equation 1 of the paper and the code differ where domains have unequal numbers of tokens.
    void doremiNormalisesOverTheBatchOrTheDomain()
    {
        const DoremiBatch batch{{0, 0, 0, 1, 1}, {1, 1, 1, 1, 1}, {0, 0, 0, 0, 0}, {true, true, true, true, false}};
        const Numbers byBatch =
            doremiTokenWeights(batch, Numbers{0.5, 0.5}, Numbers{0.5, 0.5}, DoremiNormalisation::Batch);
        const Numbers byDomain =
            doremiTokenWeights(batch, Numbers{0.5, 0.5}, Numbers{0.5, 0.5}, DoremiNormalisation::Domain);
        QCOMPARE(byBatch, (Numbers{0.25, 0.25, 0.25, 0.25, 0.0}));
        QVERIFY(near(byDomain[0], 0.5 / 3.0) && near(byDomain[3], 0.5) && byDomain[4] == 0.0);
    }

    void checksTheNewKinds()
    {
        const auto messages = [](const char *policy, const ParameterValues &values) {
            std::string all;
            for (const Issue &issue : validateParameters(*findPolicy(policy), values, {"a", "b"}))
                all += toString(issue) + '\n';
            return all;
        };
        const auto has = [&](const char *policy, const ParameterValues &values, const char *what) {
            return messages(policy, values).find(what) != std::string::npos;
        };
        QVERIFY(messages("schedule", {}).empty()
                && messages("skill_it", {{"graph", Graph{{"a", {{"b", 0.5}}}}}}).empty());
        QVERIFY(has("sheared_llama", {{"targets", Weights{{"a", 1.0}}}}, "no number for domain \"b\""));
        QVERIFY(has("sheared_llama", {{"targets", Weights{{"a", 1.0}, {"b", -1.0}}}}, "the number -1"));
        QVERIFY(has("sheared_llama", {{"targets", 3.0}}, "holds no numbers"));
        QVERIFY(has("skill_it", {{"graph", Graph{{"c", {}}}}}, "\"c\", which is not in the experiment"));
        QVERIFY(has("skill_it", {{"graph", std::string("full")}}, "no graph"));
        QVERIFY(has("schedule", {{"points", Schedule{}}}, "holds no points"));
        QVERIFY(has("schedule", {{"points", Schedule{{0.5, std::string("uniform")}, {0.5, std::string("natural")}}}},
                    "not after the point before"));
        QVERIFY(has("schedule", {{"points", Schedule{{1.5, std::string("flat")}}}}, "at is 1.5"));
        QVERIFY(has("schedule", {{"points", Schedule{{0.5, std::string("flat")}}}}, "mixture is \"flat\""));
        QVERIFY(has("schedule", {{"points", Schedule{{0.5, Weights{{"c", 1.0}}}}}}, "\"c\""));
    }
};

QTEST_GUILESS_MAIN(TestPolicies)
#include "tst_policies.moc"
