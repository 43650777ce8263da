// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compare/run_comparison.h"

#include "core/base/error.h"

#include <QTest>

#include <algorithm>
#include <cmath>

using namespace krater;

namespace {

MetricSummary summary(const char *metric, int domain, double first, double last, double mean)
{
    MetricSummary made;
    made.metric = metric;
    made.domain = domain;
    made.first = first;
    made.last = last;
    made.min = std::min(first, last);
    made.mean = mean;
    made.count = 2;
    return made;
}

ComparedRun run(RunId id, std::uint64_t seed, const std::vector<double> &losses, const std::vector<double> &shares,
                double rate = 0.001)
{
    ComparedRun made;
    made.record.id = id;
    made.record.name = "run " + std::to_string(id);
    made.record.state = RunState::Done;
    made.record.seed = seed;
    made.record.domains = {"code", "quotes"};
    made.record.colours = {"#E69F00", "#0072B2"};
    made.record.domainTokens = {3000, 1000};
    made.record.tokenBudget = 10000;
    made.record.experimentToml = "[experiment]\nname = 'run " + std::to_string(id) + "'\nseed = " + std::to_string(seed)
        + "\n[training]\nlearning_rate = " + std::to_string(rate) + "\n[[domain]]\nname = 'code'\nmax_documents = 5\n";
    for (int domain = 0; domain < int(losses.size()); ++domain) {
        const auto place = std::size_t(domain);
        made.summaries.push_back(summary(metric::kHeldOutLoss, domain, 5.5, losses[place], 3));
        made.summaries.push_back(summary(metric::kTarget, domain, 0.5, shares[place], shares[place]));
        made.summaries.push_back(summary(metric::kEpochs, domain, 0, 2.0 * shares[place], 1));
    }
    return made;
}

bool near(double a, double b)
{
    return std::abs(a - b) < 1e-12;
}

bool mentions(const Issues &issues, const std::string &text)
{
    return std::any_of(issues.begin(), issues.end(),
                       [&](const Issue &issue) { return issue.message.find(text) != std::string::npos; });
}

} // namespace

class TestRunComparison : public QObject {
    Q_OBJECT

private slots:
    void scoresOnAFixedMixture()
    {
        const std::vector<ComparedRun> runs{run(1, 1, {2.0, 4.0}, {0.5, 0.5}),
                                            run(2, 1, {1.0, 6.0}, {0.9, 0.1}, 0.002)};
        const Comparison uniform = compareRuns(runs, 0, {});
        QVERIFY(near(uniform.scores[0].score, 3.0));
        QVERIFY(near(uniform.scores[1].score, 3.5));
        QVERIFY(near(uniform.scores[1].scoreDifference, 0.5));
        const Comparison natural = compareRuns(runs, 0, {ScoreMixture::Kind::Natural, {}});
        QVERIFY(near(natural.scores[1].score, 0.75 * 1.0 + 0.25 * 6.0)); // never the run's own 0.9 and 0.1
        const Comparison typed = compareRuns(runs, 1, {ScoreMixture::Kind::Typed, {{"quotes", 4}}});
        QVERIFY(near(typed.scores[0].score, 4.0));
        QVERIFY(near(typed.scores[0].scoreDifference, -2.0));
        QCOMPARE(typed.scores[1].scoreDifference, 0.0);
    }

    void comparesDomains()
    {
        const std::vector<ComparedRun> runs{run(1, 1, {2.0, 4.0}, {0.5, 0.5}),
                                            run(2, 1, {1.0, 6.0}, {0.9, 0.1}, 0.002)};
        const Comparison comparison = compareRuns(runs, 0, {});
        QCOMPARE(comparison.domains.size(), std::size_t(2));
        const DomainComparison &code = comparison.domains[0];
        QCOMPARE(code.name, std::string("code"));
        QCOMPARE(code.colour, std::string("#E69F00"));
        QCOMPARE(code.weight, 0.5);
        QCOMPARE(code.finalLoss, (std::vector<double>{2.0, 1.0}));
        QCOMPARE(code.firstLoss, (std::vector<double>{5.5, 5.5}));
        QCOMPARE(code.lossDifference, (std::vector<double>{0.0, -1.0}));
        QCOMPARE(code.meanShare, (std::vector<double>{0.5, 0.9}));
        QCOMPARE(code.epochs, (std::vector<double>{1.0, 1.8}));
        QVERIFY(near(comparison.scores[1].mixtureDistance, 0.8));
        QCOMPARE(comparison.scores[0].mixtureDistance, 0.0);
    }

    void domainsAreMatchedByName()
    {
        ComparedRun other = run(2, 1, {6.0, 1.0, 9.0}, {0.1, 0.6, 0.3});
        other.record.domains = {"quotes", "code", "manual"};
        const Comparison comparison = compareRuns({run(1, 1, {2.0, 4.0}, {0.5, 0.5}), other}, 0, {});
        QCOMPARE(comparison.domains.size(), std::size_t(3));
        QCOMPARE(comparison.domains[0].finalLoss, (std::vector<double>{2.0, 1.0}));
        QCOMPARE(comparison.domains[2].name, std::string("manual"));
        QVERIFY(std::isnan(comparison.domains[2].finalLoss[0]));
        QVERIFY(near(comparison.scores[1].score, 3.5)); // on the baseline's two domains
        QVERIFY(near(comparison.scores[1].mixtureDistance, 0.1 + 0.4 + 0.3));
        QVERIFY(mentions(comparison.issues, "no domain \"manual\""));
    }

    void onlyTheDifferencesOfConfigurations()
    {
        const Comparison same = compareRuns({run(1, 1, {1, 1}, {0.5, 0.5}), run(2, 1, {1, 1}, {0.5, 0.5})}, 0, {});
        QVERIFY(same.configuration.empty()); // names differ, but change no number
        const Comparison comparison =
            compareRuns({run(1, 1, {1, 1}, {0.5, 0.5}), run(2, 2, {1, 1}, {0.5, 0.5}, 0.002)}, 0, {});
        QCOMPARE(comparison.configuration.size(), std::size_t(2));
        QCOMPARE(comparison.configuration[0].key, std::string("experiment.seed"));
        QCOMPARE(comparison.configuration[0].values, (std::vector<std::string>{"1", "2"}));
        QCOMPARE(comparison.configuration[1].key, std::string("training.learning_rate"));
    }

    void flattensByDomainName()
    {
        const auto keys = flattenToml(
            "a = 1\n[t]\nx = [1, 2]\n[t.u]\ny = 'z'\n[[domain]]\nname = 'b'\n[[domain]]\nname = 'c'\nheld_out = 0.5\n"
            "[[domain]]\nname = 'c'\n");
        const auto value = [&](const std::string &key) {
            const auto place =
                std::find_if(keys.begin(), keys.end(), [&](const auto &entry) { return entry.first == key; });
            return place == keys.end() ? std::string("missing") : place->second;
        };
        QCOMPARE(value("a"), std::string("1"));
        QCOMPARE(value("t.x"), std::string("[ 1, 2 ]"));
        QCOMPARE(value("t.u.y"), std::string("'z'"));
        QCOMPARE(value("domain.c.held_out"), std::string("0.5"));
        QCOMPARE(value("domain.b.name"), std::string("'b'"));
        QCOMPARE(value("domain.3.name"), std::string("'c'")); // a name that is taken does not hide the first
        QVERIFY_EXCEPTION_THROWN(flattenToml("a = "), Error);
    }

    void groupsRunsThatDifferInTheSeedOnly()
    {
        const std::vector<ComparedRun> runs{
            run(1, 1, {2.0, 4.0}, {0.5, 0.5}),        run(2, 2, {2.2, 4.0}, {0.5, 0.5}),
            run(3, 1, {1.0, 4.0}, {0.9, 0.1}, 0.002), run(4, 2, {1.1, 4.0}, {0.9, 0.1}, 0.002),
            run(5, 3, {1.2, 4.0}, {0.9, 0.1}, 0.002), run(6, 3, {1.2, 4.0}, {0.9, 0.1}, 0.002)};
        const Comparison comparison = compareRuns(runs, 0, {});
        QCOMPARE(comparison.groups.size(), std::size_t(2));
        QCOMPARE(comparison.groups[0].runs, (std::vector<std::size_t>{0, 1}));
        QCOMPARE(comparison.groups[1].seeds, (std::vector<std::uint64_t>{1, 2, 3, 3}));
        QCOMPARE(comparison.scores[4].group, std::size_t(1));
        QCOMPARE(comparison.groups[1].score.count, std::size_t(3)); // one seed is one measurement
        QVERIFY(near(comparison.groups[1].score.mean, 2.55));
        QVERIFY(!comparison.groups[0].againstBaseline);
        QVERIFY(comparison.groups[1].againstBaseline);
        QCOMPARE(comparison.groups[1].againstBaseline->difference.count, std::size_t(2));
        QVERIFY(near(comparison.groups[1].againstBaseline->difference.mean, -0.525));
        for (const ScoreMixture &on : {ScoreMixture{ScoreMixture::Kind::Natural, {}}, ScoreMixture{ScoreMixture::Kind::Typed, {{"code", 1}}}}) {
            const std::vector<SeedGroup> groups = seedGroupsOn(comparison, on);
            const Comparison whole = compareRuns(runs, 0, on);
            for (std::size_t group = 0; group < 2; ++group) {
                QCOMPARE(groups[group].score.mean, whole.groups[group].score.mean);
                QCOMPARE(groups[group].againstBaseline.has_value(), whole.groups[group].againstBaseline.has_value());
            }
            QCOMPARE(groups[1].againstBaseline->difference.mean, whole.groups[1].againstBaseline->difference.mean);
        }
        QVERIFY(std::isnan(seedGroupsOn(comparison, {ScoreMixture::Kind::Typed, {{"nothing", 1}}})[0].score.mean));
    }

    // The mixture that a stage takes from an earlier one differs with every seed; the plan says that the rule is the same.
    void groupsStagesByTheirPlan()
    {
        std::vector<ComparedRun> runs{run(1, 1, {2.0, 4.0}, {0.5, 0.5}), run(2, 1, {1.0, 4.0}, {0.6, 0.4}, 0.003), run(3, 2, {1.1, 4.0}, {0.7, 0.3}, 0.004),
                                      run(4, 2, {1.2, 4.0}, {0.7, 0.3}, 0.005)};
        for (const std::size_t stage : {1, 2, 3}) {
            runs[stage].record.plan = PlanPlace{RunId(stage), stage == 3 ? 1u : 2u, 3, "main"};
            runs[stage].planToml = "[experiment]\nname = 'plan'\nseed = " + std::to_string(runs[stage].record.seed) + "\n[[stage]]\nrole = 'main'\n";
        }
        const Comparison comparison = compareRuns(runs, 0, {});
        QCOMPARE(comparison.groups.size(), std::size_t(3));
        QCOMPARE(comparison.groups[1].runs, (std::vector<std::size_t>{1, 2}));
        QCOMPARE(comparison.groups[2].runs, (std::vector<std::size_t>{3})); // another stage of it
    }

    void saysWhatDoesNotCompare()
    {
        ComparedRun stopped = run(2, 1, {1, 1}, {0.5, 0.5});
        stopped.record.state = RunState::Stopped;
        stopped.record.corpusHash = "b";
        ComparedRun fresh = run(3, 1, {}, {});
        fresh.record.experimentToml = "not = = toml";
        ComparedRun baseline = run(1, 1, {1, 1}, {0.5, 0.5});
        baseline.record.corpusHash = "a";
        const Comparison comparison = compareRuns({baseline, stopped, fresh}, 0, {});
        QVERIFY(mentions(comparison.issues, "not done"));
        QVERIFY(mentions(comparison.issues, "another corpus"));
        QVERIFY(mentions(comparison.issues, "no evaluation"));
        QVERIFY(mentions(comparison.issues, "cannot be read"));
        QVERIFY(std::isnan(comparison.scores[2].score));
        QVERIFY(std::isnan(comparison.scores[2].mixtureDistance));
        QVERIFY_EXCEPTION_THROWN(compareRuns({}, 0, {}), Error);
        QVERIFY_EXCEPTION_THROWN(compareRuns({baseline}, 1, {}), Error);
        QVERIFY_EXCEPTION_THROWN(compareRuns({baseline}, 0, {ScoreMixture::Kind::Typed, {{"nowhere", 1}}}), Error);
    }

    void withoutSizesThereIsNoNaturalScore()
    {
        ComparedRun unknown = run(1, 1, {1, 1}, {0.5, 0.5});
        unknown.record.domainTokens = {0, 0};
        const Comparison comparison = compareRuns({unknown}, 0, {ScoreMixture::Kind::Natural, {}});
        QVERIFY(std::isnan(comparison.scores[0].score));
        QVERIFY(mentions(comparison.issues, "does not know how large"));
    }

    void readsMixtures()
    {
        Issues issues;
        QVERIFY(parseScoreMixture(" uniform ", issues)->kind == ScoreMixture::Kind::Uniform);
        QVERIFY(parseScoreMixture("natural", issues)->kind == ScoreMixture::Kind::Natural);
        const auto typed = parseScoreMixture("code=0.5, a=b=1e-1", issues);
        QVERIFY(typed && issues.empty());
        QCOMPARE(typed->weights, (Weights{{"code", 0.5}, {"a=b", 0.1}}));
        QVERIFY(*parseScoreMixture(toString(*typed), issues) == *typed);
        for (const char *wrong : {"", "code", "code=", "=1", "code=-1", "code=nan", "code=inf", "code=0",
                                  "code=1,code=2", "code=1,", "code=1x"}) {
            issues.clear();
            QVERIFY2(!parseScoreMixture(wrong, issues), wrong);
            QCOMPARE(issues.size(), std::size_t(1));
            QVERIFY(hasErrors(issues));
        }
    }
};

QTEST_GUILESS_MAIN(TestRunComparison)
#include "tst_run_comparison.moc"
