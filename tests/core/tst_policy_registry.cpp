// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/mixture/policy_registry.h"

#include "core/base/error.h"

#include <nlohmann/json.hpp>

#include <QTest>

#include <cmath>
#include <fstream>
#include <limits>

using namespace krater;

namespace {

PolicyContext twoDomains()
{
    return {.domains = {"a", "b"}, .tokens = {1000.0, 9000.0}, .tokenBudget = 1'000'000, .numSteps = 100};
}

std::string messagesOf(const char *policy, const ParameterValues &values)
{
    std::string all;
    for (const Issue &issue : validateParameters(*findPolicy(policy), values, {"code", "prose"}))
        all += toString(issue) + "\n";
    return all;
}

bool mentions(const std::string &text, const char *what)
{
    return text.find(what) != std::string::npos;
}

} // namespace

class TestPolicyRegistry : public QObject {
    Q_OBJECT

private slots:
    void knowsItsPolicies()
    {
        for (const char *name : {"uniform", "natural", "temperature", "manual", "gibbs"})
            QVERIFY2(findPolicy(name), name);
        QVERIFY(!findPolicy("gibs"));
    }

    void staticPoliciesFollowTheirFormulas()
    {
        const PolicyContext context = twoDomains();
        QCOMPARE(createPolicy("uniform", context, {})->initial()[0], 0.5);
        QCOMPARE(createPolicy("natural", context, {})->initial()[0], 0.1);
        QVERIFY(std::abs(createPolicy("temperature", context, {{"temperature", 2.0}})->initial()[0] - 0.25) < 1e-12); // 1 : sqrt(9)
        const Weights weights{{"a", 3.0}, {"b", 1.0}};
        QCOMPARE(createPolicy("manual", context, {{"weights", weights}})->initial()[0], 0.75);
        QCOMPARE(createPolicy("manual", context, {{"weights", Weights{{"b", 2.0}}}})->initial()[0], 0.0);
    }

    void temperatureMatchesTheOracle()
    {
        const auto oracle = nlohmann::json::parse(std::ifstream(KRATER_TEST_DATA "/oracles/static_priors.json"));
        QVERIFY(!oracle["temperature"].empty());
        for (const auto &test : oracle["temperature"]) {
            PolicyContext context;
            context.tokens = test["sizes"].get<std::vector<double>>();
            for (std::size_t k = 0; k < context.tokens.size(); ++k)
                context.domains.push_back(std::to_string(k));
            const Mixture mixture = createPolicy("temperature", context, {{"temperature", test["T"].get<double>()}})->initial();
            for (std::size_t k = 0; k < context.tokens.size(); ++k)
                QVERIFY(std::abs(mixture[k] - test["out_p"][k].get<double>()) < 1e-12);
        }
    }

    void reportsEveryWrongParameter()
    {
        const std::string all = messagesOf("gibbs", {{"temprature", 1.0},
                                                     {"floor", 0.6},
                                                     {"interval", 1.5},
                                                     {"signal", std::string("heldout")},
                                                     {"smoothing", std::string("high")},
                                                     {"prior", Weights{{"cod", 1.0}, {"prose", -1.0}}}});
        for (const char *part : {"no parameter \"temprature\"", "did you mean \"temperature\"?", "floor is 0.6", "from 0 to 0.5", "interval is 1.5",
                                 "signal is \"heldout\"", "training or held_out", "smoothing is not a number", "\"cod\"", "did you mean \"code\"?",
                                 "\"prose\" the weight -1"})
            QVERIFY2(mentions(all, part), (std::string(part) + " is not in:\n" + all).c_str());
    }

    void checksRanges()
    {
        QVERIFY(messagesOf("gibbs", {}).empty());
        QVERIFY(messagesOf("gibbs", {{"floor", 0.5}}).empty());
        QVERIFY(messagesOf("gibbs", {{"prior", std::string("natural")}}).empty());
        for (const double bad : {0.0, -1.0, std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()})
            QVERIFY(mentions(messagesOf("gibbs", {{"temperature", bad}}), "temperature is"));
        QVERIFY(mentions(messagesOf("gibbs", {{"prior", std::string("flat")}}), "prior is \"flat\""));
        QVERIFY(mentions(messagesOf("gibbs", {{"prior", Weights{}}}), "no weight above 0"));
        QVERIFY(mentions(messagesOf("manual", {}), "weights has no weight above 0"));
        QVERIFY(mentions(messagesOf("manual", {{"weights", std::string("uniform")}}), "weights is \"uniform\""));
        QVERIFY(messagesOf("uniform", {{"floor", 0.1}, {"max_epochs", 4.0}}).empty()); // every policy has limits
        QVERIFY(mentions(messagesOf("uniform", {{"max_epochs", -1.0}}), "max_epochs is"));
        QVERIFY(mentions(messagesOf("uniform", {{"temperature", 1.0}}), "uniform has floor, max_epochs"));
    }

    void createRefusesWhatIsNotValid()
    {
        QVERIFY_THROWS_EXCEPTION(Error, createPolicy("gibs", twoDomains(), {}));
        QVERIFY_THROWS_EXCEPTION(Error, createPolicy("gibbs", twoDomains(), {{"temperature", -1.0}}));
        QVERIFY_THROWS_EXCEPTION(Error, createPolicy("gibbs", PolicyContext{}, {}));
    }

    void findsTheNearestName()
    {
        const std::vector<std::string> known{"uniform", "natural", "gibbs", "token_budget"};
        QCOMPARE(nearestName("unifrom", known), std::string("uniform"));
        QCOMPARE(nearestName("gibs", known), std::string("gibbs"));
        QCOMPARE(nearestName("gibsb", known), std::string("gibbs"));
        QCOMPARE(nearestName("tokens_budget", known), std::string("token_budget"));
        QCOMPARE(nearestName("doremi", known), std::string());
        QCOMPARE(nearestName("", known), std::string());
        QCOMPARE(nearestName(std::string(100'000, 'x'), known), std::string());
    }
};

QTEST_GUILESS_MAIN(TestPolicyRegistry)
#include "tst_policy_registry.moc"
