// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/mixture/policy_registry.h"

#include "core/base/error.h"
#include "core/base/rng.h"

#include <QTest>

#include <cmath>
#include <limits>

using namespace krater;

namespace {

PolicyContext contextOf(std::size_t numDomains)
{
    PolicyContext context;
    for (std::size_t k = 0; k < numDomains; ++k) {
        context.domains.push_back("domain " + std::to_string(k));
        context.tokens.push_back(1000.0 * double(k + 1));
    }
    context.tokenBudget = 1'000'000;
    context.numSteps = 1000;
    return context;
}

// Some values for every entry, so that a policy whose parameters have no usable default (weights) can be made, too.
ParameterValues someValues(const PolicyInfo &info, const PolicyContext &context)
{
    ParameterValues values;
    for (const ParamSpec &spec : info.parameters)
        if (spec.kind == ParamSpec::Kind::Weights) {
            Weights weights;
            for (std::size_t k = 0; k < context.numDomains(); ++k)
                weights[context.domains[k]] = double(k + 1);
            values[spec.name] = weights;
        } else if (spec.kind == ParamSpec::Kind::Numbers) {
            Weights numbers;
            for (std::size_t k = 0; k < context.numDomains(); ++k)
                numbers[context.domains[k]] = 0.75 * spec.min + 0.25 * std::min(spec.max, 8.0) + 0.001 * double(k);
            values[spec.name] = numbers;
        }
    return values;
}

// Every domain teaches the next one.
Graph chain(const PolicyContext &context, double weight)
{
    Graph graph;
    for (std::size_t k = 0; k + 1 < context.numDomains(); ++k)
        graph[context.domains[k]][context.domains[k + 1]] = weight;
    return graph;
}

// One set of parameters for each choice of each choice parameter, all other things at their defaults; and one away from every default.
std::vector<ParameterValues> variants(const PolicyInfo &info, const PolicyContext &context)
{
    const ParameterValues base = someValues(info, context);
    std::vector<ParameterValues> all{base};
    ParameterValues far = base;
    for (const ParamSpec &spec : info.parameters) {
        for (const std::string &choice : spec.choices) {
            all.push_back(base);
            all.back()[spec.name] = choice;
        }
        if (spec.kind == ParamSpec::Kind::Mixture)
            far[spec.name] = std::string(spec.defaultValue == ParameterValue(std::string("natural")) ? "uniform" : "natural");
        if (spec.kind == ParamSpec::Kind::Graph) {
            all.push_back(base);
            all.back()[spec.name] = std::string(kProbedGraph);
            far[spec.name] = chain(context, 0.25 * std::min(spec.max, 2.0));
        }
        if (spec.kind == ParamSpec::Kind::Schedule)
            far[spec.name] = Schedule{{0.001, Weights{{context.domains.front(), 3.0}, {context.domains.back(), 1.0}}}, {0.02, std::string("natural")}};
        if (spec.kind == ParamSpec::Kind::Integer)
            far[spec.name] = std::min(spec.min + 2.0, spec.max);
        if (spec.kind == ParamSpec::Kind::Number)
            far[spec.name] = (spec.overDomains ? spec.max / double(context.numDomains()) : std::min(spec.max, 2.0)) * 0.25 + spec.min * 0.75;
    }
    all.push_back(far);
    return all;
}

struct Measurement {
    std::vector<double> losses;
    std::vector<bool> present;
};

PolicyInput inputOf(const Measurement &measurement, std::uint64_t step, PolicyInput::Signal signal)
{
    PolicyInput input;
    input.signal = signal;
    input.step = step;
    input.tokensDone = step * 1024;
    input.losses = measurement.losses;
    input.present = measurement.present;
    for (const bool present : measurement.present)
        input.tokens.push_back(present ? 256.0 : 0.0);
    return input;
}

Measurement randomMeasurement(Rng &rng, std::size_t numDomains)
{
    Measurement measurement;
    for (std::size_t k = 0; k < numDomains; ++k) {
        measurement.losses.push_back(rng.uniform() * 6.0);
        measurement.present.push_back(rng.uniform() < 0.7);
    }
    return measurement;
}

bool onSimplex(const Mixture &mixture, std::size_t numDomains)
{
    double sum = 0.0;
    for (const double p : mixture.weights()) {
        if (!(p >= 0.0) || !(p <= 1.0) || std::signbit(p))
            return false;
        sum += p;
    }
    return mixture.numDomains() == numDomains && std::abs(sum - 1.0) < 1e-12;
}

bool sameTerms(const std::vector<PolicyTerm> &a, const std::vector<PolicyTerm> &b)
{
    if (a.size() != b.size())
        return false;
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (a[i].name != b[i].name || a[i].values.size() != b[i].values.size())
            return false;
        for (std::size_t k = 0; k < a[i].values.size(); ++k)
            if (!(a[i].values[k] == b[i].values[k] || (std::isnan(a[i].values[k]) && std::isnan(b[i].values[k]))))
                return false;
    }
    return true;
}

constexpr PolicyInput::Signal kSignals[] = {PolicyInput::Signal::Training, PolicyInput::Signal::HeldOut};

} // namespace

// What every entry of the registry promises. A new policy is tested by being in the table.
class TestPolicyContract : public QObject {
    Q_OBJECT

private:
    // Calls check(policy, context) for every variant of every policy, with 1, 3 and 200 domains.
    template <typename Check>
    void forEach(Check check)
    {
        for (const PolicyInfo &info : policies())
            for (const std::size_t numDomains : {1, 3, 200}) {
                const PolicyContext context = contextOf(numDomains);
                for (const ParameterValues &values : variants(info, context)) {
                    QVERIFY2(!hasErrors(validateParameters(info, values, context.domains)), info.name.c_str());
                    check(info, context, values);
                    if (QTest::currentTestFailed())
                        return;
                }
            }
    }

private slots:
    void describesItself()
    {
        for (const PolicyInfo &info : policies()) {
            QVERIFY(!info.name.empty() && !info.label.empty() && !info.summary.empty() && !info.formula.empty() && !info.reference.empty());
            QCOMPARE(findPolicy(info.name), &info);
            for (const ParamSpec &spec : info.parameters) {
                QVERIFY2(!spec.name.empty() && !spec.label.empty() && !spec.help.empty(), info.name.c_str());
                QVERIFY2(spec.min <= spec.max, spec.name.c_str());
                QCOMPARE(spec.kind == ParamSpec::Kind::Choice, !spec.choices.empty());
            }
        }
    }

    void staysOnTheSimplex()
    {
        forEach([](const PolicyInfo &info, const PolicyContext &context, const ParameterValues &values) {
            const auto policy = createPolicy(info.name, context, values);
            QVERIFY(onSimplex(policy->initial(), context.numDomains()));
            Rng rng(1);
            for (std::uint64_t step = 1; step <= 30; ++step)
                for (const auto signal : kSignals)
                    if (const auto mixture = policy->update(inputOf(randomMeasurement(rng, context.numDomains()), step, signal)))
                        QVERIFY2(onSimplex(*mixture, context.numDomains()), info.name.c_str());
        });
    }

    void survivesExtremeLosses()
    {
        forEach([](const PolicyInfo &info, const PolicyContext &context, const ParameterValues &values) {
            const std::size_t numDomains = context.numDomains();
            std::vector<Measurement> extremes(5, {std::vector<double>(numDomains, 0.0), std::vector<bool>(numDomains, true)});
            extremes[0].losses.assign(numDomains, 3.25);                                   // all equal
            extremes[1].losses.assign(numDomains, 1e300);
            extremes[2].losses.assign(numDomains, -0.0);
            for (std::size_t k = 0; k < numDomains; ++k) {
                extremes[3].losses[k] = k % 2 == 0 ? 1e300 : 1e-300;
                extremes[4].losses[k] = k % 2 == 0 ? -1.5e308 : 1.5e308;
            }
            for (const Measurement &extreme : extremes) {
                const auto policy = createPolicy(info.name, context, values);
                for (std::uint64_t step = 1; step <= 4; ++step)
                    for (const auto signal : kSignals)
                        if (const auto mixture = policy->update(inputOf(extreme, step, signal)))
                            QVERIFY2(onSimplex(*mixture, numDomains), info.name.c_str());
            }
        });
    }

    void equalLossesGiveAMixture()
    {
        forEach([](const PolicyInfo &info, const PolicyContext &context, const ParameterValues &values) {
            const auto policy = createPolicy(info.name, context, values);
            const Measurement equal{std::vector<double>(context.numDomains(), 2.5), std::vector<bool>(context.numDomains(), true)};
            std::optional<Mixture> last;
            for (std::uint64_t step = 1; step <= 30; ++step)
                for (const auto signal : kSignals)
                    if (const auto mixture = policy->update(inputOf(equal, step, signal)))
                        last = mixture;
            if (last)
                QVERIFY2(onSimplex(*last, context.numDomains()), info.name.c_str());
            if (last && context.numDomains() == 1)
                QCOMPARE((*last)[0], 1.0);
        });
    }

    void minusZeroIsZero()
    {
        forEach([](const PolicyInfo &info, const PolicyContext &context, const ParameterValues &values) {
            const auto one = createPolicy(info.name, context, values), other = createPolicy(info.name, context, values);
            const std::vector<bool> all(context.numDomains(), true);
            for (std::uint64_t step = 1; step <= 4; ++step)
                for (const auto signal : kSignals)
                    QVERIFY2(one->update(inputOf({std::vector<double>(context.numDomains(), 0.0), all}, step, signal))
                                 == other->update(inputOf({std::vector<double>(context.numDomains(), -0.0), all}, step, signal)),
                             info.name.c_str());
        });
    }

    void survivesAbsentDomains()
    {
        forEach([](const PolicyInfo &info, const PolicyContext &context, const ParameterValues &values) {
            const std::size_t numDomains = context.numDomains();
            const auto policy = createPolicy(info.name, context, values);
            const double nan = std::numeric_limits<double>::quiet_NaN();
            Measurement nothing{std::vector<double>(numDomains, nan), std::vector<bool>(numDomains, false)};
            Measurement onlyLast = nothing;
            onlyLast.losses.back() = 2.0;
            onlyLast.present.back() = true;
            for (std::uint64_t step = 1; step <= 6; ++step)
                for (const auto signal : kSignals)
                    if (const auto mixture = policy->update(inputOf(step < 4 ? nothing : onlyLast, step, signal)))
                        QVERIFY2(onSimplex(*mixture, numDomains), info.name.c_str());
        });
    }

    void givesTheSameAnswerAgain()
    {
        forEach([](const PolicyInfo &info, const PolicyContext &context, const ParameterValues &values) {
            const auto one = createPolicy(info.name, context, values);
            const auto other = createPolicy(info.name, context, values);
            QVERIFY(one->initial() == other->initial());
            Rng rng(2);
            for (std::uint64_t step = 1; step <= 10; ++step) {
                const Measurement measurement = randomMeasurement(rng, context.numDomains());
                for (const auto signal : kSignals) {
                    QVERIFY(one->update(inputOf(measurement, step, signal)) == other->update(inputOf(measurement, step, signal)));
                    QVERIFY(sameTerms(one->diagnostics(), other->diagnostics()));
                }
            }
        });
    }

    void savesAndRestoresInTheMiddle()
    {
        forEach([](const PolicyInfo &info, const PolicyContext &context, const ParameterValues &values) {
            for (const std::uint64_t middle : {0, 1, 5}) {
                const auto undisturbed = createPolicy(info.name, context, values);
                auto resumed = createPolicy(info.name, context, values);
                Rng rng(3);
                for (std::uint64_t step = 1; step <= 10; ++step) {
                    const Measurement measurement = randomMeasurement(rng, context.numDomains());
                    for (const auto signal : kSignals) {
                        const auto expected = undisturbed->update(inputOf(measurement, step, signal));
                        QVERIFY2(resumed->update(inputOf(measurement, step, signal)) == expected, info.name.c_str());
                        QVERIFY2(sameTerms(resumed->diagnostics(), undisturbed->diagnostics()), info.name.c_str());
                    }
                    if (step == middle) {
                        const std::string state = resumed->save();
                        resumed = createPolicy(info.name, context, values);
                        resumed->restore(state);
                        QCOMPARE(resumed->save(), state);
                        QVERIFY(sameTerms(resumed->diagnostics(), undisturbed->diagnostics()));
                    }
                }
            }
        });
    }

    void refusesLossesThatAreNoNumbers()
    {
        forEach([](const PolicyInfo &info, const PolicyContext &context, const ParameterValues &values) {
            const auto policy = createPolicy(info.name, context, values);
            for (const double bad : {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
                Measurement measurement{std::vector<double>(context.numDomains(), 1.0), std::vector<bool>(context.numDomains(), true)};
                measurement.losses.back() = bad;
                for (const auto signal : kSignals) {
                    try {
                        policy->update(inputOf(measurement, 1, signal));
                        QFAIL(info.name.c_str());
                    } catch (const Error &error) {
                        QVERIFY2(std::string(error.what()).find('"' + context.domains.back() + '"') != std::string::npos, error.what());
                    }
                }
            }
            PolicyInput tooShort = inputOf({{}, {}}, 1, PolicyInput::Signal::Training);
            QVERIFY_THROWS_EXCEPTION(Error, policy->update(tooShort));
        });
    }

    void refusesStatesOfOthers()
    {
        for (const PolicyInfo &info : policies()) {
            if (!info.adaptive)
                continue;
            const PolicyContext three = contextOf(3), four = contextOf(4);
            const std::string fromFour = createPolicy(info.name, four, someValues(info, four))->save();
            for (const std::string &state : {std::string("not JSON"), std::string("[]"), std::string("{}"), fromFour}) {
                const auto policy = createPolicy(info.name, three, someValues(info, three));
                QVERIFY_THROWS_EXCEPTION(Error, policy->restore(state));
            }
        }
    }
};

QTEST_GUILESS_MAIN(TestPolicyContract)
#include "tst_policy_contract.moc"
