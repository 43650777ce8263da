// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/config/experiment_toml.h"
#include "core/store/run_reader.h"
#include "core/store/run_writer.h"
#include "tests/app/support/session_window.h"
#include "tests/support/tiny_corpus.h"

#include <QFile>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include <algorithm>
#include <cmath>

using namespace krater;

namespace {

const QString kTraining = QString::fromLatin1(metric::kTrainingLoss);
const QString kTarget = QString::fromLatin1(metric::kTarget);

} // namespace

class TestTrainingSession : public QObject {
    Q_OBJECT

private slots:
    void init();
    void cleanup();

    void trainsToTheEnd();
    void storesParametersAtTheirDefaultToo();
    void waitsForTheEngine();
    void tellsThatTheEngineFailed();
    void waitsForTheStore();
    void tellsThatThereIsNoStore();
    void tellsWhatIsWrongWithTheExperiment();
    void oneRunAtATime();
    void twoRunsOneAfterTheOther();
    void pausesAndResumes();
    void stopsWithACheckpointOnDisk();
    void stoppingWhileWaitingMakesNoRun();
    void editsTheMixture();
    void resumesAStoppedRunPointForPoint();
    void resumesAnInterruptedRun();
    void refusesToResumeWhatIsDone();
    void refusesToResumeOtherText();
    void aFailureOfTheEngineEndsTheRun();
    void divergingEndsTheRun();
    void closingStopsWithACheckpoint();
    void anUnsavedExperimentIsFrozenWithFullPaths();
    void tellsWhatIsPrepared();

private:
    using Window = SessionWindow;

    Experiment experiment() const { return *loadExperiment(m_experimentFile).experiment; }
    QString experimentFile() const { return QString::fromStdString(m_experimentFile.string()); }

    std::unique_ptr<QTemporaryDir> m_folder;
    std::filesystem::path m_experimentFile;
    QString m_store;
};

void TestTrainingSession::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    m_experimentFile = test::writeTinyExperiment(m_folder->filePath(QStringLiteral("tiny")).toStdString());
    m_store = m_folder->filePath(QStringLiteral("runs.krater"));
}

void TestTrainingSession::cleanup()
{
    m_folder.reset();
}

void TestTrainingSession::trainsToTheEnd()
{
    Window window(m_store);
    QVERIFY(!window.session.hasRun());
    QVERIFY(window.session.state() == RunState::Done);
    window.session.start(experiment(), experimentFile());
    QVERIFY(window.session.isActive());
    QVERIFY(window.session.state() == RunState::Preparing);
    QTRY_VERIFY(window.finished());
    QCOMPARE(window.failed.count(), 0);
    QCOMPARE(window.started.count(), 1);
    QVERIFY(window.session.state() == RunState::Done);
    const RunRecord &record = window.session.view()->record();
    QCOMPARE(record.step, 40u);
    QCOMPARE(record.tokens, 10'240u);
    QCOMPARE(record.engine, std::string("fake"));
    QVERIFY(record.domainTokens[0] > 1000);
    QCOMPARE(record.corpusHash.size(), std::size_t(32));
    QCOMPARE(window.session.view()->curve(kTarget, 0).size(), std::size_t(41));
    QCOMPARE(window.session.tokensPerSecond(), 0.0);
    QVERIFY(std::isnan(window.session.secondsLeft()));

    // The window has exactly what the store has.
    RunReader reader(m_store.toStdString());
    QVERIFY(reader.run(record.id)->state == RunState::Done);
    QCOMPARE(reader.run(record.id)->corpusHash, record.corpusHash);
    for (const auto &[metric, domain] : reader.curveNames(record.id)) {
        const Curve stored = reader.curve(record.id, metric, domain);
        const Curve &seen = window.session.view()->curve(QString::fromStdString(metric), domain);
        QCOMPARE(seen.size(), stored.size());
        for (std::size_t index = 0; index < stored.size(); ++index) {
            QCOMPARE(seen[index].step, stored[index].step);
            QCOMPARE(seen[index].value, stored[index].value);
        }
    }
    QCOMPARE(window.library.view(record.id), window.session.view());
}

void TestTrainingSession::storesParametersAtTheirDefaultToo()
{
    Window window(m_store);
    Experiment chosen = experiment(); // as the window leaves it when another policy is chosen
    chosen.mixture.policy = "natural";
    chosen.mixture.parameters.clear();
    window.session.start(chosen, experimentFile());
    QTRY_VERIFY(window.session.hasRun());
    const std::string toml = window.session.view()->record().experimentToml;
    QVERIFY2(toml.find("max_epochs = 0") != std::string::npos, toml.c_str());
    window.session.stop();
    QTRY_VERIFY(!window.session.isActive());
}

void TestTrainingSession::waitsForTheEngine()
{
    EngineLoader engine;
    RunLibrary library;
    QVERIFY(library.open(m_store));
    TrainingSession session(&engine, &library);
    qputenv("KRATER_NN", m_folder->filePath(QStringLiteral("none.so")).toUtf8()); // loading will fail after a while
    session.start(experiment(), experimentFile());
    QVERIFY(session.isActive());
    QVERIFY(session.state() == RunState::Preparing);
    QVERIFY(session.message().contains(QStringLiteral("LibTorch")));
    QVERIFY(engine.state() == EngineLoader::State::Loading); // start() asked for it
    engine.use(makeFakeEngine());
    QTRY_VERIFY(!session.isActive());
    qunsetenv("KRATER_NN");
    QVERIFY(session.hasRun());
    QVERIFY(session.state() == RunState::Done);
}

void TestTrainingSession::tellsThatTheEngineFailed()
{
    EngineLoader engine;
    RunLibrary library;
    QVERIFY(library.open(m_store));
    TrainingSession session(&engine, &library);
    QSignalSpy failed(&session, &TrainingSession::failed);
    qputenv("KRATER_NN", m_folder->filePath(QStringLiteral("none.so")).toUtf8());
    session.start(experiment(), experimentFile());
    QTRY_COMPARE(failed.count(), 1);
    qunsetenv("KRATER_NN");
    QVERIFY(!session.isActive());
    QCOMPARE(failed.front()[0].toString(), engine.message());
    QVERIFY(!engine.message().isEmpty());
    QVERIFY(!failed.front()[1].toString().isEmpty());
    QVERIFY(library.runs().empty());
}

void TestTrainingSession::waitsForTheStore()
{
    EngineLoader engine;
    engine.use(makeFakeEngine());
    RunLibrary library;
    library.openLater(m_store);
    TrainingSession session(&engine, &library);
    session.start(experiment(), experimentFile());
    QVERIFY(session.isActive());
    QTRY_VERIFY(!session.isActive());
    QVERIFY(session.state() == RunState::Done);
    QVERIFY(session.hasRun());
}

void TestTrainingSession::tellsThatThereIsNoStore()
{
    Window window(m_folder->path()); // a folder is no store
    window.session.start(experiment(), experimentFile());
    QCOMPARE(window.failed.count(), 1);
    QVERIFY(!window.session.isActive());
    QVERIFY(window.failed.front()[0].toString().contains(window.library.message()));
}

void TestTrainingSession::tellsWhatIsWrongWithTheExperiment()
{
    Window window(m_store);
    Experiment broken = experiment();
    broken.model.heads = 3; // does not divide the width
    window.session.start(broken, experimentFile());
    QCOMPARE(window.failed.count(), 1);
    QVERIFY(window.failed.front()[0].toString().contains(QStringLiteral("heads")));
    QVERIFY(!window.session.isActive());
    QVERIFY(window.library.runs().empty());
}

void TestTrainingSession::oneRunAtATime()
{
    Window window(m_store, {}, std::make_shared<Gate>());
    window.gate->openUpTo(5);
    window.session.start(experiment(), experimentFile());
    window.session.start(experiment(), experimentFile());
    window.session.resumeRun(1);
    QCOMPARE(window.failed.count(), 2);
    window.gate->openUpTo(100);
    QTRY_VERIFY(window.finished());
    QTRY_COMPARE(window.library.runs().size(), std::size_t(1));
}

void TestTrainingSession::twoRunsOneAfterTheOther()
{
    Window window(m_store);
    window.session.start(experiment(), experimentFile());
    QTRY_VERIFY(window.finished());
    const auto first = window.session.view();
    Experiment other = experiment();
    other.mixture = {"uniform", {}, MixtureConfig::Batching::Random};
    window.session.start(other, experimentFile());
    QTRY_VERIFY(window.finished());
    const auto second = window.session.view();
    QVERIFY(first != second);
    QCOMPARE(first->record().policy, std::string("gibbs"));
    QCOMPARE(second->record().policy, std::string("uniform"));
    QCOMPARE(first->curve(kTarget, 0).size(), std::size_t(41));
    QCOMPARE(second->latest(kTarget, 0), 1.0 / 3);
    QTRY_COMPARE(window.library.runs().size(), std::size_t(2));
}

void TestTrainingSession::pausesAndResumes()
{
    Window window(m_store, {}, std::make_shared<Gate>());
    window.gate->openUpTo(10);
    window.session.start(experiment(), experimentFile());
    QTRY_COMPARE(window.session.view() ? window.session.view()->record().step : 0, 10u);
    QSignalSpy states(&window.session, &TrainingSession::stateChanged);
    window.session.pause();
    QVERIFY(window.session.state() == RunState::Pausing);
    QVERIFY(states.count() >= 1);
    window.gate->openUpTo(40);
    QTRY_VERIFY(window.session.state() == RunState::Paused);
    const std::uint64_t step = window.session.view()->record().step;
    QVERIFY(step >= 10 && step < 40);
    QTest::qWait(100);
    QCOMPARE(window.session.view()->record().step, step);
    QVERIFY(window.session.isActive());
    window.session.resume();
    QTRY_VERIFY(window.finished());
    QVERIFY(window.session.state() == RunState::Done);
    QCOMPARE(window.session.view()->curve(kTarget, 0).size(), std::size_t(41));
}

void TestTrainingSession::stopsWithACheckpointOnDisk()
{
    Window window(m_store, {}, std::make_shared<Gate>());
    window.gate->openUpTo(15);
    window.session.start(experiment(), experimentFile());
    QTRY_COMPARE(window.session.view() ? window.session.view()->record().step : 0, 15u);
    std::vector<RunState> seen;
    connect(&window.session, &TrainingSession::stateChanged, this, [&] { seen.push_back(window.session.state()); });
    window.session.stop();
    QVERIFY(window.session.state() == RunState::Stopping);
    window.gate->openUpTo(40);
    QTRY_VERIFY(window.session.state() == RunState::Stopped);
    // At that moment it is on disk.
    RunReader reader(m_store.toStdString());
    const RunId run = window.session.view()->record().id;
    QVERIFY(reader.run(run)->state == RunState::Stopped);
    const auto checkpoints = reader.checkpoints(run);
    QVERIFY(!checkpoints.empty());
    QCOMPARE(checkpoints.back().step, window.session.view()->record().step);
    QVERIFY(seen.front() == RunState::Stopping && seen.back() == RunState::Stopped);
    QTRY_VERIFY(window.finished());
}

void TestTrainingSession::stoppingWhileWaitingMakesNoRun()
{
    EngineLoader engine; // never loaded
    RunLibrary library;
    library.openLater(m_store);
    TrainingSession session(&engine, &library);
    session.start(experiment(), experimentFile());
    QVERIFY(session.isActive());
    session.stop();
    QVERIFY(!session.isActive());
    QTRY_VERIFY(!library.isOpening());
    QTest::qWait(50);
    QVERIFY(!session.hasRun());
    QVERIFY(library.runs().empty());
}

void TestTrainingSession::editsTheMixture()
{
    Window window(m_store, {}, std::make_shared<Gate>());
    window.gate->openUpTo(5);
    Experiment manual = experiment();
    manual.mixture = {"uniform", {}, MixtureConfig::Batching::Random};
    window.session.start(manual, experimentFile());
    QTRY_COMPARE(window.session.view() ? window.session.view()->record().step : 0, 5u);
    const std::vector<double> weights{0.8, 0.1, 0.1};
    window.session.editMixture(Mixture::fromWeights(weights));
    window.gate->openUpTo(100);
    QTRY_VERIFY(window.finished());
    QCOMPARE(window.session.view()->latest(kTarget, 0), 0.8);
    const auto &events = window.session.view()->events();
    QVERIFY(std::any_of(events.begin(), events.end(), [](const StoredEvent &stored) {
        return stored.event.kind == MessageEvent::Kind::MixtureEdited;
    }));
}

void TestTrainingSession::resumesAStoppedRunPointForPoint()
{
    Curve undisturbed;
    {
        Window window(m_folder->filePath(QStringLiteral("undisturbed.krater")));
        window.session.start(experiment(), experimentFile());
        QTRY_VERIFY(window.finished());
        undisturbed = window.session.view()->curve(kTraining, 0);
    }
    RunId run = 0;
    {
        Window window(m_store, {}, std::make_shared<Gate>());
        window.gate->openUpTo(17);
        window.session.start(experiment(), experimentFile());
        QTRY_COMPARE(window.session.view() ? window.session.view()->record().step : 0, 17u);
        window.session.stop();
        window.gate->openUpTo(100);
        QTRY_VERIFY(window.finished());
        run = window.session.view()->record().id;
    }
    Window window(m_store);
    const auto held = window.library.view(run); // someone looks at it already
    window.session.resumeRun(run);
    QTRY_VERIFY(window.finished());
    QCOMPARE(window.failed.count(), 0);
    QCOMPARE(window.session.view(), held);
    QVERIFY(window.session.state() == RunState::Done);
    const Curve &resumed = held->curve(kTraining, 0);
    QCOMPARE(resumed.size(), undisturbed.size());
    for (std::size_t index = 0; index < resumed.size(); ++index) {
        QCOMPARE(resumed[index].step, undisturbed[index].step);
        QCOMPARE(resumed[index].value, undisturbed[index].value);
    }
    QTest::qWait(400);
    QCOMPARE(window.library.runs().size(), std::size_t(1));
    QCOMPARE(held->curve(kTraining, 0).size(), undisturbed.size());
}

void TestTrainingSession::resumesAnInterruptedRun()
{
    // What a killed program leaves: a run that is still active for a process that is gone.
    RunId run = 0;
    {
        Window window(m_store, {}, std::make_shared<Gate>());
        window.gate->openUpTo(25);
        window.session.start(experiment(), experimentFile());
        QTRY_COMPARE(window.session.view() ? window.session.view()->record().step : 0, 25u);
        run = window.session.view()->record().id;
        window.session.stop();
        window.gate->openUpTo(100);
        QTRY_VERIFY(window.finished());
    }
    RunWriter writer(m_store.toStdString());
    writer.observerFor(run).onRunEvent(StateEvent{RunState::Interrupted, 25, {}});
    writer.flush();
    Window window(m_store);
    QVERIFY(window.library.run(run)->state == RunState::Interrupted);
    window.session.resumeRun(run);
    QTRY_VERIFY(window.finished());
    QCOMPARE(window.failed.count(), 0);
    QVERIFY(window.session.state() == RunState::Done);
    QCOMPARE(window.session.view()->curve(kTarget, 0).size(), std::size_t(41));
}

void TestTrainingSession::refusesToResumeWhatIsDone()
{
    Window window(m_store);
    window.session.start(experiment(), experimentFile());
    QTRY_VERIFY(window.finished());
    const RunId run = window.session.view()->record().id;
    window.session.resumeRun(run);
    QTRY_COMPARE(window.failed.count(), 1);
    QVERIFY(window.failed.front()[0].toString().contains(QStringLiteral("done")));
    QVERIFY(!window.session.isActive());
    window.session.resumeRun(4711);
    QTRY_COMPARE(window.failed.count(), 2);
}

void TestTrainingSession::refusesToResumeOtherText()
{
    RunId run = 0;
    {
        Window window(m_store, {}, std::make_shared<Gate>());
        window.gate->openUpTo(12);
        window.session.start(experiment(), experimentFile());
        QTRY_COMPARE(window.session.view() ? window.session.view()->record().step : 0, 12u);
        run = window.session.view()->record().id;
        window.session.stop();
        window.gate->openUpTo(100);
        QTRY_VERIFY(window.finished());
    }
    QFile file(m_folder->filePath(QStringLiteral("tiny/verses.txt")));
    QVERIFY(file.open(QIODevice::Append));
    file.write("\n%\nA verse that was not there before.\n");
    file.close();
    Window window(m_store);
    window.session.resumeRun(run);
    QTRY_VERIFY(window.finished());
    QVERIFY(window.session.state() == RunState::Failed);
    QVERIFY(window.session.message().contains(QStringLiteral("has changed")));
    QVERIFY(!RunReader(m_store.toStdString()).checkpoints(run).empty());
}

void TestTrainingSession::aFailureOfTheEngineEndsTheRun()
{
    FakeEngineOptions options;
    options.failAtStep = 12;
    Window window(m_store, options);
    window.session.start(experiment(), experimentFile());
    QTRY_VERIFY(window.finished());
    QVERIFY(window.session.state() == RunState::Failed);
    QVERIFY(window.session.message().contains(QStringLiteral("step 12")));
    QCOMPARE(window.session.view()->record().step, 11u);
    QTRY_VERIFY(!window.library.runs().empty() && window.library.runs().front().state == RunState::Failed);
}

void TestTrainingSession::divergingEndsTheRun()
{
    FakeEngineOptions options;
    options.divergeAtStep = 12;
    Window window(m_store, options);
    window.session.start(experiment(), experimentFile());
    QTRY_VERIFY(window.finished());
    QVERIFY(window.session.state() == RunState::Diverged);
    QVERIFY(!window.session.message().isEmpty());
}

void TestTrainingSession::closingStopsWithACheckpoint()
{
    RunId run = 0;
    {
        Window window(m_store, {}, std::make_shared<Gate>());
        window.gate->openUpTo(15);
        window.session.start(experiment(), experimentFile());
        QTRY_COMPARE(window.session.view() ? window.session.view()->record().step : 0, 15u);
        run = window.session.view()->record().id;
    }
    RunReader reader(m_store.toStdString());
    QVERIFY(!isActive(reader.run(run)->state));
    QVERIFY(!reader.checkpoints(run).empty());
    QVERIFY(reader.checkpoints(run).back().step >= 15);
}

void TestTrainingSession::anUnsavedExperimentIsFrozenWithFullPaths()
{
    Window window(m_store);
    window.session.start(experiment(), QString());
    QTRY_VERIFY(window.finished());
    const std::string source = (m_experimentFile.parent_path() / "sums.txt").string();
    QVERIFY(window.session.view()->record().experimentToml.find(source) != std::string::npos);
}

void TestTrainingSession::tellsWhatIsPrepared()
{
    Window window(m_store);
    bool toldCorpus = false, toldText = false;
    connect(&window.session, &TrainingSession::preparationChanged, this,
            [&] { toldCorpus = toldCorpus || window.session.preparation(); });
    connect(&window.session, &TrainingSession::stateChanged, this,
            [&] { toldText = toldText || !window.session.message().isEmpty(); });
    window.session.start(experiment(), experimentFile());
    QTRY_VERIFY(window.finished());
    QVERIFY(toldText);
    QVERIFY(toldCorpus);
    QVERIFY(!window.session.preparation());
}

QTEST_GUILESS_MAIN(TestTrainingSession)
#include "tst_training_session.moc"
