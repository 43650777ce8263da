// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/train/domain_losses.h"
#include "core/train/evaluator.h"
#include "core/train/fake_language_model.h"
#include "core/train/learning_rate_schedule.h"
#include "core/train/policy_cost.h"
#include "core/train/stop_rule.h"
#include "core/train/throughput.h"

#include "tests/support/stub_language_model.h"
#include "tests/support/training_fixture.h"

#include <QTest>

#include <limits>
#include <numeric>
#include <set>

using namespace krater;

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

bool near(double a, double b, double tolerance = 1e-12)
{
    return std::abs(a - b) <= tolerance;
}

TrainingConfig scheduleOf(TrainingConfig::Schedule schedule)
{
    TrainingConfig training;
    training.learningRate = 1e-2;
    training.minLearningRate = 0.1;
    training.warmup = 0.1;
    training.schedule = schedule;
    return training;
}

Batch batchOf(const std::vector<std::uint32_t> &domains, std::size_t context = 4)
{
    return {domains.size(), context, std::vector<TokenId>(domains.size() * (context + 1)), domains};
}

std::unique_ptr<LanguageModel> fakeModel()
{
    LanguageModelSpec spec;
    spec.seed = 1;
    return makeFakeEngine()->create(spec);
}

// Remembers what it was asked to evaluate; the loss of a sequence is its first token.
class RecordingModel : public StubLanguageModel {
public:
    std::vector<double> evaluate(const Batch &batch) override
    {
        batches.push_back(batch);
        std::vector<double> losses;
        for (std::size_t row = 0; row < batch.numSequences; ++row)
            losses.push_back(batch.sequence(row)[0]);
        return losses;
    }

    std::vector<Batch> batches;
};

} // namespace

// The trainer's parts, each on its own.
class TestTrainingParts : public QObject {
    Q_OBJECT

private slots:
    void theLearningRateWarmsUp()
    {
        const TrainingConfig training = scheduleOf(TrainingConfig::Schedule::Cosine);
        QVERIFY(near(learningRateAt(training, 1, 100), 1e-3));
        QVERIFY(near(learningRateAt(training, 5, 100), 5e-3));
        QVERIFY(near(learningRateAt(training, 10, 100), 1e-2));
    }

    void theLearningRateFallsAsItsScheduleSays()
    {
        QVERIFY(near(learningRateAt(scheduleOf(TrainingConfig::Schedule::Constant), 100, 100), 1e-2));
        const TrainingConfig linear = scheduleOf(TrainingConfig::Schedule::Linear);
        QVERIFY(near(learningRateAt(linear, 55, 100), 5.5e-3)); // half way from 1e-2 to 1e-3
        QVERIFY(near(learningRateAt(linear, 100, 100), 1e-3));
        const TrainingConfig cosine = scheduleOf(TrainingConfig::Schedule::Cosine);
        QVERIFY(near(learningRateAt(cosine, 55, 100), 5.5e-3));
        QVERIFY(learningRateAt(cosine, 32, 100) > learningRateAt(linear, 32, 100));
        QVERIFY(near(learningRateAt(cosine, 100, 100), 1e-3));
    }

    void theLearningRateStandsTheEdges()
    {
        for (const auto schedule : {TrainingConfig::Schedule::Constant, TrainingConfig::Schedule::Linear, TrainingConfig::Schedule::Cosine})
            for (const double warmup : {0.0, 0.5, 1.0})
                for (const std::uint64_t numSteps : {1, 2, 7}) {
                    TrainingConfig training = scheduleOf(schedule);
                    training.warmup = warmup;
                    for (std::uint64_t step = 1; step <= numSteps; ++step) {
                        const double rate = learningRateAt(training, step, numSteps);
                        QVERIFY(rate > 0.0 && rate <= 1e-2 + 1e-15);
                    }
                }
    }

    void domainLossesAreMeansOfSequences()
    {
        DomainLosses losses(3);
        losses.add(batchOf({0, 2, 0, 2}), {1.0, 5.0, 3.0, 6.0});
        losses.add(batchOf({2}), {7.0});
        QCOMPARE(losses.means()[0], 2.0);
        QVERIFY(std::isnan(losses.means()[1]));
        QCOMPARE(losses.means()[2], 6.0);
        QCOMPARE(losses.present(), (std::vector<bool>{true, false, true}));
        QCOMPARE(losses.shares(), (std::vector<double>{0.4, 0.0, 0.6}));
        const PolicyInput input = losses.policyInput(PolicyInput::Signal::HeldOut, 7, 99);
        QCOMPARE(input.step, std::uint64_t{7});
        QCOMPARE(input.tokens, (std::vector<double>{8.0, 0.0, 12.0}));
        QVERIFY_THROWS_EXCEPTION(Error, losses.add(batchOf({0, 1}), {1.0}));
        QVERIFY(near(weightedMean({1.0, kNaN, 4.0}, {1.0, 5.0, 2.0}), 3.0));
        QVERIFY(std::isnan(weightedMean({kNaN}, {1.0})));
    }

    void evaluatesFixedWindowsSpreadEvenly()
    {
        std::vector<TokenId> heldOut(4 * 20 + 1); // 20 windows
        std::iota(heldOut.begin(), heldOut.end(), TokenId{0});
        const auto corpus = makeTokenizedCorpus({heldOut, heldOut, heldOut}, {heldOut, std::vector<TokenId>(heldOut.begin(), heldOut.begin() + 13), {}});
        RecordingModel model;
        const Evaluator evaluator(*corpus, 4, 20, 3); // 5 windows of each domain, in batches of 3
        const auto goOn = [] { return true; };
        const DomainLosses losses = *evaluator.evaluate(model, goOn);
        QCOMPARE(evaluator.numWindows(), std::size_t{5 + 3}); // the second domain has but 3, the third none
        QCOMPARE(model.batches.size(), std::size_t{3});
        QCOMPARE(model.batches.back().numSequences, std::size_t{2});
        QCOMPARE(losses.means()[0], (0.0 + 16 + 32 + 48 + 64) / 5);
        QCOMPARE(losses.means()[1], (0.0 + 4 + 8) / 3);
        QVERIFY(!losses.present()[2]);
        RecordingModel uneven;
        QCOMPARE(Evaluator(*corpus, 4, 32, 100).evaluate(uneven, goOn)->means()[0], 4.0 * (0 + 2 + 5 + 7 + 10 + 12 + 15 + 17) / 8); // 8 of 20
        RecordingModel again;
        evaluator.evaluate(again, goOn);
        QCOMPARE(again.batches[1].tokens, model.batches[1].tokens);
    }

    void evaluatesAllThereIs()
    {
        const auto corpus = smallCorpus(); // 200 held-out tokens a domain: 24 windows of 8
        RecordingModel model;
        Evaluator(*corpus, 8, 1'000'000'000'000, 4).evaluate(model, [] { return true; });
        std::set<std::vector<TokenId>> windows;
        for (const Batch &batch : model.batches)
            for (std::size_t row = 0; row < batch.numSequences; ++row) {
                const auto window = batch.sequence(row);
                windows.emplace(window.begin(), window.end());
            }
        QCOMPARE(windows.size(), std::size_t{72});
    }

    void stopsOnAPlateau()
    {
        const Mixture mixture = Mixture::uniform(2);
        StopRule rule({StopConfig::Rule::Plateau, 2, 0.1, "uniform"}, {100.0, 300.0});
        for (const double loss : {3.0, 2.0, 1.95, 1.85, 1.80}) { // progress, progress, too little, enough, too little
            rule.evaluated({loss, loss}, mixture);
            QVERIFY(!rule.isReached());
        }
        rule.evaluated({1.76, 1.76}, mixture);
        QVERIFY(rule.isReached());
        QVERIFY(!rule.reason().empty());
    }

    void aPlateauIsJudgedOnAFixedMixture()
    {
        // The mean on the natural mixture (1 : 3) stands still, that on the uniform one falls.
        for (const char *on : {"uniform", "natural"}) {
            StopRule rule({StopConfig::Rule::Plateau, 2, 0.01, on}, {100.0, 300.0});
            for (int i = 0; i < 4; ++i)
                rule.evaluated({9.0 - 0.9 * i, 1.0 + 0.3 * i}, Mixture::fromWeights(std::vector{1.0, double(i)}));
            QCOMPARE(rule.isReached(), on == std::string("natural"));
        }
    }

    void stopsWhenTheMixtureHasSettled()
    {
        StopRule rule({StopConfig::Rule::SettledMixture, 2, 0.1, "uniform"}, {1.0, 1.0});
        const auto evaluate = [&rule](double share, bool updated) {
            if (updated)
                rule.policyUpdated();
            rule.evaluated({1.0, 1.0}, Mixture::fromWeights(std::vector{share, 1.0 - share}));
            return rule.isReached();
        };
        for (const double share : {0.5, 0.6, 0.62, 0.8, 0.81})
            QVERIFY(!evaluate(share, true));
        for (int i = 0; i < 5; ++i)
            QVERIFY(!evaluate(0.81, false)); // a policy that was not asked has not settled
        QVERIFY(evaluate(0.82, true));
    }

    void theBudgetRuleNeverStopsEarly()
    {
        StopRule rule({StopConfig::Rule::Budget, 1, 0.1, "uniform"}, {1.0});
        for (int i = 0; i < 10; ++i)
            rule.evaluated({5.0}, Mixture::uniform(1));
        QVERIFY(!rule.isReached());
    }

    void stopRulesSaveAndRestore()
    {
        for (const auto kind : {StopConfig::Rule::Budget, StopConfig::Rule::Plateau, StopConfig::Rule::SettledMixture}) {
            const StopConfig config{kind, 3, 0.05, "natural"};
            StopRule undisturbed(config, {1.0, 2.0});
            StopRule resumed(config, {1.0, 2.0});
            for (int i = 0; i < 16; ++i) {
                const std::vector<double> losses{3.0 - 0.3 * std::min(i, 5), i == 2 ? kNaN : 2.0};
                const double share = 0.3 + 0.05 * std::min(i, 6);
                const Mixture mixture = Mixture::fromWeights(std::vector{share, 1.0 - share});
                if (i % 3 != 1) {
                    undisturbed.policyUpdated();
                    resumed.policyUpdated();
                    resumed.restore(resumed.save());
                }
                undisturbed.evaluated(losses, mixture);
                resumed.evaluated(losses, mixture);
                const std::string state = resumed.save();
                resumed = StopRule(config, {1.0, 2.0});
                resumed.restore(state);
                QCOMPARE(resumed.save(), undisturbed.save());
                QCOMPARE(resumed.isReached(), undisturbed.isReached());
            }
            QCOMPARE(undisturbed.isReached(), kind != StopConfig::Rule::Budget);
        }
        StopRule rule({}, {1.0});
        for (const char *text : {"", "[]", "{}", "{\"stale\": \"x\"}", "{\"stale\": 1, \"best\": []}", "{\"stale\": 1, \"previous\": [1, 2]}"})
            QVERIFY_THROWS_EXCEPTION(Error, rule.restore(text));
    }

    void saysWhatPoliciesCost()
    {
        Experiment e = smallExperiment();
        e.training.sequencesPerStep = 64; // 512 tokens
        const auto costOf = [&e](const char *policy) {
            e.mixture = {.policy = policy, .parameters = {}};
            return extraTime(e);
        };
        for (const char *cheap : {"uniform", "natural", "gibbs", "odm", "ado", "no such policy"})
            QCOMPARE(costOf(cheap), 0.0);
        QVERIFY(extraTimeInWords(e).empty());
        QVERIFY(near(costOf("doremi"), 2.0 / 3.0));
        QVERIFY(extraTimeInWords(e).starts_with("About 67 % more time than a static mixture: "));
        // 3 gradients as long as 90 tokens each, and 6 pairs of them as two of a token's 6 operations a weight
        QVERIFY(near(costOf("doge"), (3 * 90.0 + 2.0) / 512.0));
        QVERIFY(extraTimeInWords(e).find("taken one by one and compared") != std::string::npos);
        QVERIFY(costOf("aioli") > 0.0);
    }

    void throughputLooksAtTheLastSecond()
    {
        Throughput throughput;
        QCOMPARE(throughput.tokensPerSecond(), 0.0);
        for (int i = 0; i < 100; ++i)
            throughput.add(0.1, 100);
        QVERIFY(near(throughput.tokensPerSecond(), 1000.0, 1e-6));
        for (int i = 0; i < 11; ++i)
            throughput.add(0.1, 300);
        QVERIFY(near(throughput.tokensPerSecond(), 3000.0, 1e-6));
        throughput.add(5.0, 500); // one long step
        QVERIFY(near(throughput.tokensPerSecond(), 100.0, 1e-6));
    }

    void theFakeModelLearnsWhatItIsTrainedOn()
    {
        const auto model = fakeModel();
        const Batch first = batchOf({0, 1});
        const std::vector<double> before = model->evaluate(first);
        QCOMPARE(model->evaluate(first), before);
        model->trainStep(batchOf({0, 0, 0}), 1e-3);
        QVERIFY(model->evaluate(first)[0] < before[0]);
        QCOMPARE(model->evaluate(first)[1], before[1]);
        const auto copy = fakeModel();
        copy->restore(model->save());
        QCOMPARE(copy->evaluate(first), model->evaluate(first));
        QVERIFY_THROWS_EXCEPTION(Error, copy->restore({}));
    }

    void theFakeModelWeighsSequences()
    {
        const auto model = fakeModel(), plain = fakeModel(), other = fakeModel();
        const Batch batch = batchOf({0, 1, 1, 1});
        model->trainStep(batch, 1e-3, std::vector{0.25, 0.25, 0.25, 0.25});
        plain->trainStep(batch, 1e-3);
        QCOMPARE(model->evaluate(batch), plain->evaluate(batch));
        other->trainStep(batch, 1e-3, std::vector{1.0, 0.0, 0.0, 0.0});
        QVERIFY(other->evaluate(batch)[0] < plain->evaluate(batch)[0]);
        QCOMPARE(other->evaluate(batch)[1], fakeModel()->evaluate(batch)[1]);
        const std::vector<float> tokenLosses = model->tokenLosses(batchOf({0, 1}, 5));
        QCOMPARE(tokenLosses.size(), std::size_t{10});
        QVERIFY(tokenLosses[0] != tokenLosses[1]);
        QVERIFY(near(std::accumulate(tokenLosses.begin() + 5, tokenLosses.end(), 0.0) / 5, model->evaluate(batchOf({0, 1}, 5))[1], 1e-6));
        QVERIFY_THROWS_EXCEPTION(Error, model->trainStep(batch, 1e-3, std::vector{1.0}));
    }

    void theFakeModelWeighsDomains()
    {
        const auto model = fakeModel();
        const Batch batch = batchOf({0, 1, 0});
        QVERIFY_THROWS_EXCEPTION(Error, model->applyDomainGradients(std::vector{0.5, 0.5, 0.0}, 1e-3));
        const DomainGradients first = model->domainGradients(batch, 3, 0);
        QCOMPARE(first.sequenceLosses, model->evaluate(batch));
        QCOMPARE(first.norms[2], 0.0);
        QVERIFY(near(first.norms[1], first.sequenceLosses[1], 1e-6));
        QVERIFY(near(first.dotProducts[1], first.norms[0] * first.norms[1] / 2));
        const double before = model->evaluate(batch)[1];
        const TrainStepResult result = model->applyDomainGradients(std::vector{0.0, 1.0, 0.0}, 1e-3);
        QVERIFY(near(result.gradientNorm * TrainingConfig().learningRate / 1e-3, first.norms[1], 1e-9));
        QVERIFY(model->evaluate(batch)[1] < before);
        QCOMPARE(model->domainGradients(batchOf({0, 2}), 3, 0.5).norms[1], first.norms[1]); // as it was
        const auto copy = fakeModel();
        copy->restore(model->save());
        QCOMPARE(copy->domainGradients(batch, 3, 1).dotProducts, model->domainGradients(batch, 3, 1).dotProducts);
        copy->setWeights(model->save());
        QCOMPARE(copy->evaluate(batch), model->evaluate(batch));
        QCOMPARE(copy->domainGradients(batchOf({1}), 3, 1).norms, (std::vector<double>{0, 1, 0}));
        QVERIFY_THROWS_EXCEPTION(Error, copy->setWeights({}));
    }

    void theFakeModelDivergesWithDomainsToo()
    {
        LanguageModelSpec spec;
        FakeEngineOptions options;
        options.divergeAtStep = 1;
        const auto model = makeFakeEngine(options)->create(spec);
        const Batch batch = batchOf({0, 1});
        const std::vector<double> before = model->evaluate(batch);
        QVERIFY(std::isnan(model->domainGradients(batch, 2, 1).sequenceLosses[0]));
        QVERIFY(std::isnan(model->applyDomainGradients(std::vector{0.5, 0.5}, 1e-3).sequenceLosses[0]));
        QCOMPARE(model->evaluate(batch), before);
    }
};

QTEST_GUILESS_MAIN(TestTrainingParts)
#include "tst_training_parts.moc"
