// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/trainer.h"

#include "core/base/error.h"
#include "core/store/checkpoint.h"
#include "core/store/resume_point.h"
#include "core/store/run_writer.h"
#include "core/train/fake_language_model.h"
#include "core/train/learning_rate_schedule.h"

#include "tests/support/training_fixture.h"

#include <QTemporaryDir>
#include <QTest>

#include <numeric>

using namespace krater;

namespace {

// A run without a thread.
struct Run {
    explicit Run(const Experiment &experiment, const FakeEngineOptions &options = {}, std::shared_ptr<const TokenizedCorpus> corpus = smallCorpus())
        : trainer(experiment, corpus,
                  makeFakeEngine(options)->create({experiment.model, experiment.training, 257, experiment.info.seed}),
                  [this](const RunEvent &event) { log.onRunEvent(event); })
    {
    }

    Trainer::Status toTheEnd(std::uint64_t until = ~std::uint64_t{0})
    {
        while (trainer.status() == Trainer::Status::Training && trainer.stepsDone() < until)
            trainer.step();
        return trainer.status();
    }

    std::shared_ptr<const TrainerSnapshot> lastSnapshot() const { return log.all<CheckpointEvent>().back().snapshot; }

    EventLog log;
    Trainer trainer;
};

// A fake model with one number that is none: the gradient's norm of a step, or a held-out loss after a step.
class BrokenModel : public LanguageModel {
public:
    BrokenModel(const Experiment &e, std::uint64_t gradientAt, std::uint64_t heldOutAfter)
        : m_model(makeFakeEngine()->create({e.model, e.training, 257, e.info.seed})), m_gradientAt(gradientAt), m_heldOutAfter(heldOutAfter)
    {
    }

    LanguageModelInfo info() const override { return m_model->info(); }
    TrainStepResult trainStep(const Batch &batch, double learningRate) override
    {
        TrainStepResult result = m_model->trainStep(batch, learningRate);
        if (++m_steps == m_gradientAt)
            result.gradientNorm = std::numeric_limits<double>::infinity();
        return result;
    }
    std::vector<double> evaluate(const Batch &batch) override
    {
        std::vector<double> losses = m_model->evaluate(batch);
        if (m_heldOutAfter > 0 && m_steps >= m_heldOutAfter)
            losses.back() = std::numeric_limits<double>::quiet_NaN();
        return losses;
    }
    std::vector<NamedTensor> save() override { return m_model->save(); }
    void restore(const std::vector<NamedTensor> &tensors) override { m_model->restore(tensors); }

private:
    std::unique_ptr<LanguageModel> m_model;
    std::uint64_t m_gradientAt, m_heldOutAfter, m_steps = 0;
};

Experiment heldOutGibbs(std::uint64_t steps = 60)
{
    Experiment e = smallExperiment(steps);
    e.mixture.parameters = {{"signal", std::string("held_out")}};
    return e;
}

std::vector<std::uint64_t> checkpointSteps(const EventLog &log)
{
    std::vector<std::uint64_t> steps;
    for (const CheckpointEvent &event : log.all<CheckpointEvent>())
        steps.push_back(event.snapshot->step);
    return steps;
}

Experiment storedExperiment()
{
    Experiment e = smallExperiment();
    e.mixture.parameters = {{"signal", std::string("training")}};
    return e;
}

// A trainer whose events go to the store, in this thread.
struct StoredTraining {
    StoredTraining(RunWriter &writer, RunId run)
        : observer(writer.observerFor(run))
        , trainer(storedExperiment(), smallCorpus(),
                  makeFakeEngine()->create({storedExperiment().model, storedExperiment().training, 257, storedExperiment().info.seed}),
                  [this](const RunEvent &event) { observer.onRunEvent(event); })
    {
    }

    void until(std::uint64_t step)
    {
        while (trainer.status() == Trainer::Status::Training && trainer.stepsDone() < step)
            trainer.step();
    }

    RunObserver &observer;
    Trainer trainer;
};

std::vector<std::string> textsOf(RunReader &reader, RunId run, MessageEvent::Kind kind)
{
    std::vector<std::string> texts;
    for (const StoredEvent &stored : reader.events(run)) {
        if (stored.event.kind == kind)
            texts.push_back(std::to_string(stored.event.step) + ": " + stored.event.text);
    }
    return texts;
}

bool sameCurve(const Curve &a, const Curve &b)
{
    return std::ranges::equal(a, b, [](const CurvePoint &x, const CurvePoint &y) { return x.step == y.step && sameNumbers({x.value}, {y.value}); });
}

bool sameStoredPoints(RunReader &reader, RunId a, RunId b)
{
    const auto names = reader.curveNames(a);
    return !names.empty() && names == reader.curveNames(b) && std::ranges::all_of(names, [&](const auto &name) {
        return name.first == metric::kTokensPerSecond
            || sameCurve(reader.curve(a, name.first, name.second), reader.curve(b, name.first, name.second));
    });
}

bool mentions(const std::string &text, const char *part)
{
    return text.find(part) != std::string::npos;
}

// Points of `log` after `step` equal those of the undisturbed run, and there are as many.
bool samePointsAfter(const EventLog &undisturbed, const EventLog &log, std::uint64_t step)
{
    const auto after = [step](const auto &events) {
        auto kept = events;
        std::erase_if(kept, [step](const auto &event) { return event.step <= step; });
        return kept;
    };
    const auto steps = after(undisturbed.all<StepEvent>()), ownSteps = after(log.all<StepEvent>());
    const auto evaluations = after(undisturbed.all<EvaluationEvent>()), ownEvaluations = after(log.all<EvaluationEvent>());
    return !steps.empty() && std::ranges::equal(steps, ownSteps, [](const auto &a, const auto &b) { return samePoint(a, b); })
        && std::ranges::equal(evaluations, ownEvaluations, [](const auto &a, const auto &b) { return samePoint(a, b); });
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

    // Same file, same seed: the same run. And every snapshot on the way continues as the run did.
    void resumesBitForBitFromEveryCheckpoint_data()
    {
        QTest::addColumn<bool>("heldOut");
        QTest::addColumn<bool>("stratified");
        QTest::addColumn<bool>("throughFile");
        QTest::newRow("training signal, random") << false << false << false;
        QTest::newRow("held-out signal, stratified") << true << true << false;
        QTest::newRow("through a checkpoint file") << false << true << true;
    }

    void resumesBitForBitFromEveryCheckpoint()
    {
        QFETCH(bool, heldOut);
        QFETCH(bool, stratified);
        QFETCH(bool, throughFile);
        QTemporaryDir folder;
        Experiment e = heldOut ? heldOutGibbs() : smallExperiment();
        e.mixture.batching = stratified ? MixtureConfig::Batching::Stratified : MixtureConfig::Batching::Random;
        e.training.checkpointInterval = 1; // every step is an arbitrary step
        e.training.stop = {StopConfig::Rule::Plateau, 50, 0.001, "natural"};
        Run undisturbed(e);
        undisturbed.trainer.start();
        undisturbed.toTheEnd();
        const auto checkpoints = undisturbed.log.all<CheckpointEvent>();
        QCOMPARE(checkpoints.size(), std::size_t{61});
        for (const CheckpointEvent &checkpoint : checkpoints) {
            if (checkpoint.snapshot->step == 60 || (throughFile && checkpoint.snapshot->step % 7 != 0))
                continue;
            std::shared_ptr<const TrainerSnapshot> snapshot = checkpoint.snapshot;
            if (throughFile) {
                const auto file = std::filesystem::path(folder.path().toStdString()) / "c.safetensors";
                writeCheckpoint(file, *snapshot);
                snapshot = readCheckpoint(file);
            }
            Run resumed(e);
            resumed.trainer.resume(*snapshot);
            resumed.toTheEnd();
            QVERIFY2(samePointsAfter(undisturbed.log, resumed.log, snapshot->step), std::to_string(snapshot->step).c_str());
            QVERIFY(sameSnapshot(*resumed.lastSnapshot(), *undisturbed.lastSnapshot()));
            QCOMPARE(resumed.log.all<EvaluationEvent>().empty(), false);
        }
    }

    void resumingRepeatsNothing()
    {
        Run first(smallExperiment());
        first.trainer.start();
        first.toTheEnd(20); // an evaluation step
        first.trainer.checkpoint();
        Run second(smallExperiment());
        second.trainer.resume(*first.lastSnapshot());
        second.trainer.checkpoint(); // there is one of exactly this
        QVERIFY(second.log.all<CheckpointEvent>().empty());
        QVERIFY(second.log.all<EvaluationEvent>().empty());
        const auto messages = second.log.all<MessageEvent>();
        QCOMPARE(messages.size(), std::size_t{1});
        QCOMPARE(int(messages[0].kind), int(MessageEvent::Kind::Resumed));
        second.trainer.step();
        QCOMPARE(second.log.all<StepEvent>().front().step, std::uint64_t{21});
        QVERIFY(second.log.all<StepEvent>().front().seconds > first.lastSnapshot()->seconds);
    }

    void resumingTakesEverythingOver()
    {
        Experiment e = heldOutGibbs();
        e.training.stop.rule = StopConfig::Rule::Plateau;
        Run first(e);
        first.trainer.start();
        first.toTheEnd(25);
        first.trainer.checkpoint();
        TrainerSnapshot snapshot = *first.lastSnapshot();
        snapshot.bestLoss = 0.001; // better than the fake will ever be
        Run second(e);
        second.trainer.resume(snapshot);
        second.trainer.editMixture(Mixture::fromWeights(snapshot.mixture)); // no change, but a reason to keep a checkpoint
        second.trainer.checkpoint();
        QVERIFY(sameSnapshot(*second.lastSnapshot(), snapshot));
        QCOMPARE(second.lastSnapshot()->seconds, snapshot.seconds);
        second.toTheEnd();
        for (const CheckpointEvent &event : second.log.all<CheckpointEvent>())
            QVERIFY(!event.best);
    }

    void resumingAFinishedRunEndsAtOnce()
    {
        Run first(smallExperiment(10));
        first.trainer.start();
        first.toTheEnd();
        Run again(smallExperiment(10));
        QCOMPARE(int(again.trainer.resume(*first.lastSnapshot())), int(Trainer::Status::Done));
        QVERIFY(!again.trainer.reason().empty());
    }

    void refusesASnapshotOfAnotherRun()
    {
        Run first(smallExperiment());
        first.trainer.start();
        TrainerSnapshot other = *first.lastSnapshot();
        other.mixture = {0.5, 0.5};
        Run run(smallExperiment());
        QVERIFY_THROWS_EXCEPTION(Error, run.trainer.resume(other));
        other = *first.lastSnapshot();
        other.tensors.clear();
        QVERIFY_THROWS_EXCEPTION(Error, Run(smallExperiment()).trainer.resume(other));
        other = *first.lastSnapshot();
        other.policyState = "nonsense";
        QVERIFY_THROWS_EXCEPTION(Error, Run(smallExperiment()).trainer.resume(other));
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

    void anEditedMixtureHoldsFromTheNextStep()
    {
        Experiment e = smallExperiment();
        e.mixture = {.policy = "uniform", .parameters = {}, .batching = MixtureConfig::Batching::Stratified};
        Run run(e);
        run.trainer.start();
        run.toTheEnd(5);
        run.trainer.editMixture(Mixture::fromWeights(std::vector{1.0, 0.0, 0.0}));
        QCOMPARE(int(run.log.all<MessageEvent>().back().kind), int(MessageEvent::Kind::MixtureEdited));
        QCOMPARE(run.log.all<MessageEvent>().back().step, std::uint64_t{5});
        run.trainer.step();
        QCOMPARE(run.log.all<StepEvent>().back().realisedShare, (std::vector<double>{1.0, 0.0, 0.0}));
        QCOMPARE(run.log.all<StepEvent>().back().targetShare, (std::vector<double>{1.0, 0.0, 0.0}));
        run.trainer.checkpoint();
        Run resumed(e); // the edit is in the checkpoint
        resumed.trainer.resume(*run.lastSnapshot());
        resumed.toTheEnd();
        run.toTheEnd();
        QVERIFY(samePointsAfter(run.log, resumed.log, 6));
        run.trainer.editMixture(Mixture::uniform(2));
        QCOMPARE(int(run.log.all<MessageEvent>().back().kind), int(MessageEvent::Kind::Warning));
    }

    void anAdaptivePolicyGoesOnAfterAnEdit()
    {
        Run run(heldOutGibbs());
        run.trainer.start();
        run.toTheEnd(15);
        run.trainer.editMixture(Mixture::fromWeights(std::vector{0.2, 0.3, 0.5}));
        run.toTheEnd(19);
        QVERIFY(sameNumbers(run.log.all<StepEvent>().back().targetShare, {0.2, 0.3, 0.5}));
        run.toTheEnd(20);
        QVERIFY(!sameNumbers(run.log.all<StepEvent>().back().targetShare, {0.2, 0.3, 0.5}));
    }

    // An edit after a checkpoint of the same step belongs into a checkpoint, too.
    void anEditIsNotLostByStoppingRightAfterIt()
    {
        Run run(heldOutGibbs());
        run.trainer.start();
        run.toTheEnd(15);
        const std::size_t before = run.log.all<CheckpointEvent>().size();
        run.trainer.editMixture(Mixture::fromWeights(std::vector{0.2, 0.3, 0.5}));
        run.trainer.checkpoint();
        QCOMPARE(run.log.all<CheckpointEvent>().size(), before + 1);
        QVERIFY(sameNumbers(run.lastSnapshot()->mixture, {0.2, 0.3, 0.5}));
        run.trainer.checkpoint();
        QCOMPARE(run.log.all<CheckpointEvent>().size(), before + 1);
    }

    void anEditIsInACheckpointOfItsOwn()
    {
        Run run(smallExperiment());
        run.trainer.start();
        run.toTheEnd(12);
        run.trainer.editMixture(Mixture::fromWeights(std::vector{0.2, 0.3, 0.5}));
        QVERIFY(sameNumbers(run.lastSnapshot()->mixture, {0.2, 0.3, 0.5}));
        QCOMPARE(run.lastSnapshot()->step, std::uint64_t{12});
        const MessageEvent edit = run.log.all<MessageEvent>().back(); // before the checkpoint, which knows of it
        QVERIFY(sameNumbers(edit.mixture, {0.2, 0.3, 0.5}));
        QVERIFY(std::holds_alternative<CheckpointEvent>(run.log.events.back()));
    }

    // An evaluation that is given up is done when the run goes on, in this process or from a file; nobody can tell from the points.
    void aStopInAnEvaluationChangesNothing()
    {
        QTemporaryDir folder;
        const auto file = std::filesystem::path(folder.path().toStdString()) / "c.safetensors";
        const Experiment e = heldOutGibbs();
        Run undisturbed(e);
        undisturbed.trainer.start();
        undisturbed.toTheEnd();
        for (std::size_t evaluation = 0; evaluation < 7; ++evaluation) {
            Run first(e);
            const std::uint64_t step = evaluation * 10;
            first.trainer.setGoOn([&first, step] { return first.trainer.stepsDone() < step; });
            first.trainer.start();
            while (!first.trainer.isEvaluationDue())
                first.trainer.step();
            first.trainer.step(); // given up again
            QVERIFY(first.trainer.isEvaluationDue());
            QCOMPARE(first.trainer.stepsDone(), step);
            first.trainer.checkpoint();
            QCOMPARE(first.lastSnapshot()->step, step);
            QCOMPARE(first.log.all<StepEvent>().size(), step == 0 ? std::size_t{0} : std::size_t(step - 1));
            writeCheckpoint(file, *first.lastSnapshot());
            Run resumed(e);
            resumed.trainer.resume(*readCheckpoint(file));
            resumed.toTheEnd();
            QCOMPARE(int(resumed.trainer.status()), int(Trainer::Status::Done));
            QVERIFY(sameSnapshot(*resumed.lastSnapshot(), *undisturbed.lastSnapshot()));
            EventLog whole = first.log;
            for (const RunEvent &event : resumed.log.events)
                whole.onRunEvent(event);
            QVERIFY(samePointsAfter(undisturbed.log, whole, 0));
            QCOMPARE(whole.all<EvaluationEvent>().size(), std::size_t{7});
        }
    }

    void aResumedRunTellsTheSameOfItsPolicy()
    {
        Experiment e = smallExperiment(200);
        e.training.checkpointInterval = 1;
        Run undisturbed(e);
        undisturbed.trainer.start();
        undisturbed.toTheEnd();
        const auto told = [](const EventLog &log, std::uint64_t after) {
            std::vector<std::string> texts;
            for (const MessageEvent &message : log.all<MessageEvent>())
                if (message.kind == MessageEvent::Kind::PolicyUpdated && message.step > after)
                    texts.push_back(message.text);
            return texts;
        };
        QVERIFY(told(undisturbed.log, 0).size() > 1);
        for (const CheckpointEvent &checkpoint : undisturbed.log.all<CheckpointEvent>()) {
            Run resumed(e);
            resumed.trainer.resume(*checkpoint.snapshot);
            resumed.toTheEnd();
            QCOMPARE(told(resumed.log, 0), told(undisturbed.log, checkpoint.snapshot->step));
        }
    }

    void resumingElsewhereIsTold()
    {
        Run first(smallExperiment());
        first.trainer.start();
        TrainerSnapshot snapshot = *first.lastSnapshot();
        snapshot.device = "CPU, 7 threads";
        Run second(smallExperiment());
        second.trainer.resume(snapshot);
        const MessageEvent last = second.log.all<MessageEvent>().back();
        QCOMPARE(int(last.kind), int(MessageEvent::Kind::Warning));
        QVERIFY2(mentions(last.text, "instead of CPU, 7 threads"), last.text.c_str());
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

    // A mixture that was set by hand is part of the run, whatever ends the program.
    void anEditIsRepeatedAfterTheEnd_data()
    {
        QTest::addColumn<int>("editAt");
        QTest::newRow("between checkpoints") << 22;
        QTest::newRow("at a checkpoint") << 15;
        QTest::newRow("at an evaluation") << 20;
    }

    void anEditIsRepeatedAfterTheEnd()
    {
        QFETCH(int, editAt);
        QTemporaryDir folder;
        const auto file = std::filesystem::path(folder.path().toStdString()) / "edits.krater";
        const Mixture edited = Mixture::fromWeights(std::vector{0.7, 0.1, 1.0 / 3.0});
        RunId undisturbed = 0, resumed = 0;
        {
            RunWriter writer(file);
            for (const bool disturbed : {false, true}) {
                const RunId run = writer.createRun(newRunRecord(storedExperiment(), {}));
                (disturbed ? resumed : undisturbed) = run;
                StoredTraining training(writer, run);
                training.trainer.start();
                training.until(std::uint64_t(editAt));
                training.trainer.editMixture(edited);
                training.until(disturbed ? std::uint64_t(editAt) + 3 : 60);
            }
        }
        RunReader reader(file);
        RunWriter writer(file);
        const ResumePoint point = findResumePoint(reader, *reader.run(resumed));
        takeOver(writer, resumed, point);
        StoredTraining training(writer, resumed);
        training.trainer.resume(*point.snapshot);
        training.until(60);
        writer.flush();
        QVERIFY(sameStoredPoints(reader, undisturbed, resumed));
        const auto edits = textsOf(reader, resumed, MessageEvent::Kind::MixtureEdited);
        QCOMPARE(edits, textsOf(reader, undisturbed, MessageEvent::Kind::MixtureEdited));
        QCOMPARE(edits.size(), std::size_t(1));
        for (const StoredEvent &stored : reader.events(resumed)) {
            if (stored.event.kind == MessageEvent::Kind::MixtureEdited)
                QVERIFY(sameNumbers(stored.event.mixture, {edited.weights().begin(), edited.weights().end()}));
        }
        using Kind = MessageEvent::Kind;
        QCOMPARE(textsOf(reader, resumed, Kind::PolicyUpdated), textsOf(reader, undisturbed, Kind::PolicyUpdated));
        QCOMPARE(textsOf(reader, resumed, Kind::Evaluation), textsOf(reader, undisturbed, Kind::Evaluation));
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
