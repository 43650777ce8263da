// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/resume_point.h"

#include "core/base/error.h"
#include "core/store/checkpoint.h"
#include "tests/core/store_samples.h"

#include <QTemporaryDir>
#include <QTest>

#include <fstream>

using namespace krater;
namespace fs = std::filesystem;

namespace {

std::string messageOf(auto &&work)
{
    try {
        work();
    } catch (const Error &error) {
        return std::string(error.what()) + ' ' + error.advice();
    }
    return {};
}

bool contains(const std::string &text, const std::string &part)
{
    return text.find(part) != std::string::npos;
}

} // namespace

// Where a run goes on after whatever happened to it, and that nothing is given up before it does.
class TestResumePoint : public QObject {
    Q_OBJECT

private:
    QTemporaryDir m_folder;

    fs::path store(const char *name) const { return fs::path(m_folder.path().toStdString()) / name; }

    // Run 1, trained to step 30, with checkpoints of steps 10 (best), 20 and 30.
    fs::path makeStore(const char *name, RunState state = RunState::Stopped) const
    {
        const fs::path file = store(name);
        RunWriter writer(file);
        RunObserver &observer = writer.observerFor(writer.createRun(samples::record()));
        for (std::uint64_t step : {10, 20, 30}) {
            samples::train(observer, step - 9, step);
            observer.onRunEvent(CheckpointEvent{samples::snapshot(step), step == 10});
        }
        observer.onRunEvent(StateEvent{state, 30, {}});
        writer.flush();
        return file;
    }

    static fs::path fileOf(const fs::path &store, std::uint64_t step) { return checkpointFile(store, 1, step); }

private slots:
    void takesTheNewest()
    {
        RunReader reader(makeStore("newest.krater"));
        const ResumePoint point = findResumePoint(reader, *reader.run(1));
        QCOMPARE(point.snapshot->step, std::uint64_t(30));
        QVERIFY(point.notes.empty() && point.damaged.empty());
    }

    void aRunThatDivergedGoesBackToItsBest()
    {
        RunReader reader(makeStore("diverged.krater", RunState::Diverged));
        const ResumePoint point = findResumePoint(reader, *reader.run(1));
        QCOMPARE(point.snapshot->step, std::uint64_t(10));
        QVERIFY2(contains(point.notes.at(0), "20, 30"), point.notes[0].c_str());
        QCOMPARE(findResumePoint(reader, *reader.run(1), {.step = 20}).snapshot->step, std::uint64_t(20));
    }

    void theUserMayChoose()
    {
        RunReader reader(makeStore("choice.krater"));
        const RunRecord run = *reader.run(1);
        QCOMPARE(findResumePoint(reader, run, {.best = true}).snapshot->step, std::uint64_t(10));
        QCOMPARE(findResumePoint(reader, run, {.step = 20}).snapshot->step, std::uint64_t(20));
        QVERIFY(!findResumePoint(reader, run, {.restart = true}).snapshot);
        const std::string refused = messageOf([&] { findResumePoint(reader, run, {.step = 15}); });
        QVERIFY2(contains(refused, "10 (best), 20, 30"), refused.c_str());
    }

    void aDamagedFileCostsTheStepsSinceTheOneBefore()
    {
        const fs::path file = makeStore("damaged.krater");
        std::ofstream(fileOf(file, 30), std::ios::trunc) << "half a checkpoint";
        fs::remove(fileOf(file, 20));
        {
            RunReader reader(file);
            const ResumePoint point = findResumePoint(reader, *reader.run(1));
            QCOMPARE(point.snapshot->step, std::uint64_t(10));
            QCOMPARE(point.notes.size(), std::size_t(2));
            RunWriter writer(file);
            takeOver(writer, 1, point);
            writer.observerFor(1).onRunEvent(MessageEvent{MessageEvent::Kind::Resumed, 10, "resumed"});
        }
        QVERIFY(fs::exists(fileOf(file, 30).string() + ".damaged"));
        QVERIFY(!fs::exists(fileOf(file, 30)));
        QCOMPARE(RunReader(file).checkpoints(1).size(), std::size_t(1));
    }

    void withoutItsFilesARunStaysAsItIs()
    {
        const fs::path file = makeStore("moved.krater");
        const fs::path folder = fileOf(file, 0).parent_path();
        fs::rename(folder, folder.string() + "-elsewhere");
        RunReader reader(file);
        const std::string refused = messageOf([&] { findResumePoint(reader, *reader.run(1)); });
        QVERIFY2(contains(refused, folder.string()) && contains(refused, "--restart"), refused.c_str());
        fs::rename(folder.string() + "-elsewhere", folder);
        QCOMPARE(findResumePoint(reader, *reader.run(1)).snapshot->step, std::uint64_t(30));
    }

    // What cannot be read now may be readable later: no step is given up for it.
    void aFileThatCannotBeReadIsNotPassedOver()
    {
        const fs::path file = makeStore("unreadable.krater");
        fs::remove(fileOf(file, 30));
        fs::create_directory(fileOf(file, 30));
        RunReader reader(file);
        QVERIFY(contains(messageOf([&] { findResumePoint(reader, *reader.run(1)); }), "Cannot read"));
    }

    void withoutACheckpointItStartsAgain()
    {
        const fs::path file = store("early.krater");
        {
            RunWriter writer(file);
            samples::train(writer.observerFor(writer.createRun(samples::record())), 1, 5);
        }
        RunReader reader(file);
        const ResumePoint point = findResumePoint(reader, *reader.run(1));
        QVERIFY(!point.snapshot);
        QVERIFY(contains(messageOf([&] { findResumePoint(reader, *reader.run(1), {.best = true}); }), "none at all"));
        RunWriter writer(file);
        takeOver(writer, 1, point);
        QCOMPARE(reader.curve(1, metric::kTarget, 0).size(), std::size_t(6)); // it may still fail to start
        samples::train(writer.observerFor(1), 1, 3);
        writer.flush();
        QCOMPARE(reader.curve(1, metric::kTarget, 0).size(), std::size_t(4));
        QVERIFY(samples::textsOf(reader, 1, MessageEvent::Kind::Warning).empty());
    }

    void nothingGoesBeforeTheRunSpeaks()
    {
        const fs::path file = makeStore("claimed.krater");
        RunReader reader(file);
        RunWriter writer(file);
        takeOver(writer, 1, findResumePoint(reader, *reader.run(1), {.step = 10}));
        writer.observerFor(1).onRunEvent(StateEvent{RunState::Preparing, 10, "Making the model"});
        writer.observerFor(1).onRunEvent(StateEvent{RunState::Failed, 10, "There is not enough memory."});
        writer.flush();
        QCOMPARE(reader.curve(1, metric::kTarget, 0).back().step, std::uint64_t(30));
        QCOMPARE(reader.checkpoints(1).size(), std::size_t(3));
        takeOver(writer, 1, findResumePoint(reader, *reader.run(1), {.step = 10}));
        writer.observerFor(1).onRunEvent(MessageEvent{MessageEvent::Kind::Resumed, 10, "resumed"});
        writer.flush();
        QCOMPARE(reader.curve(1, metric::kTarget, 0).back().step, std::uint64_t(10));
        QCOMPARE(reader.run(1)->step, std::uint64_t(10));
    }

    void overridesStayUntilTheyAreReplaced()
    {
        const fs::path file = makeStore("overrides.krater");
        RunReader reader(file);
        RunWriter writer(file);
        const auto goOn = [&](std::vector<std::string> overrides) {
            takeOver(writer, 1, findResumePoint(reader, *reader.run(1), {.overrides = std::move(overrides)}));
            writer.observerFor(1).onRunEvent(MessageEvent{MessageEvent::Kind::Resumed, 30, "resumed"});
            writer.observerFor(1).onRunEvent(StateEvent{RunState::Stopped, 30, {}});
            writer.flush();
            return reader.run(1)->overrides;
        };
        using Texts = std::vector<std::string>;
        QCOMPARE(goOn({"training.learning_rate=1e-5", "training.clip=1"}),
                 (Texts{"training.learning_rate=1e-5", "training.clip=1"}));
        QCOMPARE(goOn({}), (Texts{"training.learning_rate=1e-5", "training.clip=1"}));
        QCOMPARE(goOn({"training.learning_rate=1e-4"}), (Texts{"training.clip=1", "training.learning_rate=1e-4"}));
        QVERIFY(contains(findResumePoint(reader, *reader.run(1)).notes.at(0), "training.clip=1"));
    }

    void theFirstFactsStay()
    {
        const fs::path file = makeStore("facts.krater");
        RunReader reader(file);
        RunWriter writer(file);
        const auto ready = [&](const char *device, bool restart) {
            takeOver(writer, 1, findResumePoint(reader, *reader.run(1), {.restart = restart}));
            writer.setRunFacts(1, {"engine", device, "float32", 7}, {"hash", {1, 2, 3}, {4, 4, 4}});
            writer.observerFor(1).onRunEvent(MessageEvent{MessageEvent::Kind::Resumed, restart ? 0u : 30u, "resumed"});
            writer.observerFor(1).onRunEvent(StateEvent{RunState::Stopped, 30, {}});
            writer.flush();
            return reader.run(1)->device;
        };
        QCOMPARE(ready("CPU, 2 threads", true), std::string("CPU, 2 threads"));
        QVERIFY(reader.checkpointRows(1).empty());
        samples::train(writer.observerFor(1), 1, 30);
        writer.observerFor(1).onRunEvent(CheckpointEvent{samples::snapshot(30), true});
        writer.flush();
        QCOMPARE(ready("CPU, 1 thread", false), std::string("CPU, 2 threads"));
    }

    // The file is the checkpoint of before the edit: the run goes on without it, and its log must not claim otherwise.
    void anEventThatTheCheckpointDoesNotKnowGoes()
    {
        const fs::path file = makeStore("events.krater");
        {
            RunWriter writer(file);
            RunReader reader(file);
            writer.prepareResume(1, findResumePoint(reader, *reader.run(1)).snapshot);
            RunObserver &observer = writer.observerFor(1);
            observer.onRunEvent(MessageEvent{MessageEvent::Kind::Resumed, 30, "resumed"});
            observer.onRunEvent(MessageEvent{MessageEvent::Kind::MixtureEdited, 30, "edited", {0.5, 0.25, 0.25}});
        } // ends before its checkpoint: "the store was closed"
        for (int i = 0; i < 3; ++i) {
            RunReader reader(file);
            RunWriter writer(file);
            takeOver(writer, 1, findResumePoint(reader, *reader.run(1)));
            writer.observerFor(1).onRunEvent(MessageEvent{MessageEvent::Kind::Resumed, 30, "resumed"});
            writer.flush();
            QVERIFY(samples::textsOf(reader, 1, MessageEvent::Kind::MixtureEdited).empty());
            QVERIFY(samples::textsOf(reader, 1, MessageEvent::Kind::Warning).empty()); // of programs that ended
            QCOMPARE(samples::textsOf(reader, 1, MessageEvent::Kind::Resumed).size(), std::size_t(1));
            QCOMPARE(samples::textsOf(reader, 1, MessageEvent::Kind::Checkpoint).size(), std::size_t(3));
        }
    }
};

QTEST_GUILESS_MAIN(TestResumePoint)
#include "tst_resume_point.moc"
