// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/mixture/policy_registry.h"

#include <nlohmann/json.hpp>

#include <QTest>

#include <cmath>
#include <fstream>
#include <limits>

using namespace krater;

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

PolicyContext contextOf(std::size_t numDomains)
{
    PolicyContext context;
    for (std::size_t k = 0; k < numDomains; ++k) {
        context.domains.push_back(std::string(1, char('a' + k)));
        context.tokens.push_back(100.0 * double(k + 1));
    }
    return context;
}

// NaN: the domain is absent.
PolicyInput losses(const std::vector<double> &values, std::uint64_t step = 1, PolicyInput::Signal signal = PolicyInput::Signal::Training)
{
    PolicyInput input;
    input.signal = signal;
    input.step = step;
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

std::vector<double> term(const std::vector<PolicyTerm> &terms, const char *name)
{
    return std::ranges::find(terms, name, &PolicyTerm::name)->values;
}

} // namespace

class TestGibbsPolicy : public QObject {
    Q_OBJECT

private slots:
    void givesTheWorkedExample()
    {
        const auto policy = createPolicy("gibbs", contextOf(2), {});
        QCOMPARE(policy->initial()[0], 0.5);
        const auto mixture = policy->update(losses({0.2, 0.8}));
        QVERIFY(mixture);
        QVERIFY(near((*mixture)[0], 0.6457, 5e-5) && near((*mixture)[1], 0.3543, 5e-5));
    }

    void intervalCountsForHeldOutLossesToo()
    {
        using Signal = PolicyInput::Signal;
        const ParameterValues values{{"signal", std::string("held_out")}, {"interval", 50.0}};
        auto policy = createPolicy("gibbs", contextOf(2), values);
        std::vector<std::uint64_t> updated;
        for (std::uint64_t step = 0; step <= 200; step += 20) {
            if (policy->update(losses({0.2, 0.8}, step, Signal::HeldOut)))
                updated.push_back(step);
            const std::string state = policy->save();
            policy = createPolicy("gibbs", contextOf(2), values);
            policy->restore(state);
        }
        QCOMPARE(updated, (std::vector<std::uint64_t>{0, 60, 120, 180}));
    }

    // The oracle's p minimises <p,H> + tau KL(p || prior); its minimum is -tau ln Z; +H is the other direction.
    void matchesTheOracle()
    {
        const auto oracle = nlohmann::json::parse(std::ifstream(KRATER_TEST_DATA "/oracles/gibbs.json"));
        QVERIFY(!oracle["cases"].empty());
        for (const auto &test : oracle["cases"]) {
            const auto H = test["H"].get<std::vector<double>>();
            const auto prior = test["prior"].get<std::vector<double>>();
            const PolicyContext context = contextOf(H.size());
            Weights weights;
            for (std::size_t k = 0; k < H.size(); ++k)
                weights[context.domains[k]] = prior[k];
            ParameterValues values{{"temperature", test["tau"].get<double>()}, {"prior", weights}};
            const Mixture easy = createPolicy("gibbs", context, values)->update(losses(H)).value();
            values["direction"] = std::string("hard_first");
            const Mixture hard = createPolicy("gibbs", context, values)->update(losses(H)).value();
            double minimum = test["tau"].get<double>() * easy.klDivergence(Mixture::fromWeights(prior));
            for (std::size_t k = 0; k < H.size(); ++k) {
                QVERIFY(near(easy[k], test["out_p_min"][k].get<double>(), 1e-12));
                QVERIFY(near(hard[k], test["out_p_max_variant_plusH"][k].get<double>(), 1e-12));
                minimum += easy[k] * H[k];
            }
            QVERIFY(near(minimum, test["out_F_min"].get<double>(), 1e-9));
        }
    }

    void anAbsentDomainKeepsItsLastLoss()
    {
        const auto policy = createPolicy("gibbs", contextOf(2), {});
        policy->update(losses({0.2, 0.8}));
        const Mixture kept = policy->update(losses({1.0, kNaN}, 2)).value();
        QVERIFY(near(kept[0], 1.0 / (1.0 + std::exp(0.2))));
    }

    void aDomainNeverSeenIsTakenAtTheMean()
    {
        const auto policy = createPolicy("gibbs", contextOf(3), {});
        QVERIFY(!policy->update(losses({kNaN, kNaN, kNaN})));
        QVERIFY(policy->diagnostics().empty());
        const Mixture mixture = policy->update(losses({1.0, kNaN, 3.0}, 2)).value();
        QVERIFY(near(mixture[1] / mixture[0], std::exp(-1.0)));
        QVERIFY(std::isnan(term(policy->diagnostics(), "H")[1]));
        QCOMPARE(term(policy->diagnostics(), "H smoothed")[1], 2.0);
        const Mixture measured = policy->update(losses({kNaN, 1.0, kNaN}, 3)).value();
        QVERIFY(near(measured[1], measured[0]));
    }

    void smoothsByAMovingAverage()
    {
        const auto policy = createPolicy("gibbs", contextOf(2), {{"smoothing", 0.75}});
        policy->update(losses({1.0, 2.0}));
        const Mixture mixture = policy->update(losses({3.0, 2.0}, 2)).value(); // 0.75 x 1 + 0.25 x 3 = 1.5
        QVERIFY(near(mixture[0] / mixture[1], std::exp(0.5)));
        QCOMPARE(term(policy->diagnostics(), "H")[0], 3.0);
        QCOMPARE(term(policy->diagnostics(), "H smoothed")[0], 1.5);
    }

    void updatesAtItsInterval()
    {
        const auto policy = createPolicy("gibbs", contextOf(2), {{"interval", 3.0}});
        QVERIFY(!policy->update(losses({1.0, 2.0}, 1)));
        QVERIFY(!policy->update(losses({5.0, kNaN}, 2)));
        QVERIFY(near((*policy->update(losses({kNaN, 2.0}, 3)))[0], 1.0 / (1.0 + std::exp(3.0)))); // step 2's loss was not forgotten
        QVERIFY(!policy->update(losses({1.0, 2.0}, 4)));
    }

    void listensToOneSignal()
    {
        const auto training = createPolicy("gibbs", contextOf(2), {});
        QVERIFY(!training->update(losses({1.0, 2.0}, 0, PolicyInput::Signal::HeldOut)));
        const auto heldOut = createPolicy("gibbs", contextOf(2), {{"signal", std::string("held_out")}, {"interval", 7.0}});
        QVERIFY(!heldOut->update(losses({1.0, 2.0}, 7)));
        const std::vector<double> H{0.7, 1.9};
        const Mixture mixture = heldOut->update(losses(H, 0, PolicyInput::Signal::HeldOut)).value(); // every evaluation, step 0 too
        QVERIFY(near(mixture[0], std::exp(-0.7) / (std::exp(-0.7) + std::exp(-1.9))));
    }

    void explainsItself()
    {
        const auto policy = createPolicy("gibbs", contextOf(2), {{"prior", std::string("natural")}, {"floor", 0.1}});
        const Mixture mixture = policy->update(losses({0.2, 0.8})).value();
        const auto logWeight = term(policy->diagnostics(), "log weight"); // before the floor
        for (std::size_t k = 0; k < 2; ++k)
            QVERIFY(near(mixture[k], 0.8 * std::exp(logWeight[k]) + 0.1));
        QVERIFY(near(logWeight[0] - logWeight[1], std::log(0.5) + 0.6)); // ln(prior_a / prior_b) + H_b - H_a
    }

    void aPriorOfZeroStaysOut()
    {
        for (const char *direction : {"easy_first", "hard_first"}) {
            const auto policy =
                createPolicy("gibbs", contextOf(3), {{"prior", Weights{{"a", 1.0}, {"b", 1.0}}}, {"direction", std::string(direction)}});
            const Mixture mixture = policy->update(losses({1.0, 1.0, direction[0] == 'e' ? -1e300 : 1e300})).value();
            QCOMPARE(mixture[2], 0.0);
            QVERIFY(near(mixture[0], 0.5));
            QVERIFY(std::isnan(term(policy->diagnostics(), "log weight")[2]));
        }
    }

    void hugeDifferencesPickOneDomain()
    {
        const Mixture mixture = createPolicy("gibbs", contextOf(3), {{"temperature", 1e-3}})->update(losses({1e300, -1e300, 1e300})).value();
        QCOMPARE(mixture[1], 1.0);
        const Mixture equal = createPolicy("gibbs", contextOf(3), {})->update(losses({1e300, 1e300, 1e300})).value();
        QVERIFY(equal.l1Distance(Mixture::uniform(3)) < 1e-12);
    }
};

QTEST_GUILESS_MAIN(TestGibbsPolicy)
#include "tst_gibbs_policy.moc"
