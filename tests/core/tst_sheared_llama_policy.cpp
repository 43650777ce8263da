// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/config/experiment_checks.h"
#include "core/config/experiment_toml.h"
#include "core/mixture/loss_forecast.h"
#include "core/mixture/policy_registry.h"

#include "tests/support/trainer_run.h"

#include <QTest>

#include <cmath>

using namespace krater;

namespace {

using Numbers = std::vector<double>;

constexpr std::uint64_t kBudget = 1'000'000;
const ParameterValues kFromLaw{{"target_from", std::string("law")}, {"prior", std::string("uniform")}, {"smoothing", 0.0}};

PolicyContext twoDomains()
{
    return {.domains = {"a", "b"}, .tokens = {1000.0, 1000.0}, .tokenBudget = kBudget, .numSteps = 1000};
}

// The losses of bytes lie below exp(0.5), where ADO's penalty on E begins.
double lossOfA(double tokens)
{
    return 0.8 + 30.0 * std::pow(tokens, -0.3);
}

double lossOfB(double tokens)
{
    return 2.0 + 200.0 * std::pow(tokens, -0.5);
}

PolicyInput evaluation(std::uint64_t tokens)
{
    const double n = std::max(1.0, double(tokens));
    return {.signal = PolicyInput::Signal::HeldOut, .step = tokens / 1000, .tokensDone = tokens, .losses = {lossOfA(n), lossOfB(n)}, .present = {true, true}, .tokens = {1.0, 1.0}};
}

bool near(double a, double b, double tolerance = 1e-12)
{
    return std::abs(a - b) <= tolerance;
}

constexpr const char *kFile = R"([[domain]]
name = "a"
sources = ["a"]
[[domain]]
name = "b"
sources = ["b"]
[mixture]
policy = "sheared_llama"
)";

} // namespace

class TestShearedLlamaPolicy : public QObject {
    Q_OBJECT

private slots:
    void foretellsTheLossesOfTheEnd()
    {
        LossForecast forecast(2, kBudget);
        for (std::uint64_t tokens = 0; tokens <= 400'000; tokens += 50'000) {
            forecast.add(evaluation(tokens));
            QCOMPARE(std::isnan(forecast.losses()[0]), tokens < 5 * 50'000); // the fifth after the first step
        }
        QVERIFY(near(forecast.losses()[0], lossOfA(kBudget), 0.01));
        QVERIFY(near(forecast.losses()[1], lossOfB(kBudget), 0.01));
        LossForecast again(2, kBudget);
        again.restore(forecast.save());
        QCOMPARE(again.save(), forecast.save());
        QCOMPARE(again.losses(), forecast.losses());
        LossForecast other(3, kBudget);
        QVERIFY_THROWS_EXCEPTION(Error, other.restore(forecast.save()));
    }

    void keepsABoundedNumberOfLosses()
    {
        LossForecast forecast(1, kBudget);
        for (std::uint64_t i = 1; i <= 2000; ++i) {
            PolicyInput input = evaluation(400 * i);
            input.losses.resize(1);
            input.present.resize(1);
            forecast.add(input);
        }
        QVERIFY(forecast.save().size() < 256 * 40);
        QVERIFY(near(forecast.losses()[0], lossOfA(kBudget), 0.01));
    }

    void aDomainWithoutLossesHasNoForecast()
    {
        LossForecast forecast(2, kBudget);
        for (std::uint64_t tokens = 50'000; tokens <= 400'000; tokens += 50'000) {
            PolicyInput input = evaluation(tokens);
            input.present[1] = false;
            forecast.add(input);
        }
        QVERIFY(near(forecast.losses()[0], lossOfA(kBudget), 0.01) && std::isnan(forecast.losses()[1]));
    }

    void feedsWhatHasFurthestToGo()
    {
        const auto policy = createPolicy("sheared_llama", twoDomains(), kFromLaw);
        for (std::uint64_t tokens = 0; tokens <= 200'000; tokens += 50'000)
            QVERIFY(!policy->update(evaluation(tokens)));
        const Mixture mixture = policy->update(evaluation(250'000)).value();
        const std::vector<PolicyTerm> terms = policy->diagnostics();
        QCOMPARE(terms[0].name, std::string("excess loss"));
        QCOMPARE(terms[1].name, std::string("target loss"));
        const Numbers excess = terms[0].values, target = terms[1].values;
        QCOMPARE(excess[0], lossOfA(250'000) - target[0]);
        QCOMPARE(excess[1], lossOfB(250'000) - target[1]);
        QVERIFY(near(mixture[0], 1.0 / (1.0 + std::exp(excess[1] - excess[0])))); // eta = 1, from a uniform prior
        // By the laws a falls by 0.244 from here to the end, b by 0.2: a has further to go.
        QVERIFY(near(excess[0], 0.24, 0.03) && near(excess[1], 0.2, 0.03));
    }

    void aConstantMixtureShowsItsTerms()
    {
        ParameterValues values{{"targets", Weights{{"a", 1.0}, {"b", 1.0}}}, {"type", std::string("constant")}};
        const auto policy = createPolicy("sheared_llama", twoDomains(), values);
        const auto mixture = policy->update(evaluation(1000)); // the trainer stores terms with a mixture
        QVERIFY(mixture && *mixture == policy->initial());
    }

    void withoutTargetsItIsRefusedBeforeItStarts()
    {
        const LoadedExperiment none = parseExperiment(kFile, "e.toml", {});
        QVERIFY(!hasErrors(none.issues)); // the frozen copy of a stage is read like this
        QVERIFY(none.missingStage);
        const std::string text = toString(*none.missingStage);
        QVERIFY2(mentions(text, "e.toml:8:10: error: The policy sheared_llama compares with a reference model"), text.c_str());
        QVERIFY2(mentions(text, "targets = { a = 2.1") && mentions(text, "target_from = \"law\""), text.c_str());
        for (const char *more : {"target_from = \"law\"\n", "targets = { a = 1, b = 2 }\n"})
            QVERIFY(!parseExperiment(std::string(kFile) + more, "e.toml", {}).missingStage);
        const LoadedExperiment both = parseExperiment(std::string(kFile) + "target_from = \"law\"\ntargets = { a = 1, b = 2 }\n", "e.toml", {});
        QVERIFY(hasErrors(both.issues) && mentions(toString(both.issues[0]), "e.toml:9:15: error: mixture: target_from = \"law\" leaves no use for targets"));

        Experiment e = smallExperiment();
        e.mixture.policy = "sheared_llama";
        e.mixture.parameters.clear();
        QVERIFY_THROWS_EXCEPTION(Error, std::make_unique<Run>(e)); // whoever asks for it
    }

    void aReferenceStageDoes()
    {
        const std::string plan = std::string(kFile) + "[[stage]]\nrole = \"reference\"\nmixture.policy = \"natural\"\n[[stage]]\nrole = \"main\"\n";
        const LoadedExperiment with = parseExperiment(plan + "reference.from = \"reference\"\n", "e.toml", {});
        QVERIFY(with.issues.empty() && !with.missingStage);
        const LoadedExperiment without = parseExperiment(plan, "e.toml", {});
        QCOMPARE(without.issues.size(), std::size_t{1});
        QVERIFY(mentions(toString(without.issues[0]), "stage \"main\": the policy sheared_llama compares with a reference model, and there is none"));
        QVERIFY(mentions(without.issues[0].advice, "target_from"));
        QVERIFY(parseExperiment(plan + "mixture.target_from = \"law\"\n", "e.toml", {}).issues.empty());
    }
};

QTEST_GUILESS_MAIN(TestShearedLlamaPolicy)
#include "tst_sheared_llama_policy.moc"
