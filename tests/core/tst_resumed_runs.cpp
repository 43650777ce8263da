// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/store/checkpoint.h"
#include "core/store/run_reader.h"
#include "core/store/run_writer.h"
#include "tests/core/store_samples.h"

#include <QTemporaryDir>
#include <QTest>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

using namespace krater;
namespace fs = std::filesystem;

namespace {

using Curves = std::map<std::pair<std::string, int>, Curve>;

// Everything but the speed of the machine.
Curves allCurves(RunReader &reader, RunId run)
{
    Curves curves;
    for (const auto &[metric, domain] : reader.curveNames(run))
        curves[{metric, domain}] = reader.curve(run, metric, domain);
    return curves;
}

bool same(const Curves &a, const Curves &b)
{
    if (a.size() != b.size())
        return false;
    return std::equal(a.begin(), a.end(), b.begin(), [](const auto &left, const auto &right) {
        return left.first == right.first && samples::sameBits(left.second, right.second);
    });
}

std::set<std::string> filesIn(const fs::path &folder)
{
    std::set<std::string> names;
    std::error_code missing;
    for (const fs::directory_entry &entry : fs::directory_iterator(folder, missing))
        names.insert(entry.path().filename().string());
    return names;
}

} // namespace

// Checkpoints, and what a run that goes on leaves of what it had stored.
class TestResumedRuns : public QObject {
    Q_OBJECT

private:
    QTemporaryDir m_folder;

    fs::path store(const char *name) { return fs::path(m_folder.path().toStdString()) / name; }

private slots:
    void keepsTheLastCheckpointsAndTheBest()
    {
        RunWriter writer(store("checkpoints.krater"));
        const RunId run = writer.createRun(samples::record()); // keeps 2
        RunObserver &observer = writer.observerFor(run);
        for (std::uint64_t n = 1; n <= 5; ++n) {
            samples::train(observer, (n - 1) * 10 + 1, n * 10);
            observer.onRunEvent(CheckpointEvent{samples::snapshot(n * 10), n <= 2});
        }
        writer.flush();
        RunReader reader(writer.file());
        const auto checkpoints = reader.checkpoints(run);
        QCOMPARE(checkpoints.size(), std::size_t(3));
        QCOMPARE(checkpoints[0].step, std::uint64_t(20));
        QVERIFY(checkpoints[0].best && !checkpoints[1].best && !checkpoints[2].best);
        QCOMPARE(checkpoints[2].step, std::uint64_t(50));
        QCOMPARE(checkpoints[2].bytes, fs::file_size(checkpoints[2].file));
        QCOMPARE(filesIn(checkpoints[0].file.parent_path()),
                 (std::set<std::string>{"step-20.safetensors", "step-40.safetensors", "step-50.safetensors"}));
        QCOMPARE(readCheckpoint(checkpoints[2].file)->step, std::uint64_t(50));
        QVERIFY(reader.events(run).back().event.kind == MessageEvent::Kind::Checkpoint);
        QVERIFY(reader.events(run).back().event.text.starts_with("Checkpoint saved, "));
    }

    // A run that went on past its checkpoint, was closed and resumed from it equals one that was never disturbed.
    void resumedRunEqualsUndisturbed_data()
    {
        QTest::addColumn<int>("checkpoint");
        QTest::addColumn<int>("reached");
        QTest::newRow("in the first block") << 100 << 140;
        QTest::newRow("just saved") << 300 << 300;
        QTest::newRow("after several folds") << 900 << 1500;
        QTest::newRow("past a full block") << 1100 << 3000;
        QTest::newRow("from the start") << 0 << 500;
    }

    void resumedRunEqualsUndisturbed()
    {
        QFETCH(int, checkpoint);
        QFETCH(int, reached);
        const fs::path file = store(QTest::currentDataTag());
        constexpr std::uint64_t kEnd = 3300;
        RunId undisturbed = 0, resumed = 0;
        {
            RunWriter writer(file);
            undisturbed = writer.createRun(samples::record());
            samples::train(writer.observerFor(undisturbed), 1, kEnd);
            writer.observerFor(undisturbed).onRunEvent(StateEvent{RunState::Done, kEnd, {}});
            resumed = writer.createRun(samples::record());
            samples::train(writer.observerFor(resumed), 1, std::uint64_t(reached));
        }
        RunWriter writer(file);
        RunReader reader(file);
        QVERIFY(reader.run(resumed)->state == RunState::Interrupted);
        samples::resume(writer, resumed, std::uint64_t(checkpoint));
        QVERIFY(reader.run(resumed)->state == RunState::Preparing);
        QCOMPARE(reader.run(resumed)->step, std::uint64_t(checkpoint));
        QCOMPARE(reader.run(resumed)->tokens, std::uint64_t(checkpoint) * 128);
        QCOMPARE(reader.run(resumed)->finishedMs, std::int64_t(0));
        for (const auto &[name, curve] : allCurves(reader, resumed))
            QVERIFY(curve.back().step <= std::uint64_t(checkpoint));
        samples::train(writer.observerFor(resumed), std::uint64_t(checkpoint) + 1, kEnd);
        writer.flush();
        QVERIFY(!allCurves(reader, resumed).empty());
        if (checkpoint == 0) // the evaluation of step 0 was there and is sent again: it is not doubled
            QCOMPARE(reader.curve(resumed, metric::kHeldOutLoss, 0).front().step, std::uint64_t(0));
        QVERIFY(same(allCurves(reader, resumed), allCurves(reader, undisturbed)));
        const auto a = reader.summaries(resumed), b = reader.summaries(undisturbed);
        QCOMPARE(a.size(), b.size());
        for (std::size_t i = 0; i < a.size(); ++i)
            QVERIFY(samples::sameBits(a[i].mean, b[i].mean) && samples::sameBits(a[i].min, b[i].min));
    }

    // The step of an evaluation may never come: the program was killed in between.
    void anEvaluationWaitsForItsStep()
    {
        RunWriter writer(store("evaluation.krater"));
        const RunId run = writer.createRun(samples::record());
        RunObserver &observer = writer.observerFor(run);
        samples::train(observer, 1, 99);
        observer.onRunEvent(samples::evaluation(100));
        writer.flush();
        RunReader reader(writer.file());
        QCOMPARE(reader.curve(run, metric::kHeldOutLoss, 0).size(), std::size_t(1));
        QCOMPARE(reader.clock(run).back().step, std::uint64_t(99));
        observer.onRunEvent(samples::step(100));
        writer.flush();
        QCOMPARE(reader.curve(run, metric::kHeldOutLoss, 0).back().step, std::uint64_t(100));
        QCOMPARE(reader.curve(run, metric::kTrainingLoss, 0).back().step, std::uint64_t(100));
    }

    void tellsWhenACheckpointIsSaved()
    {
        const fs::path file = store("saved.krater");
        std::vector<CheckpointSavedEvent> saved;
        {
            RunWriter writer(file);
            writer.onCheckpointSaved([&](RunId, const CheckpointSavedEvent &event) {
                QVERIFY(fs::exists(event.file));
                saved.push_back(event);
            });
            RunObserver &observer = writer.observerFor(writer.createRun(samples::record()));
            samples::train(observer, 1, 10);
            observer.onRunEvent(CheckpointEvent{samples::snapshot(10), true});
        }
        QCOMPARE(saved.size(), std::size_t(1));
        QCOMPARE(saved[0].step, std::uint64_t(10));
        QCOMPARE(saved[0].bytes, std::uint64_t(fs::file_size(saved[0].file)));
        QVERIFY(saved[0].best);
    }

    void resumeRemovesWhatCameAfter()
    {
        RunWriter writer(store("resume.krater"));
        const RunId run = writer.createRun(samples::record());
        RunObserver &observer = writer.observerFor(run);
        for (std::uint64_t n : {10, 20, 30}) {
            samples::train(observer, n - 9, n);
            observer.onRunEvent(MessageEvent{MessageEvent::Kind::Info, n, "at " + std::to_string(n)});
            observer.onRunEvent(CheckpointEvent{samples::snapshot(n), false});
        }
        observer.onRunEvent(StateEvent{RunState::Stopped, 30, {}});
        writer.flush();
        RunReader reader(writer.file());
        const fs::path later = reader.checkpoints(run).back().file;
        samples::resume(writer, run, 20);
        QCOMPARE(reader.checkpoints(run).back().step, std::uint64_t(20));
        QVERIFY(!fs::exists(later));
        for (const StoredEvent &event : reader.events(run))
            QVERIFY(event.event.step <= 20);
        QCOMPARE(reader.curve(run, metric::kTarget, 0).back().step, std::uint64_t(20));
    }

    void aRunInTrainingCannotBeResumedOrDeleted()
    {
        RunWriter writer(store("active.krater"));
        std::vector<std::string> failures;
        writer.onFailure([&](const std::string &message) { failures.push_back(message); });
        const RunId run = writer.createRun(samples::record());
        QVERIFY_EXCEPTION_THROWN(writer.prepareResume(run, nullptr), Error);
        QVERIFY_EXCEPTION_THROWN(writer.prepareResume(run + 1, nullptr), Error);
        writer.setDeleted(run, true);
        writer.flush();
        QCOMPARE(failures.size(), std::size_t(1));
        RunReader reader(writer.file());
        QVERIFY(!reader.run(run)->deleted);
    }
};

QTEST_GUILESS_MAIN(TestResumedRuns)
#include "tst_resumed_runs.moc"
