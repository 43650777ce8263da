// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/store/checkpoint.h"
#include "core/store/resume_point.h"
#include "core/store/run_writer.h"

#include "tests/core/store_samples.h"
#include "tests/support/trainer_run.h"

#include <QTemporaryDir>
#include <QTest>

using namespace krater;

namespace {

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

} // namespace

// What a run that goes on takes over, and that mixtures set by hand are a part of it.
class TestResumingTrainer : public QObject {
    Q_OBJECT

private slots:
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
        const auto edits = samples::textsOf(reader, resumed, MessageEvent::Kind::MixtureEdited);
        QCOMPARE(edits, samples::textsOf(reader, undisturbed, MessageEvent::Kind::MixtureEdited));
        QCOMPARE(edits.size(), std::size_t(1));
        for (const StoredEvent &stored : reader.events(resumed)) {
            if (stored.event.kind == MessageEvent::Kind::MixtureEdited)
                QVERIFY(sameNumbers(stored.event.mixture, {edited.weights().begin(), edited.weights().end()}));
        }
        using Kind = MessageEvent::Kind;
        QCOMPARE(samples::textsOf(reader, resumed, Kind::PolicyUpdated), samples::textsOf(reader, undisturbed, Kind::PolicyUpdated));
        QCOMPARE(samples::textsOf(reader, resumed, Kind::Evaluation), samples::textsOf(reader, undisturbed, Kind::Evaluation));
    }
};

QTEST_GUILESS_MAIN(TestResumingTrainer)
#include "tst_resuming_trainer.moc"
