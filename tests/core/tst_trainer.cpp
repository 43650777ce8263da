// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/trainer.h"

#include "core/base/error.h"
#include "core/corpus/corpus_facts.h"
#include "core/train/learning_rate_schedule.h"

#include "tests/support/forwarding_model.h"
#include "tests/support/trainer_run.h"

#include <QTest>

#include <numeric>

using namespace krater;

namespace {

// A fake model with one number that is none: the gradient's norm of a step, or a held-out loss after a step.
class BrokenModel : public ForwardingModel {
public:
    BrokenModel(const Experiment &e, std::uint64_t gradientAt, std::uint64_t heldOutAfter)
        : ForwardingModel(makeFakeEngine()->create({e.model, e.training, 257, e.info.seed})), m_gradientAt(gradientAt), m_heldOutAfter(heldOutAfter)
    {
    }

    TrainStepResult trainStep(const Batch &batch, double learningRate, std::span<const double> sequenceWeights) override
    {
        TrainStepResult result = ForwardingModel::trainStep(batch, learningRate, sequenceWeights);
        if (++m_steps == m_gradientAt)
            result.gradientNorm = std::numeric_limits<double>::infinity();
        return result;
    }
    std::vector<double> evaluate(const Batch &batch) override
    {
        std::vector<double> losses = ForwardingModel::evaluate(batch);
        if (m_heldOutAfter > 0 && m_steps >= m_heldOutAfter)
            losses.back() = std::numeric_limits<double>::quiet_NaN();
        return losses;
    }

private:
    std::uint64_t m_gradientAt, m_heldOutAfter, m_steps = 0;
};

std::vector<std::uint64_t> checkpointSteps(const EventLog &log)
{
    std::vector<std::uint64_t> steps;
    for (const CheckpointEvent &event : log.all<CheckpointEvent>())
        steps.push_back(event.snapshot->step);
    return steps;
}

} // namespace

class TestTrainer : public QObject {
    Q_OBJECT

private slots:
    void runsToItsBudget()
    {
        Run run(smallExperiment(25));
        QCOMPARE(int(run.trainer.start()), int(Trainer::Status::Training));
        QCOMPARE(int(run.toTheEnd()), int(Trainer::Status::Done));
        const auto steps = run.log.all<StepEvent>();
        QCOMPARE(steps.size(), std::size_t{25});
        for (std::size_t i = 0; i < steps.size(); ++i) {
            const StepEvent &step = steps[i];
            QCOMPARE(step.step, i + 1);
            QCOMPARE(step.tokens, (i + 1) * 32);
            QCOMPARE(step.learningRate, learningRateAt(smallExperiment(25).training, step.step, 25));
            QVERIFY(std::abs(std::accumulate(step.realisedShare.begin(), step.realisedShare.end(), 0.0) - 1.0) < 1e-12);
            QCOMPARE(std::accumulate(step.tokensDrawn.begin(), step.tokensDrawn.end(), 0.0), double(step.tokens));
            for (std::size_t k = 0; k < 3; ++k)
                QCOMPARE(std::isnan(step.losses[k]), step.realisedShare[k] == 0.0);
            QCOMPARE(step.terms.size(), std::size_t{3}); // the policy updates at every step
            QVERIFY(step.tokensPerSecond > 0.0);
        }
        std::vector<std::uint64_t> evaluated;
        for (const EvaluationEvent &event : run.log.all<EvaluationEvent>())
            evaluated.push_back(event.step);
        QCOMPARE(evaluated, (std::vector<std::uint64_t>{0, 10, 20, 25})); // and at the last step
        QCOMPARE(checkpointSteps(run.log).back(), std::uint64_t{25});
        QVERIFY(mentions(run.trainer.reason(), "budget"));
    }

    void eventsOfAStepComeInOrder()
    {
        Run run(heldOutGibbs());
        run.trainer.start();
        run.toTheEnd();
        // Rank within a step: evaluation, step, messages, checkpoint; steps never go back.
        std::pair<std::uint64_t, int> before{0, 0};
        for (const RunEvent &event : run.log.events) {
            const auto place = std::visit(
                [](const auto &e) -> std::pair<std::uint64_t, int> {
                    using E = std::decay_t<decltype(e)>;
                    if constexpr (std::is_same_v<E, CheckpointEvent>)
                        return {e.snapshot->step, 3};
                    else
                        return {e.step, std::is_same_v<E, EvaluationEvent> ? 0 : std::is_same_v<E, StepEvent> ? 1 : 2};
                },
                event);
            QVERIFY(place >= before);
            before = place;
        }
    }

    // What the acceptance of the rule looks at: at every evaluation the target is softmax(-H) of that evaluation, and the step's is the same.
    void gibbsOnHeldOutLossesIsSoftmaxOfThem()
    {
        Run run(heldOutGibbs());
        run.trainer.start();
        run.toTheEnd();
        const auto evaluations = run.log.all<EvaluationEvent>();
        const auto steps = run.log.all<StepEvent>();
        QCOMPARE(evaluations.size(), std::size_t{7});
        for (const EvaluationEvent &event : evaluations) {
            double sum = 0.0;
            for (const double loss : event.losses)
                sum += std::exp(-loss);
            for (std::size_t k = 0; k < 3; ++k)
                QVERIFY(std::abs(event.targetShare[k] - std::exp(-event.losses[k]) / sum) < 1e-12);
            QVERIFY(!event.terms.empty());
            if (event.step > 0) {
                QVERIFY(sameNumbers(steps[event.step - 1].targetShare, event.targetShare));
                QVERIFY(sameTerms(steps[event.step - 1].terms, event.terms));
            }
        }
        QVERIFY(steps[0].terms.empty()); // no update at step 1
        QVERIFY(sameNumbers(steps[0].targetShare, evaluations[0].targetShare));
    }

    void theStepTellsWhatItsSuccessorDrawsBy()
    {
        Experiment e = smallExperiment(40);
        e.mixture.batching = MixtureConfig::Batching::Stratified;
        Run run(e);
        run.trainer.start();
        run.toTheEnd();
        std::vector<double> owed(3, 0.0);
        std::vector<double> target = run.log.all<EvaluationEvent>().front().targetShare;
        for (const StepEvent &step : run.log.all<StepEvent>()) {
            for (std::size_t k = 0; k < 3; ++k) {
                owed[k] += 4.0 * (target[k] - step.realisedShare[k]);
                QVERIFY(std::abs(owed[k]) < 1.0);
            }
            target = step.targetShare;
        }
    }

    void keepsCheckpointsWhenDueAndWhenBest()
    {
        Run run(smallExperiment(40));
        run.trainer.start();
        run.toTheEnd();
        // Every 15 steps, at the start and the end, and at every evaluation that was the best so far (the fake's losses fall throughout).
        QCOMPARE(checkpointSteps(run.log), (std::vector<std::uint64_t>{0, 10, 15, 20, 30, 40}));
        double best = std::numeric_limits<double>::infinity();
        for (const CheckpointEvent &event : run.log.all<CheckpointEvent>()) {
            QCOMPARE(event.best, event.snapshot->step != 15);
            if (event.best)
                QVERIFY(event.snapshot->bestLoss < best);
            best = event.snapshot->bestLoss;
        }
    }

    void stopsOnAPlateau()
    {
        Experiment e = smallExperiment(10'000);
        e.training.stop = {StopConfig::Rule::Plateau, 2, 0.3, "uniform"};
        Run run(e);
        run.trainer.start();
        QCOMPARE(int(run.toTheEnd(5000)), int(Trainer::Status::Done));
        QVERIFY(run.trainer.stepsDone() < 2000);
        QCOMPARE(run.trainer.stepsDone() % 10, std::uint64_t{0}); // at an evaluation
        QVERIFY(mentions(run.trainer.reason(), "held-out loss on the uniform mixture"));
        QCOMPARE(run.lastSnapshot()->step, run.trainer.stepsDone());
        Run again(e);
        QCOMPARE(int(again.trainer.resume(*run.lastSnapshot())), int(Trainer::Status::Done)); // it stays stopped
    }

    void stopsWhenTheMixtureHasSettled()
    {
        Experiment e = heldOutGibbs(10'000);
        e.training.stop = {StopConfig::Rule::SettledMixture, 3, 0.01, "uniform"};
        Run run(e);
        run.trainer.start();
        QCOMPARE(int(run.toTheEnd(5000)), int(Trainer::Status::Done));
        QVERIFY(mentions(run.trainer.reason(), "the mixture has moved less"));
    }

    void aLossThatIsNoNumberEndsTheRun()
    {
        FakeEngineOptions options;
        options.divergeAtStep = 17;
        Run run(smallExperiment(), options);
        run.trainer.start();
        QCOMPARE(int(run.toTheEnd()), int(Trainer::Status::Diverged));
        QCOMPARE(run.trainer.stepsDone(), std::uint64_t{16});
        QVERIFY2(mentions(run.trainer.reason(), "Step 17: the training loss of domain \""), run.trainer.reason().c_str());
        QCOMPARE(run.log.all<StepEvent>().back().step, std::uint64_t{16}); // no point with holes in it
        QCOMPARE(run.lastSnapshot()->step, std::uint64_t{15});
        Run healed(smallExperiment());
        healed.trainer.resume(*run.lastSnapshot());
        QCOMPARE(int(healed.toTheEnd()), int(Trainer::Status::Done));
    }

    void otherNumbersThatAreNoneEndTheRun()
    {
        for (const bool gradient : {true, false}) {
            EventLog log;
            const Experiment e = smallExperiment();
            Trainer trainer(e, smallCorpus(), std::make_unique<BrokenModel>(e, gradient ? 12 : 0, gradient ? 0 : 12),
                            [&log](const RunEvent &event) { log.onRunEvent(event); });
            trainer.start();
            while (trainer.status() == Trainer::Status::Training)
                trainer.step();
            QCOMPARE(int(trainer.status()), int(Trainer::Status::Diverged));
            const char *expected = gradient ? "Step 12: the gradient's norm is infinite" : "Step 20: the held-out loss of domain \"";
            QVERIFY2(mentions(trainer.reason(), expected), trainer.reason().c_str());
            QCOMPARE(log.all<StepEvent>().back().step, gradient ? std::uint64_t{11} : std::uint64_t{20}); // it was trained
            QCOMPARE(log.all<EvaluationEvent>().back().step, std::uint64_t{10});
        }
    }

    void aPolicyThatHasYetToUpdateHasNotSettled()
    {
        Experiment e = smallExperiment(600);
        e.mixture.parameters = {{"signal", std::string("training")}, {"interval", 200.0}};
        e.training.evalInterval = 20;
        e.training.stop = {StopConfig::Rule::SettledMixture, 3, 0.01, "uniform"};
        Run run(e);
        run.trainer.start();
        run.toTheEnd();
        QCOMPARE(run.trainer.stepsDone(), std::uint64_t{600});
    }

    void whatAPolicyWarnsOfIsTold()
    {
        Experiment e = smallExperiment();
        e.mixture = {.policy = "unimax", .parameters = {{"max_epochs", 0.5}}, .batching = MixtureConfig::Batching::Random};
        Run run(e);
        run.trainer.start();
        const MessageEvent first = run.log.all<MessageEvent>().front();
        QCOMPARE(int(first.kind), int(MessageEvent::Kind::Warning));
        QVERIFY2(mentions(first.text, "unspent"), first.text.c_str());
    }

    void theCapOfEveryPolicyHolds()
    {
        Experiment e = smallExperiment(200);
        e.mixture.parameters["max_epochs"] = 1.0;
        Run run(e);
        run.trainer.start();
        const PolicyContext context{e.domainNames(), factsOf(*smallCorpus()).domainTokens, e.training.tokenBudget, e.numSteps()};
        double together = 0.0;
        for (const double tokens : context.tokens)
            together += tokens;
        const double overrun = std::max(1.0, double(context.tokenBudget) / together);
        run.toTheEnd();
        const auto steps = run.log.all<StepEvent>();
        for (const StepEvent &step : steps)
            for (std::size_t k = 0; k < context.numDomains(); ++k)
                QVERIFY(step.targetShare[k] <= overrun * context.tokens[k] / double(context.tokenBudget) + 1e-9);
        QCOMPARE(steps.back().terms.back().name, std::string("unlimited share"));
        std::set<std::string> warnings;
        for (const MessageEvent &message : run.log.all<MessageEvent>())
            if (message.kind == MessageEvent::Kind::Warning)
                QVERIFY2(warnings.insert(message.text).second, "told twice");
        QVERIFY(std::ranges::any_of(warnings, [](const std::string &text) { return mentions(text, "max_epochs"); }));
    }

    void messagesAreFew()
    {
        Run run(smallExperiment(1000));
        run.trainer.start();
        run.toTheEnd();
        const auto messages = run.log.all<MessageEvent>();
        QVERIFY(messages.size() <= 2 * run.log.all<EvaluationEvent>().size());
        for (const MessageEvent &message : messages)
            QVERIFY(!message.text.empty());
    }

    void aDomainWithoutHeldOutTextIsLeftOut()
    {
        std::vector<std::vector<TokenId>> training(3, std::vector<TokenId>(100, TokenId{1}));
        std::vector<std::vector<TokenId>> heldOut{std::vector<TokenId>(100, TokenId{2}), {}, std::vector<TokenId>(100, TokenId{3})};
        Run run(heldOutGibbs(), {}, makeTokenizedCorpus(training, heldOut));
        run.trainer.start();
        QCOMPARE(int(run.toTheEnd()), int(Trainer::Status::Done));
        for (const EvaluationEvent &event : run.log.all<EvaluationEvent>()) {
            QVERIFY(std::isnan(event.losses[1]));
            QVERIFY(std::abs(std::accumulate(event.targetShare.begin(), event.targetShare.end(), 0.0) - 1.0) < 1e-12);
        }
    }
};

QTEST_GUILESS_MAIN(TestTrainer)
#include "tst_trainer.moc"
