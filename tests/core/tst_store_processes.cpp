// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/base/rng.h"
#include "core/store/checkpoint.h"
#include "core/store/run_reader.h"
#include "core/store/run_writer.h"
#include "core/store/store_writer.h"
#include "tests/core/store_samples.h"

#include <QCoreApplication>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <thread>

using namespace krater;
namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t kCheckpointEvery = 37; // steps: not a multiple of anything else

std::uint64_t lastCheckpoint(RunReader &reader, RunId run)
{
    const auto checkpoints = reader.checkpoints(run);
    return checkpoints.empty() ? 0 : readCheckpoint(checkpoints.back().file)->step;
}

// Trains `run` (0: a new one) from its last checkpoint to `end`, and says its number first. What the child processes do.
void trainRun(const fs::path &file, RunId run, std::uint64_t end)
{
    RunWriter writer(file);
    std::uint64_t from = 1;
    if (run == 0) {
        run = writer.createRun(samples::record());
    } else {
        RunReader reader(file);
        const std::uint64_t step = lastCheckpoint(reader, run);
        samples::resume(writer, run, step);
        if (!reader.clock(run, step).empty())
            throw Error("points after the checkpoint are still there");
        from = step + 1;
    }
    std::printf("%lld\n", static_cast<long long>(run));
    std::fflush(stdout);
    RunObserver &observer = writer.observerFor(run);
    observer.onRunEvent(StateEvent{RunState::Running, from - 1, {}});
    for (std::uint64_t step = from; step <= end; ++step) {
        samples::train(observer, step, step);
        if (step % kCheckpointEvery == 0)
            observer.onRunEvent(CheckpointEvent{samples::snapshot(step), step % 100 == 0});
    }
    observer.onRunEvent(StateEvent{RunState::Done, end, {}});
}

class Child {
public:
    Child(const fs::path &file, RunId run, std::uint64_t end)
    {
        m_process.setProcessChannelMode(QProcess::ForwardedErrorChannel);
        m_process.start(QCoreApplication::applicationFilePath(),
                        {"train", QString::fromStdString(file.string()), QString::number(run), QString::number(end)});
        m_process.waitForReadyRead(-1);
        m_run = m_process.readLine().trimmed().toLongLong();
    }

    RunId run() const { return m_run; }
    void kill()
    {
        m_process.kill();
        m_process.waitForFinished(-1);
    }
    bool finish()
    {
        m_process.waitForFinished(-1);
        return m_process.exitStatus() == QProcess::NormalExit && m_process.exitCode() == 0;
    }

private:
    QProcess m_process;
    RunId m_run = 0;
};

// Every curve of the run has the points that an undisturbed run has up to `end`, and no others.
bool isWhole(RunReader &reader, RunId run, std::uint64_t end)
{
    bool whole = true;
    for (int domain = 0; domain < 3; ++domain) {
        Curve losses, heldOut, shares;
        for (std::uint64_t step = 0; step <= end; ++step) {
            if (step > 0 && samples::isPresent(step, domain))
                losses.push_back({step, samples::loss(step, domain)});
            if (step % 100 == 0)
                heldOut.push_back({step, samples::loss(step, domain) + 1});
            shares.push_back({step, samples::shares(step)[std::size_t(domain)]});
        }
        whole &= samples::sameBits(reader.curve(run, metric::kTrainingLoss, domain), losses);
        whole &= samples::sameBits(reader.curve(run, metric::kHeldOutLoss, domain), heldOut);
        whole &= samples::sameBits(reader.curve(run, metric::kTarget, domain), shares);
    }
    return whole && reader.clock(run).size() == end + 1;
}

// Every stored step has all that a step has.
bool stepsAreWhole(RunReader &reader, RunId run)
{
    const std::size_t steps = reader.curve(run, metric::kGradientNorm, -1).size();
    bool whole = reader.clock(run).size() == reader.curve(run, metric::kTarget, 0).size();
    for (const char *metric : {metric::kTrainingLoss, metric::kRealised, metric::kTokensDrawn, metric::kEpochs})
        whole &= reader.curve(run, metric, 0).size() == steps;
    return whole && reader.curve(run, metric::kTarget, 0).size() == (steps == 0 ? 0 : steps + 1);
}

} // namespace

class TestStoreProcesses : public QObject {
    Q_OBJECT

private:
    QTemporaryDir m_folder;

    fs::path store(const char *name) { return fs::path(m_folder.path().toStdString()) / name; }

private slots:
    void killedAtAnyMomentAndResumed()
    {
        const fs::path file = store("killed.krater");
        constexpr std::uint64_t kFar = 10'000'000;
        Rng rng(std::uint64_t(QCoreApplication::applicationPid()));
        RunId run = 0;
        for (int round = 0; round < 6; ++round) {
            Child child(file, run, kFar);
            run = child.run();
            QVERIFY(run == 1);
            std::this_thread::sleep_for(std::chrono::milliseconds(20 + rng.below(300)));
            child.kill();

            RunReader reader(file);
            QCOMPARE(std::get<std::string>(reader.query("PRAGMA integrity_check", 1).rows[0][0]), std::string("ok"));
            QVERIFY(reader.run(run)->state == RunState::Interrupted);
            QVERIFY(stepsAreWhole(reader, run));
            for (const StoredCheckpoint &checkpoint : reader.checkpoints(run)) {
                QCOMPARE(readCheckpoint(checkpoint.file)->step, checkpoint.step);
                QVERIFY(!reader.clock(run).empty() && reader.clock(run).back().step >= checkpoint.step);
            }
        }
        RunReader reader(file);
        const std::uint64_t end = lastCheckpoint(reader, run) + 500;
        QVERIFY(Child(file, run, end).finish());
        QVERIFY(reader.run(run)->state == RunState::Done);
        QVERIFY(isWhole(reader, run, end));
        // Nothing that a killed process left behind.
        for (const fs::directory_entry &entry : fs::directory_iterator(checkpointFile(file, run, 0).parent_path()))
            QVERIFY(entry.path().extension() == ".safetensors");
    }

    void runOfAKilledProcessIsInterrupted()
    {
        const fs::path file = store("gone.krater");
        Child child(file, 0, 10'000'000);
        RunReader reader(file);
        {
            RunWriter writer(file); // while it lives its run is its own
            QVERIFY(isActive(reader.run(child.run())->state));
            QVERIFY_EXCEPTION_THROWN(writer.prepareResume(child.run(), nullptr), Error);
        }
        QVERIFY(isActive(reader.run(child.run())->state));
        StoreWriter other(file);
        child.kill();
        const auto numWarnings = [&] {
            return std::ranges::count_if(reader.events(child.run()), [](const StoredEvent &stored) {
                return stored.event.kind == MessageEvent::Kind::Warning;
            });
        };
        QCOMPARE(numWarnings(), std::ptrdiff_t(0));
        QVERIFY(reader.run(child.run())->state == RunState::Interrupted); // also where nobody may write the store
        QVERIFY(reader.run(child.run())->finishedMs > 0);
        other.beat(); // a program that is open all the while notices too
        QCOMPARE(numWarnings(), std::ptrdiff_t(1));
        QVERIFY(reader.run(child.run())->state == RunState::Interrupted);
    }

    void aStoreThatGoesWhileItIsWrittenIsNoticed()
    {
        const fs::path file = store("deleted.krater");
        StoreWriter writer(file);
        writer.beat();
        fs::rename(file, store("elsewhere.krater"));
        QVERIFY_EXCEPTION_THROWN(writer.beat(), Error);
        StoreWriter another(file); // a new file of the same name
        QVERIFY_EXCEPTION_THROWN(writer.beat(), Error);
        another.beat();
    }

    void twoProcessesWriteOneStore()
    {
        const fs::path file = store("shared.krater");
        constexpr std::uint64_t kSteps = 3000;
        Child child(file, 0, kSteps);
        RunReader reader(file);
        const std::int64_t version = reader.dataVersion();
        trainRun(file, 0, kSteps);
        QVERIFY(child.finish());
        QVERIFY(reader.dataVersion() != version);
        QCOMPARE(reader.runs().size(), std::size_t(2));
        for (const RunRecord &run : reader.runs()) {
            QVERIFY(run.state == RunState::Done);
            QVERIFY(isWhole(reader, run.id, kSteps));
        }
        QCOMPARE(std::get<std::string>(reader.query("PRAGMA integrity_check", 1).rows[0][0]), std::string("ok"));
    }

    void twoProcessesCreateOneStore()
    {
        const fs::path file = store("created.krater");
        QProcess processes[3];
        for (QProcess &process : processes)
            process.start(QCoreApplication::applicationFilePath(),
                          {"train", QString::fromStdString(file.string()), "0", "10"});
        for (QProcess &process : processes) {
            QVERIFY(process.waitForFinished(-1));
            QVERIFY2(process.exitCode() == 0, process.readAllStandardError().constData());
        }
        RunReader reader(file);
        QCOMPARE(reader.runs().size(), std::size_t(3));
        for (const RunRecord &run : reader.runs())
            QVERIFY(isWhole(reader, run.id, 10));
    }
};

int main(int argc, char **argv)
{
    if (argc == 5 && std::string(argv[1]) == "train") {
        try {
            trainRun(argv[2], std::atoll(argv[3]), std::uint64_t(std::atoll(argv[4])));
            return 0;
        } catch (const std::exception &failure) {
            std::fprintf(stderr, "%s\n", failure.what());
            return 1;
        }
    }
    QCoreApplication program(argc, argv);
    TestStoreProcesses test;
    return QTest::qExec(&test, argc, argv);
}

#include "tst_store_processes.moc"
