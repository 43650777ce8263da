// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/run_library.h"
#include "core/store/run_reader.h"
#include "core/store/run_writer.h"
#include "tests/core/store_samples.h"

#include <QFile>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include <chrono>
#include <thread>

using namespace krater;

namespace {

const QString kTraining = QString::fromLatin1(metric::kTrainingLoss);
const QString kHeldOut = QString::fromLatin1(metric::kHeldOutLoss);
const QString kTarget = QString::fromLatin1(metric::kTarget);

} // namespace

// A store that "another process" writes: a RunWriter of its own on the same file, as krater-cli has.
class TestRunLibrary : public QObject {
    Q_OBJECT

private slots:
    void init();
    void cleanup();

    void listsWhatIsThereAtOnce();
    void opensLater();
    void seesRunsOfOthers();
    void viewsAreSharedAndHaveAllPoints();
    void viewsGrowWhileOthersWrite();
    void viewsGoBackWithAResumedRun();
    void commandsShowAtOnceAndAreStored();
    void deletingCanBeTakenBack();
    void aRunInTrainingIsNotDeleted();
    void summariesStayTheSameObject();
    void anAdoptedViewIsLeftAlone();
    void aReleasedViewIsFollowedAgain();
    void aReleasedViewKeepsItsLastState();
    void aBrokenFileIsTold();
    void theNextStoreReplacesTheFirst();
    void aReservedStoreStays();
    void commandsBeforeTheEndAreKept();
    void commandsWithoutAStoreFail();

private:
    RunId addRun(const std::string &name, std::uint64_t steps)
    {
        const RunId run = m_other->createRun(samples::record(name));
        samples::train(m_other->observerFor(run), 1, steps);
        m_other->flush();
        return run;
    }
    void end(RunId run)
    {
        m_other->observerFor(run).onRunEvent(StateEvent{RunState::Done, 0, {}});
        m_other->flush();
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    QString m_file;
    std::unique_ptr<RunWriter> m_other;
};

void TestRunLibrary::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    m_file = m_folder->filePath(QStringLiteral("runs.krater"));
    m_other = std::make_unique<RunWriter>(m_file.toStdString());
}

void TestRunLibrary::cleanup()
{
    m_other.reset();
    m_folder.reset();
}

void TestRunLibrary::listsWhatIsThereAtOnce()
{
    const RunId first = addRun("first", 100);
    const RunId second = addRun("second", 10);
    RunLibrary library;
    QVERIFY(library.open(m_file));
    QVERIFY(library.isWritable());
    QVERIFY2(library.message().isEmpty(), qPrintable(library.message()));
    QCOMPARE(library.storeFile(), m_file);
    QCOMPARE(library.runs().size(), std::size_t(2));
    QCOMPARE(library.runs().front().id, second);
    QCOMPARE(library.run(first)->name, std::string("first"));
    QCOMPARE(library.run(99), nullptr);
    QCOMPARE(library.lastValues(first, kHeldOut)[1], samples::loss(100, 1) + 1);
    QCOMPARE(library.mixtures(first).averageMixture[1], 0.3);
    QVERIFY(std::isnan(library.lastValues(first, QStringLiteral("no.such.metric"))[0]));
    QVERIFY(library.lastValues(99, kHeldOut).empty());
}

void TestRunLibrary::opensLater()
{
    addRun("first", 10);
    RunLibrary library;
    QSignalSpy changed(&library, &RunLibrary::storeChanged);
    library.openLater(m_file);
    QVERIFY(library.isOpening());
    QVERIFY(library.runs().empty());
    QTRY_VERIFY(!library.isOpening());
    QCOMPARE(changed.count(), 1);
    QCOMPARE(library.runs().size(), std::size_t(1));
}

void TestRunLibrary::seesRunsOfOthers()
{
    RunLibrary library;
    QVERIFY(library.open(m_file));
    QVERIFY(library.runs().empty());
    const RunId run = addRun("theirs", 100);
    QTRY_COMPARE(library.runs().size(), std::size_t(1));
    QTRY_COMPARE(library.run(run)->step, 100u);
    QTRY_COMPARE(library.lastValues(run, kHeldOut).front(), samples::loss(100, 0) + 1);
    m_other->rename(run, "renamed there");
    QTRY_COMPARE(library.run(run)->name, std::string("renamed there"));
    end(run);
    m_other->setDeleted(run, true);
    QTRY_VERIFY(library.runs().empty());
}

void TestRunLibrary::viewsAreSharedAndHaveAllPoints()
{
    const RunId run = addRun("first", 1500); // more than a block
    RunLibrary library;
    QVERIFY(library.open(m_file));
    QVERIFY(!library.view(99));
    std::shared_ptr<RunView> view = library.view(run);
    QCOMPARE(library.view(run), view);
    QTRY_COMPARE(view->curve(kTraining, 0).size(), std::size_t(1500));
    const Curve &curve = view->curve(kTraining, 0);
    for (std::size_t index = 0; index < curve.size(); ++index) {
        QCOMPARE(curve[index].step, std::uint64_t(index + 1));
        QCOMPARE(curve[index].value, samples::loss(index + 1, 0));
    }
    QCOMPARE(view->curve(kHeldOut, 2).size(), std::size_t(16));
    QCOMPARE(view->position(750, XAxis::Tokens), 750.0 * 128);
    QCOMPARE(view->policyTerms(), QStringList({QStringLiteral("H"), QStringLiteral("H smoothed")}));
    const std::weak_ptr<RunView> gone = view;
    view.reset();
    QVERIFY(gone.expired());
}

void TestRunLibrary::viewsGrowWhileOthersWrite()
{
    const RunId run = addRun("live", 50);
    RunLibrary library;
    QVERIFY(library.open(m_file));
    const auto view = library.view(run);
    QTRY_COMPARE(view->curve(kTraining, 0).size(), std::size_t(50));
    QSignalSpy appended(view.get(), &RunView::pointsAppended), reset(view.get(), &RunView::reset),
        events(view.get(), &RunView::eventsAppended);
    RunObserver &observer = m_other->observerFor(run);
    samples::train(observer, 51, 120);
    observer.onRunEvent(MessageEvent{MessageEvent::Kind::Info, 120, "half way"});
    QTRY_COMPARE(view->curve(kTraining, 0).size(), std::size_t(120));
    QTRY_COMPARE(view->events().size(), std::size_t(1));
    samples::train(observer, 121, 130);
    observer.onRunEvent(StateEvent{RunState::Done, 130, {}});
    QTRY_COMPARE(view->curve(kTraining, 0).size(), std::size_t(130));
    QTRY_VERIFY(view->record().state == RunState::Done);
    QCOMPARE(view->record().step, 130u);
    QVERIFY(appended.count() >= 2);
    QCOMPARE(events.count(), 1);
    QCOMPARE(reset.count(), 0);
}

void TestRunLibrary::viewsGoBackWithAResumedRun()
{
    const RunId run = addRun("resumed", 120);
    m_other->observerFor(run).onRunEvent(StateEvent{RunState::Stopped, 120, {}});
    m_other->flush();
    RunLibrary library;
    QVERIFY(library.open(m_file));
    const auto view = library.view(run);
    QTRY_COMPARE(view->curve(kTraining, 0).size(), std::size_t(120));
    QSignalSpy reset(view.get(), &RunView::reset);
    m_other->prepareResume(run, samples::snapshot(100));
    RunObserver &observer = m_other->observerFor(run);
    observer.onRunEvent(MessageEvent{MessageEvent::Kind::Resumed, 100, "resumed from step 100"});
    samples::train(observer, 101, 150);
    QTRY_COMPARE(view->curve(kTraining, 0).size(), std::size_t(150));
    QVERIFY(reset.count() >= 1);
    const Curve &curve = view->curve(kTraining, 1);
    for (std::size_t index = 0; index < curve.size(); ++index)
        QCOMPARE(curve[index].step, std::uint64_t(index + 1));
}

void TestRunLibrary::commandsShowAtOnceAndAreStored()
{
    const RunId run = addRun("first", 10);
    RunLibrary library;
    QVERIFY(library.open(m_file));
    const auto view = library.view(run);
    QSignalSpy failed(&library, &RunLibrary::failed);
    library.rename(run, QStringLiteral("  second "));
    library.setNotes(run, QStringLiteral("better\nthan before"));
    library.setTags(run, {QStringLiteral("paper"), QStringLiteral(" "), QStringLiteral("long run")});
    library.rename(run, QString()); // a run without a name cannot be found
    QCOMPARE(library.run(run)->name, std::string("second"));
    QCOMPARE(library.run(run)->notes, std::string("better\nthan before"));
    QCOMPARE(library.run(run)->tags, (std::vector<std::string>{"paper", "long run"}));
    QCOMPARE(view->record().name, std::string("second"));
    RunReader reader(m_file.toStdString());
    QTRY_COMPARE(reader.run(run)->tags.size(), std::size_t(2));
    QCOMPARE(reader.run(run)->name, std::string("second"));
    QCOMPARE(reader.run(run)->notes, std::string("better\nthan before"));
    QTest::qWait(400); // a poll later nothing has come back
    QCOMPARE(library.run(run)->name, std::string("second"));
    QCOMPARE(failed.count(), 0);
}

void TestRunLibrary::deletingCanBeTakenBack()
{
    const RunId first = addRun("first", 10), second = addRun("second", 10), third = addRun("third", 10);
    end(first);
    end(second);
    RunLibrary library;
    QVERIFY(library.open(m_file));
    RunReader reader(m_file.toStdString());
    const auto order = [&] {
        std::vector<RunId> ids;
        for (const RunRecord &run : library.runs())
            ids.push_back(run.id);
        return ids;
    };
    library.setDeleted({first, second}, true);
    QCOMPARE(order(), std::vector<RunId>{third});
    QTRY_COMPARE(reader.runs().size(), std::size_t(1));
    QTest::qWait(400);
    QCOMPARE(order(), std::vector<RunId>{third});
    library.setDeleted({first, second}, false);
    QCOMPARE(order(), (std::vector<RunId>{third, second, first}));
    QTRY_COMPARE(reader.runs().size(), std::size_t(3));
    QTest::qWait(400);
    QCOMPARE(order(), (std::vector<RunId>{third, second, first}));
    QCOMPARE(library.lastValues(first, kHeldOut).front(), samples::loss(0, 0) + 1);
}

void TestRunLibrary::aRunInTrainingIsNotDeleted()
{
    const RunId run = addRun("live", 10);
    RunLibrary library;
    QVERIFY(library.open(m_file));
    QSignalSpy failed(&library, &RunLibrary::failed);
    library.setDeleted({run}, true);
    QCOMPARE(failed.count(), 1);
    QVERIFY(failed.front()[0].toString().contains(QStringLiteral("live")));
    QCOMPARE(library.runs().size(), std::size_t(1));
}

void TestRunLibrary::summariesStayTheSameObject()
{
    const RunId done = addRun("done", 10);
    end(done);
    RunLibrary library;
    QVERIFY(library.open(m_file));
    const auto before = library.summaries(done);
    QVERIFY(before);
    const RunId other = addRun("other", 10);
    QTRY_VERIFY(library.run(other));
    QCOMPARE(library.summaries(done), before);
    QCOMPARE(library.summaries(99), nullptr);
}

void TestRunLibrary::anAdoptedViewIsLeftAlone()
{
    const RunId run = addRun("live", 50);
    RunLibrary library;
    QVERIFY(library.open(m_file));
    auto live = std::make_shared<RunView>(*library.run(run));
    library.adopt(live);
    QCOMPARE(library.view(run), live);
    samples::train(m_other->observerFor(run), 51, 60);
    QTRY_COMPARE(library.run(run)->step, 60u);
    QTest::qWait(100);
    QVERIFY(live->curve(kTraining, 0).empty());
    library.rename(run, QStringLiteral("shown in the live view too"));
    QCOMPARE(live->record().name, std::string("shown in the live view too"));
}

void TestRunLibrary::aReleasedViewIsFollowedAgain()
{
    const RunId run = addRun("live", 50);
    m_other->observerFor(run).onRunEvent(MessageEvent{MessageEvent::Kind::Info, 50, "known to the live view"});
    m_other->observerFor(run).onRunEvent(StateEvent{RunState::Stopped, 50, {}});
    m_other->flush();
    RunLibrary library;
    QVERIFY(library.open(m_file));
    auto live = std::make_shared<RunView>(*library.run(run));
    for (std::uint64_t step = 1; step <= 50; ++step)
        live->apply(samples::step(step));
    live->apply(MessageEvent{MessageEvent::Kind::Info, 50, "known to the live view"});
    library.adopt(live);
    library.release(run);
    QTest::qWait(100);
    m_other->prepareResume(run, samples::snapshot(40)); // krater-cli goes on with it
    RunObserver &observer = m_other->observerFor(run);
    observer.onRunEvent(MessageEvent{MessageEvent::Kind::Resumed, 40, "resumed"});
    samples::train(observer, 41, 90);
    QTRY_COMPARE(live->curve(kTraining, 0).size(), std::size_t(90));
    for (std::size_t index = 0; index < 90; ++index)
        QCOMPARE(live->curve(kTraining, 0)[index].step, std::uint64_t(index + 1));
    QCOMPARE(live->events().size(), std::size_t(2));
}

// A snapshot that was read before the end arrives after it.
void TestRunLibrary::aReleasedViewKeepsItsLastState()
{
    const RunId run = addRun("live", 50);
    RunLibrary library;
    QVERIFY(library.open(m_file));
    const auto live = std::make_shared<RunView>(*library.run(run));
    library.adopt(live);
    samples::train(m_other->observerFor(run), 51, 52);
    m_other->flush();
    std::this_thread::sleep_for(std::chrono::milliseconds(800)); // the watcher reads, its word waits for this thread
    const StateEvent stopped{RunState::Stopped, 52, {}};
    m_other->observerFor(run).onRunEvent(stopped);
    m_other->flush();
    live->apply(stopped);
    live->publish();
    library.release(run);
    QVERIFY(library.run(run)->state == RunState::Stopped);
    bool wentBack = false;
    connect(live.get(), &RunView::recordChanged, this, [&] { wentBack = wentBack || live->record().state != RunState::Stopped; });
    QSignalSpy changed(&library, &RunLibrary::runsChanged);
    QTRY_VERIFY(changed.count() >= 2);
    QTest::qWait(100);
    QVERIFY(!wentBack);
    QVERIFY(library.run(run)->state == RunState::Stopped);
    // And what others do with it later is seen.
    m_other->rename(run, "renamed elsewhere");
    m_other->flush();
    QTRY_COMPARE(live->record().name, std::string("renamed elsewhere"));
}

void TestRunLibrary::aBrokenFileIsTold()
{
    const QString broken = m_folder->filePath(QStringLiteral("broken.krater"));
    QFile file(broken);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(QByteArray(5000, 'x'));
    file.close();
    RunLibrary library;
    QVERIFY(!library.open(broken));
    QVERIFY(!library.isWritable());
    QVERIFY(library.runs().empty());
    QVERIFY(library.message().contains(QStringLiteral("broken.krater")));
    QVERIFY(!library.advice().isEmpty());
    QFile untouched(broken);
    QVERIFY(untouched.open(QIODevice::ReadOnly));
    QCOMPARE(untouched.readAll(), QByteArray(5000, 'x'));
    QVERIFY(library.open(m_file)); // and the next one is as good as ever
    QVERIFY(library.message().isEmpty());
}

void TestRunLibrary::theNextStoreReplacesTheFirst()
{
    addRun("first", 10);
    RunLibrary library;
    QVERIFY(library.open(m_file));
    const auto view = library.view(library.runs().front().id);
    const QString other = m_folder->filePath(QStringLiteral("other/runs.krater"));
    QVERIFY(library.open(other));
    QVERIFY(library.runs().empty());
    QCOMPARE(library.storeFile(), other);
    QVERIFY(!library.view(1));
    QTest::qWait(400);
    QVERIFY(library.runs().empty());
}

void TestRunLibrary::aReservedStoreStays()
{
    RunLibrary library;
    QVERIFY(library.open(m_file));
    QSignalSpy failed(&library, &RunLibrary::failed);
    library.reserve(true);
    QVERIFY(!library.open(m_folder->filePath(QStringLiteral("other.krater"))));
    QCOMPARE(failed.count(), 1);
    QCOMPARE(library.storeFile(), m_file);
    library.reserve(false);
    QVERIFY(library.open(m_folder->filePath(QStringLiteral("other.krater"))));
}

void TestRunLibrary::commandsBeforeTheEndAreKept()
{
    const RunId run = addRun("first", 10);
    {
        RunLibrary library;
        QVERIFY(library.open(m_file));
        library.rename(run, QStringLiteral("typed just before closing"));
    }
    QCOMPARE(RunReader(m_file.toStdString()).run(run)->name, std::string("typed just before closing"));
}

void TestRunLibrary::commandsWithoutAStoreFail()
{
    RunLibrary library;
    QSignalSpy failed(&library, &RunLibrary::failed);
    library.rename(1, QStringLiteral("name"));
    library.setDeleted({1}, true);
    QCOMPARE(failed.count(), 2);
}

QTEST_GUILESS_MAIN(TestRunLibrary)
#include "tst_run_library.moc"
