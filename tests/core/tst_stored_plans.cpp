// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/store/run_reader.h"
#include "core/store/run_writer.h"
#include "tests/core/store_samples.h"

#include <QTemporaryDir>
#include <QTest>

#include <filesystem>

using namespace krater;
namespace fs = std::filesystem;

class TestStoredPlans : public QObject {
    Q_OBJECT

private:
    QTemporaryDir m_folder;

    fs::path store(const char *name) { return fs::path(m_folder.path().toStdString()) / name; }

private slots:
    void keepsAPlanWithItsRuns()
    {
        RunWriter writer(store("plan.krater"));
        writer.createRun(samples::record("of its own"));
        RunRecord given = samples::record("first");
        given.role = RunRole::Proxy;
        given.plan = PlanPlace{0, 0, 3, "find it"};
        const RunId first = writer.createRun(given, "the plan");
        given.plan = PlanPlace{first, 1, 3, "main"};
        const RunId second = writer.createRun(given);

        RunReader reader(writer.file());
        QVERIFY(reader.run(1)->plan == std::nullopt);
        QVERIFY(reader.run(first)->plan == (PlanPlace{first, 0, 3, "find it"}));
        QVERIFY(reader.run(second)->plan == (PlanPlace{first, 1, 3, "main"}));
        QCOMPARE(reader.planToml(first), std::string("the plan"));
        QVERIFY_THROWS_EXCEPTION(Error, reader.planToml(1));
        const std::vector<RunRecord> runs = reader.planRuns(first);
        QCOMPARE(runs.size(), std::size_t(2));
        QCOMPARE(runs.front().id, first);

        // Two programs that go on with a plan at the same time: the second one is told.
        QVERIFY_THROWS_EXCEPTION(Error, writer.createRun(given));
        QCOMPARE(reader.runs().size(), std::size_t(3));
    }

    void aPlanGoesWithItsLastRun()
    {
        RunWriter writer(store("plan bin.krater"));
        RunRecord given = samples::record();
        given.state = RunState::Stopped;
        given.plan = PlanPlace{0, 0, 2, "a"};
        const RunId first = writer.createRun(given, "the plan");
        given.plan = PlanPlace{first, 1, 2, "b"};
        const RunId second = writer.createRun(given);
        RunReader reader(writer.file());
        writer.setDeleted(first, true);
        writer.emptyBin();
        writer.flush();
        QCOMPARE(reader.planToml(first), std::string("the plan"));
        QCOMPARE(reader.planRuns(first).front().id, second);
        writer.setDeleted(second, true);
        writer.emptyBin();
        writer.flush();
        QVERIFY_THROWS_EXCEPTION(Error, reader.planToml(first));
    }

    // The mean counts every step once, the one before training too, also where a step was evaluated and after a resume.
    void knowsAverageAndFinalMixture()
    {
        RunWriter writer(store("mixtures.krater"));
        const RunId run = writer.createRun(samples::record());
        RunReader reader(writer.file());
        QVERIFY(!reader.mixtures(*reader.run(run)));
        samples::train(writer.observerFor(run), 1, 420);
        writer.observerFor(run).onRunEvent(StateEvent{RunState::Stopped, 420, ""});
        samples::resume(writer, run, 350);
        samples::train(writer.observerFor(run), 351, 400);
        writer.flush();
        double sum = 0;
        for (std::uint64_t n = 0; n <= 400; ++n)
            sum += samples::shares(n)[0];
        const auto mixtures = reader.mixtures(*reader.run(run));
        QVERIFY(mixtures);
        QVERIFY(samples::sameBits(mixtures->averageMixture[0], sum / 401));
        QCOMPARE(mixtures->finalMixture, samples::shares(400));
    }

    // DoReMi draws by one mixture and weighs losses by another, which is its answer.
    void prefersTheMixtureThatLossesAreWeighedBy()
    {
        RunWriter writer(store("objective.krater"));
        const RunId run = writer.createRun(samples::record());
        EvaluationEvent untrained = samples::evaluation(0);
        untrained.objectiveShare = {0.5, 0.25, 0.25};
        writer.observerFor(run).onRunEvent(untrained);
        StepEvent step = samples::step(1);
        step.objectiveShare = {0.25, 0.5, 0.25};
        writer.observerFor(run).onRunEvent(step);
        writer.flush();
        RunReader reader(writer.file());
        const auto mixtures = reader.mixtures(*reader.run(run));
        QVERIFY(mixtures);
        QCOMPARE(mixtures->averageMixture, (std::vector<double>{0.375, 0.375, 0.25}));
        QCOMPARE(mixtures->finalMixture, step.objectiveShare);

        step = samples::step(2); // what the policy itself counts as its average goes before
        step.objectiveShare = {0.25, 0.5, 0.25};
        step.terms = {{"average", {0.125, 0.5, 0.375}}};
        writer.observerFor(run).onRunEvent(step);
        writer.flush();
        QCOMPARE(reader.mixtures(*reader.run(run))->averageMixture, step.terms[0].values);
    }
};

QTEST_GUILESS_MAIN(TestStoredPlans)
#include "tst_stored_plans.moc"
