// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/config/experiment_toml.h"
#include "core/store/checkpoint.h"
#include "core/store/run_writer.h"
#include "tests/app/support/session_window.h"
#include "tests/support/tiny_plan.h"
#include "tests/support/tiny_corpus.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace krater;

// Experiments with stages: whatever happens to a plan, once it is resumed its runs are those of an undisturbed one.
class TestTrainingPlan : public QObject {
    Q_OBJECT

private slots:
    void initTestCase();
    void init();

    void trainsAllStages();
    void tellsThePlan();
    void stopAndResumeEqualsAnUndisturbedPlan_data();
    void stopAndResumeEqualsAnUndisturbedPlan();
    void stopsBetweenTwoStages();
    void stoppedWhileTheNextStageIsMade();
    void resumesAfterAKill();
    void anyRunOfThePlanNamesIt();
    void aStageThatFailsEndsThePlan();
    void aLostCheckpointEndsThePlan();
    void allStagesSeeTheSameText();
    void anUnsavedPlanIsFrozenWithFullPaths();
    void theLibraryKnowsWhatCanGoOn();

private:
    Experiment plan() const { return *loadExperiment(m_file).experiment; }
    QString file() const { return QString::fromStdString(m_file.string()); }
    std::string storeFile() const { return m_store.toStdString(); }
    bool stageIs(const SessionWindow &window, std::size_t stage) const;
    void stopIn(std::size_t stage, std::uint64_t step);
    void resume(RunId run);

    std::unique_ptr<QTemporaryDir> m_folder;
    std::filesystem::path m_file;
    test::PlanContent m_undisturbed;
    QString m_store;
    int m_number = 0;
};

void TestTrainingPlan::initTestCase()
{
    m_folder = std::make_unique<QTemporaryDir>();
    m_file = test::writeTinyExperiment(m_folder->filePath(QStringLiteral("tiny")).toStdString(), test::kTinyStages);
    init();
    SessionWindow window(m_store);
    window.session.start(plan(), file());
    QTRY_VERIFY(window.finished());
    QCOMPARE(window.failed.count(), 0);
    m_undisturbed = test::planContent(storeFile());
    QVERIFY(m_undisturbed.points.size() > 50);
}

void TestTrainingPlan::init()
{
    m_store = m_folder->filePath(QStringLiteral("%1.krater").arg(++m_number));
}

// The session has come to that stage.
bool TestTrainingPlan::stageIs(const SessionWindow &window, std::size_t stage) const
{
    return window.session.hasRun() && window.session.view()->record().plan->stage == stage;
}

// Leaves a plan that was stopped in a stage, which must be longer than those before it.
void TestTrainingPlan::stopIn(std::size_t stage, std::uint64_t step)
{
    SessionWindow window(m_store, {}, std::make_shared<Gate>());
    window.gate->openUpTo(step);
    window.session.start(plan(), file());
    QTRY_VERIFY(stageIs(window, stage) && window.session.view()->record().step == step);
    window.session.stop();
    QVERIFY(window.session.state() == RunState::Stopping);
    window.gate->openUpTo(1000);
    QTRY_VERIFY(window.finished());
    QVERIFY(window.session.state() == RunState::Stopped);
    QCOMPARE(window.started.count(), int(stage) + 1);
}

void TestTrainingPlan::resume(RunId run)
{
    SessionWindow window(m_store);
    window.session.resumeRun(run);
    QTRY_VERIFY(window.finished());
    QVERIFY2(window.failed.isEmpty(), qPrintable(window.failed.isEmpty() ? QString() : window.failed.front()[0].toString()));
    QVERIFY(window.session.state() == RunState::Done);
}

void TestTrainingPlan::trainsAllStages()
{
    SessionWindow window(m_store);
    window.session.start(plan(), file());
    QTRY_VERIFY(window.finished());
    QCOMPARE(window.failed.count(), 0);
    QCOMPARE(window.started.count(), 3);
    RunReader reader(storeFile());
    const std::vector<RunRecord> runs = reader.planRuns(1);
    QCOMPARE(runs.size(), std::size_t(3));
    const RunRole roles[] = {RunRole::Proxy, RunRole::Main, RunRole::FineTune};
    const std::uint64_t steps[] = {20, 40, 60};
    for (std::size_t stage = 0; stage < 3; ++stage) {
        QVERIFY(runs[stage].state == RunState::Done);
        QVERIFY(runs[stage].role == roles[stage]);
        QCOMPARE(runs[stage].step, steps[stage]);
        QCOMPARE(runs[stage].parent.value_or(0), RunId(stage)); // 0: the first has none
        QCOMPARE(runs[stage].experimentFile, m_file.string());
        QCOMPARE(runs[stage].corpusHash, runs[0].corpusHash);
    }
    QCOMPARE(runs[1].name, std::string("tiny: main"));
    // The second took the first one's mean mixture, the third the second one's weights.
    const StageResult found = *reader.mixtures(runs[0]);
    QCOMPARE(reader.mixtures(runs[1])->finalMixture, found.averageMixture);
    QVERIFY(found.averageMixture != found.finalMixture);
    for (int domain = 0; domain < 3; ++domain) {
        const double before = reader.curve(runs[1].id, metric::kHeldOutLoss, domain).back().value;
        QCOMPARE(reader.curve(runs[2].id, metric::kHeldOutLoss, domain).front().value, before);
        QVERIFY(reader.curve(runs[1].id, metric::kHeldOutLoss, domain).front().value > before);
    }
}

void TestTrainingPlan::tellsThePlan()
{
    SessionWindow window(m_store, {}, std::make_shared<Gate>());
    window.gate->openUpTo(30);
    window.session.start(plan(), file());
    QVERIFY(window.session.plan() && window.session.plan()->runs.empty()); // known before its first run is
    QTRY_VERIFY(stageIs(window, 1) && window.session.view()->record().step == 30);
    QCOMPARE(window.session.plan()->runs.size(), std::size_t(2));
    QVERIFY(window.session.plan()->runs[0].state == RunState::Done);
    QTRY_VERIFY(window.library.plan(1) && window.library.plan(1)->runs.size() == 2);
    QCOMPARE(window.library.plan(1)->experiment.stages.size(), std::size_t(3));
    QVERIFY(!window.library.plan(2));
    window.gate->openUpTo(1000);
    QTRY_VERIFY(window.finished());
    QVERIFY(window.session.plan()->isDone());
    Experiment alone = plan();
    alone.stages.clear();
    window.session.start(alone, file());
    QVERIFY(!window.session.plan());
    QTRY_VERIFY(window.finished());
    QVERIFY(!window.session.plan());
}

void TestTrainingPlan::stopAndResumeEqualsAnUndisturbedPlan_data()
{
    QTest::addColumn<int>("stage");
    QTest::addColumn<int>("step");
    QTest::newRow("in the first stage") << 0 << 13;
    QTest::newRow("in the second stage") << 1 << 27;
    QTest::newRow("in the last stage") << 2 << 51;
}

void TestTrainingPlan::stopAndResumeEqualsAnUndisturbedPlan()
{
    QFETCH(const int, stage);
    QFETCH(const int, step);
    stopIn(std::size_t(stage), std::uint64_t(step));
    QVERIFY(RunReader(storeFile()).checkpoints(stage + 1).back().step >= std::uint64_t(step));
    resume(stage + 1);
    QVERIFY(test::planContent(storeFile()) == m_undisturbed);
}

void TestTrainingPlan::stopsBetweenTwoStages()
{
    {
        SessionWindow window(m_store);
        connect(&window.session, &TrainingSession::runStarted, this, [&](qint64 run) {
            if (run != 1)
                return;
            connect(window.session.view().get(), &RunView::recordChanged, this, [&] {
                if (window.session.view()->record().state == RunState::Done)
                    window.session.stop();
            });
        });
        window.session.start(plan(), file());
        QTRY_VERIFY(window.finished());
        QCOMPARE(window.started.count(), 1);
        QVERIFY(window.session.state() == RunState::Done);
        QCOMPARE(window.failed.count(), 0);
    }
    QCOMPARE(RunReader(storeFile()).runs().size(), std::size_t(1));
    resume(1);
    QVERIFY(test::planContent(storeFile()) == m_undisturbed);
}

void TestTrainingPlan::stoppedWhileTheNextStageIsMade()
{
    {
        SessionWindow window(m_store);
        connect(&window.session, &TrainingSession::stateChanged, this, [&] {
            if (window.session.isLaunching() && window.session.hasRun() && window.session.state() != RunState::Stopping)
                window.session.stop();
        });
        window.session.start(plan(), file());
        QTRY_VERIFY(window.finished());
        QVERIFY(window.started.count() <= 2);
    }
    resume(1);
    QVERIFY(test::planContent(storeFile()) == m_undisturbed);
}

void TestTrainingPlan::resumesAfterAKill()
{
    stopIn(1, 27);
    {
        // What a killed program leaves: no word of its end.
        RunWriter writer(storeFile());
        writer.observerFor(2).onRunEvent(StateEvent{RunState::Interrupted, 27, {}});
        writer.flush();
    }
    resume(2);
    QVERIFY(test::planContent(storeFile()) == m_undisturbed);
}

void TestTrainingPlan::anyRunOfThePlanNamesIt()
{
    stopIn(1, 27);
    resume(1);
    QVERIFY(test::planContent(storeFile()) == m_undisturbed);
    SessionWindow window(m_store);
    window.session.resumeRun(2);
    QTRY_COMPARE(window.failed.count(), 1);
    QVERIFY(window.failed.front()[0].toString().contains(QStringLiteral("Plan 1 is done")));
    QVERIFY(!window.session.isActive());
}

void TestTrainingPlan::aStageThatFailsEndsThePlan()
{
    {
        FakeEngineOptions options;
        options.failAtStep = 30;
        SessionWindow window(m_store, options);
        window.session.start(plan(), file());
        QTRY_VERIFY(window.finished());
        QVERIFY(window.session.state() == RunState::Failed);
        QCOMPARE(window.started.count(), 2);
    }
    resume(2);
    QVERIFY(test::planContent(storeFile()) == m_undisturbed);
}

void TestTrainingPlan::aLostCheckpointEndsThePlan()
{
    SessionWindow window(m_store);
    connect(&window.session, &TrainingSession::runStarted, this, [&](qint64 run) {
        connect(window.session.view().get(), &RunView::recordChanged, this, [&, run] {
            if (run == 2 && window.session.view()->record().state == RunState::Done)
                std::filesystem::remove(checkpointFile(storeFile(), 2, 40)); // whose weights the third stage wants
        });
    });
    window.session.start(plan(), file());
    QTRY_COMPARE(window.failed.count(), 1);
    QVERIFY(window.failed.front()[0].toString().contains(QStringLiteral("run 2 (tiny: main), whose weights are wanted, is gone")));
    QVERIFY(!window.session.isActive());
    QCOMPARE(RunReader(storeFile()).runs().size(), std::size_t(2));
}

void TestTrainingPlan::allStagesSeeTheSameText()
{
    stopIn(1, 27);
    QFile text(m_folder->filePath(QStringLiteral("tiny/verses.txt")));
    QVERIFY(text.open(QIODevice::ReadWrite));
    const QByteArray before = text.readAll();
    text.write("%\nA verse that was not there before.\n");
    text.flush();
    {
        SessionWindow window(m_store);
        window.session.resumeRun(2);
        QTRY_VERIFY(window.finished());
        QVERIFY(window.session.state() == RunState::Failed);
        QVERIFY(window.session.message().contains(QStringLiteral("has changed")));
    }
    text.resize(before.size());
    text.close();
    resume(2);
    QVERIFY(test::planContent(storeFile()) == m_undisturbed);
}

void TestTrainingPlan::anUnsavedPlanIsFrozenWithFullPaths()
{
    SessionWindow window(m_store);
    window.session.start(plan(), QString());
    QTRY_VERIFY(window.finished());
    QVERIFY(window.session.state() == RunState::Done);
    const std::string source = (m_file.parent_path() / "sums.txt").string();
    RunReader reader(storeFile());
    QVERIFY(reader.planToml(1).find(source) != std::string::npos);
    QVERIFY(reader.run(3)->experimentToml.find(source) != std::string::npos);
}

void TestTrainingPlan::theLibraryKnowsWhatCanGoOn()
{
    stopIn(1, 27);
    {
        SessionWindow window(m_store);
        QVERIFY(window.library.canGoOn(*window.library.run(1))); // done, its plan is not
        QVERIFY(window.library.canGoOn(*window.library.run(2)));
    }
    {
        SessionWindow window(m_store);
        window.session.resumeRun(2);
        while (!window.finished())
            QTest::qWait(1);
        // Nothing was read of the last run yet, or it was: both times it is known to be the plan's last.
        QVERIFY(!window.library.canGoOn(window.session.view()->record()));
    }
    SessionWindow window(m_store);
    for (RunId run : {1, 2, 3})
        QVERIFY(!window.library.canGoOn(*window.library.run(run)));
}

QTEST_GUILESS_MAIN(TestTrainingPlan)
#include "tst_training_plan.moc"
