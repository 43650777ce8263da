// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/run_thread.h"

#include "core/base/error.h"
#include "core/train/fake_language_model.h"

#include "tests/support/training_fixture.h"

#include <QTemporaryDir>
#include <QTest>

#include <chrono>
#include <condition_variable>
#include <fstream>
#include <mutex>
#include <semaphore>
#include <thread>

using namespace krater;
using namespace std::chrono_literals;

namespace {

constexpr auto kPatience = 20s; // until a test gives up waiting; passing tests wait a few milliseconds

// An event log that another thread can wait on.
class SharedLog : public RunObserver {
public:
    void onRunEvent(const RunEvent &event) override
    {
        {
            const std::lock_guard lock(m_mutex);
            m_log.onRunEvent(event);
        }
        m_changed.notify_all();
    }

    template <typename Condition>
    bool waitUntil(Condition condition)
    {
        std::unique_lock lock(m_mutex);
        return m_changed.wait_for(lock, kPatience, [&] { return condition(std::as_const(m_log)); });
    }

    bool waitForState(RunState state)
    {
        return waitUntil([state](const EventLog &log) { return !log.states().empty() && log.states().back() == state; });
    }

    bool waitForStep(std::uint64_t step)
    {
        return waitUntil([step](const EventLog &log) {
            return !log.events.empty() && std::ranges::any_of(log.events, [step](const RunEvent &event) {
                const auto *one = std::get_if<StepEvent>(&event);
                return one && one->step >= step;
            });
        });
    }

    EventLog copy() const
    {
        const std::lock_guard lock(m_mutex);
        return m_log;
    }

private:
    mutable std::mutex m_mutex;
    std::condition_variable m_changed;
    EventLog m_log;
};

RunRequest requestFor(const Experiment &experiment, SharedLog &log, FakeEngineOptions options = {})
{
    RunRequest request;
    request.experiment = experiment;
    request.engine = makeFakeEngine(std::move(options));
    request.corpus = smallCorpus();
    request.observers = {&log};
    return request;
}

// A fake engine whose steps wait for leave.
struct Gate {
    std::counting_semaphore<1'000'000> leave{0};
    std::counting_semaphore<1'000'000> begun{0};

    FakeEngineOptions options()
    {
        FakeEngineOptions made;
        made.beforeStep = [this](std::uint64_t) {
            begun.release();
            leave.acquire();
        };
        return made;
    }

    // Lets `steps` steps pass; the next one has begun and waits when this returns.
    bool pass(std::uint64_t steps)
    {
        leave.release(std::ptrdiff_t(steps));
        for (std::uint64_t i = 0; i <= steps; ++i)
            if (!begun.try_acquire_for(kPatience))
                return false;
        return true;
    }
};

// The last checkpoint holds all that was sent; a step that was caught in its evaluation is in it, and not sent yet.
bool isCovered(const EventLog &log)
{
    const std::shared_ptr<const TrainerSnapshot> last = log.all<CheckpointEvent>().back().snapshot;
    return last->step == log.all<StepEvent>().back().step + (last->unevaluated ? 1 : 0);
}

FakeEngineOptions slow()
{
    FakeEngineOptions options;
    options.beforeStep = [](std::uint64_t) { std::this_thread::sleep_for(200us); };
    return options;
}

EventLog undisturbed(const Experiment &experiment)
{
    SharedLog log;
    RunThread(requestFor(experiment, log)).join();
    return log.copy();
}

std::string finalMessage(const SharedLog &log)
{
    return log.copy().all<StateEvent>().back().message;
}

bool samePoints(const EventLog &a, const EventLog &b)
{
    return std::ranges::equal(a.all<StepEvent>(), b.all<StepEvent>(), [](const auto &x, const auto &y) { return samePoint(x, y); })
        && std::ranges::equal(a.all<EvaluationEvent>(), b.all<EvaluationEvent>(), [](const auto &x, const auto &y) { return samePoint(x, y); });
}

using States = std::vector<RunState>;

} // namespace

class TestRunThread : public QObject {
    Q_OBJECT

private slots:
    void runsToTheEnd()
    {
        SharedLog log;
        std::vector<std::string> ready;
        RunRequest request = requestFor(smallExperiment(), log);
        request.onReady = [&](const LanguageModelInfo &info, const CorpusFacts &corpus) {
            ready = {info.engine, corpus.hash};
            QCOMPARE(corpus.domainTokens, (std::vector<double>{100, 400, 1000}));
        };
        RunThread thread(std::move(request));
        thread.join();
        QCOMPARE(int(thread.state()), int(RunState::Done));
        QCOMPARE(log.copy().states(), (States{RunState::Preparing, RunState::Running, RunState::Done}));
        QVERIFY(std::holds_alternative<StateEvent>(log.copy().events.back())); // nothing comes after it
        QCOMPARE(ready, (std::vector<std::string>{"fake", smallCorpus()->hash()}));
        QCOMPARE(log.copy().all<StepEvent>().size(), std::size_t{60});
        QVERIFY(samePoints(log.copy(), undisturbed(smallExperiment())));
    }

    void everyObserverHearsEverything()
    {
        SharedLog one, other;
        RunRequest request = requestFor(smallExperiment(5), one);
        request.observers.push_back(&other);
        RunThread(std::move(request)).join();
        QCOMPARE(one.copy().events.size(), other.copy().events.size());
    }

    void pausesAndGoesOn()
    {
        SharedLog log;
        Gate gate;
        RunThread thread(requestFor(smallExperiment(), log, gate.options()));
        QVERIFY(gate.pass(10));
        thread.pause();
        QCOMPARE(int(thread.state()), int(RunState::Pausing)); // the 11th step has begun
        gate.leave.release(1);
        QVERIFY(log.waitForState(RunState::Paused));
        QCOMPARE(int(thread.state()), int(RunState::Paused));
        gate.leave.release(1000);
        const std::size_t numSteps = log.copy().all<StepEvent>().size();
        QCOMPARE(numSteps, std::size_t{11});
        thread.pause(); // again: answered, still paused
        std::this_thread::sleep_for(20ms);
        QCOMPARE(log.copy().all<StepEvent>().size(), numSteps);
        thread.resume();
        thread.join();
        QCOMPARE(int(thread.state()), int(RunState::Done));
        QVERIFY(samePoints(log.copy(), undisturbed(smallExperiment())));
    }

    void stopsWithACheckpointAndResumes()
    {
        for (const std::uint64_t stopAt : {1, 7, 20, 33}) {
            SharedLog log;
            Gate gate;
            RunThread thread(requestFor(smallExperiment(), log, gate.options()));
            QVERIFY(gate.pass(stopAt - 1)); // the step of that number has begun
            thread.stop();
            QCOMPARE(int(thread.state()), int(RunState::Stopping));
            gate.leave.release(1000);
            thread.join();
            QCOMPARE(int(thread.state()), int(RunState::Stopped));
            const EventLog first = log.copy();
            const auto snapshot = first.all<CheckpointEvent>().back().snapshot;
            QCOMPARE(snapshot->step, stopAt);
            // Step 20 is evaluated: the stop comes in the middle of that, and the step is sent when the run goes on.
            QCOMPARE(first.all<StepEvent>().back().step, stopAt == 20 ? 19 : stopAt);
            QCOMPARE(snapshot->unevaluated.has_value(), stopAt == 20);

            SharedLog rest;
            RunRequest request = requestFor(smallExperiment(), rest);
            request.resumeFrom = snapshot;
            RunThread(std::move(request)).join();
            EventLog whole = first;
            for (const RunEvent &event : rest.copy().events)
                whole.onRunEvent(event);
            QVERIFY(samePoints(whole, undisturbed(smallExperiment())));
        }
    }

    void stopsWhilePaused()
    {
        SharedLog log;
        RunThread thread(requestFor(smallExperiment(1'000'000), log, slow()));
        QVERIFY(log.waitForStep(3));
        thread.pause();
        QVERIFY(log.waitForState(RunState::Paused));
        thread.stop();
        thread.join();
        QCOMPARE(int(thread.state()), int(RunState::Stopped));
        QVERIFY(isCovered(log.copy()));
    }

    void destroyingStopsWithACheckpoint()
    {
        SharedLog log;
        {
            RunThread thread(requestFor(smallExperiment(1'000'000), log, slow()));
            QVERIFY(log.waitForStep(2));
        }
        QCOMPARE(int(log.copy().states().back()), int(RunState::Stopped));
        QVERIFY(isCovered(log.copy()));
    }

    void editsTheMixtureWhileItRuns()
    {
        Experiment experiment = smallExperiment(1'000'000);
        experiment.mixture = {.policy = "uniform", .parameters = {}, .batching = MixtureConfig::Batching::Random};
        SharedLog log;
        RunThread thread(requestFor(experiment, log, slow()));
        QVERIFY(log.waitForStep(3));
        thread.editMixture(Mixture::fromWeights(std::vector{0.0, 0.0, 1.0}));
        QVERIFY(log.waitUntil([](const EventLog &all) {
            const auto steps = all.all<StepEvent>();
            return !steps.empty() && steps.back().realisedShare[2] == 1.0 && steps.back().targetShare[2] == 1.0;
        }));
        thread.pause();
        QVERIFY(log.waitForState(RunState::Paused));
        thread.editMixture(Mixture::fromWeights(std::vector{1.0, 0.0, 0.0})); // answered while paused
        QVERIFY(log.waitUntil([](const EventLog &all) {
            const auto messages = all.all<MessageEvent>();
            return std::ranges::count(messages, MessageEvent::Kind::MixtureEdited, &MessageEvent::kind) == 2;
        }));
        thread.stop();
        thread.join();
        QCOMPARE(log.copy().all<CheckpointEvent>().back().snapshot->mixture, (std::vector<double>{1.0, 0.0, 0.0}));
    }

    void aPauseKeepsACheckpoint()
    {
        SharedLog log;
        RunThread thread(requestFor(smallExperiment(1'000'000), log, slow()));
        QVERIFY(log.waitForStep(3));
        thread.pause();
        QVERIFY(log.waitForState(RunState::Paused));
        QVERIFY(isCovered(log.copy()));
    }

    void ofSeveralMixturesTheLastCounts()
    {
        SharedLog log;
        Gate gate;
        RunThread thread(requestFor(smallExperiment(), log, gate.options()));
        QVERIFY(gate.pass(3));
        for (const double share : {0.1, 0.2, 0.3})
            thread.editMixture(Mixture::fromWeights(std::vector{share, 0.5, 0.5 - share}));
        gate.leave.release(1000);
        thread.join();
        std::vector<MessageEvent> edits = log.copy().all<MessageEvent>();
        std::erase_if(edits, [](const MessageEvent &message) { return message.kind != MessageEvent::Kind::MixtureEdited; });
        QCOMPARE(edits.size(), std::size_t{1});
        QCOMPARE(edits[0].mixture, (std::vector<double>{0.3, 0.5, 0.2}));
    }

    // "All cores" are others on another machine: the run goes on with as many threads as it began with, unless told otherwise.
    void theNumberOfThreadsStays()
    {
        for (const int asked : {0, 5}) {
            SharedLog first;
            RunThread(requestFor(smallExperiment(20), first)).join();
            TrainerSnapshot snapshot = *first.copy().all<CheckpointEvent>().front().snapshot;
            snapshot.threads = 3;
            SharedLog log;
            Experiment experiment = smallExperiment(20);
            experiment.training.threads = asked;
            RunRequest request = requestFor(experiment, log);
            request.resumeFrom = std::make_shared<const TrainerSnapshot>(snapshot);
            request.notes = {"Resumed with a note"};
            RunThread(std::move(request)).join();
            const EventLog all = log.copy();
            QCOMPARE(all.all<CheckpointEvent>().back().snapshot->threads, asked == 0 ? 3 : 5);
            const auto warnings = std::ranges::count(all.all<MessageEvent>(), MessageEvent::Kind::Warning, &MessageEvent::kind);
            QCOMPARE(warnings, asked == 0 ? 1 : 2); // the note; other threads
        }
    }

    void failuresBecomeAState_data()
    {
        QTest::addColumn<int>("what");
        QTest::addColumn<QString>("part");
        QTest::newRow("error") << 0 << "The fake engine fails at step 23.";
        QTest::newRow("out of memory") << 1 << "The memory is used up.";
        QTest::newRow("no model") << 2 << "The fake engine makes no model.";
        QTest::newRow("foreign exception") << 3 << "Unexpected failure: from afar";
        QTest::newRow("no engine") << 4 << "There is no training engine.";
        QTest::newRow("invalid experiment") << 5 << "training.token_budget is 0";
        QTest::newRow("onReady") << 6 << "the store is full";
        QTest::newRow("not even an exception") << 7 << "Unexpected failure.";
    }

    void failuresBecomeAState()
    {
        QFETCH(int, what);
        QFETCH(QString, part);
        FakeEngineOptions options;
        options.failAtStep = what == 0 ? 23 : 0;
        options.outOfMemoryAtStep = what == 1 ? 23 : 0;
        options.failToCreate = what == 2;
        options.beforeStep = [what](std::uint64_t step) {
            if (step == 23 && what == 3)
                throw std::runtime_error("from afar");
            if (step == 23 && what == 7)
                throw 7;
        };
        SharedLog log;
        RunRequest request = requestFor(smallExperiment(), log, options);
        if (what == 4)
            request.engine.reset();
        if (what == 5)
            request.experiment.training.tokenBudget = 0;
        if (what == 6)
            request.onReady = [](const LanguageModelInfo &, const CorpusFacts &) { throw Error("the store is full"); };
        RunThread thread(std::move(request));
        thread.join();
        QCOMPARE(int(thread.state()), int(RunState::Failed));
        QCOMPARE(int(log.copy().states().back()), int(RunState::Failed));
        QVERIFY2(finalMessage(log).find(part.toStdString()) != std::string::npos, finalMessage(log).c_str());
        if (what == 0 || what == 1 || what == 3 || what == 7)
            QCOMPARE(log.copy().all<CheckpointEvent>().back().snapshot->step, std::uint64_t{20}); // the last good one stays
    }

    void divergingBecomesAState()
    {
        FakeEngineOptions options;
        options.divergeAtStep = 23;
        SharedLog log;
        RunThread thread(requestFor(smallExperiment(), log, options));
        thread.join();
        QCOMPARE(int(thread.state()), int(RunState::Diverged));
        const StateEvent last = log.copy().all<StateEvent>().back();
        QCOMPARE(int(last.state), int(RunState::Diverged));
        QCOMPARE(last.step, std::uint64_t{22});
        QVERIFY(last.message.find("Step 23: the training loss of domain \"") != std::string::npos);
        QCOMPARE(log.copy().all<CheckpointEvent>().back().snapshot->step, std::uint64_t{20});
    }

    void anObserverThatThrowsDoesNotEscape()
    {
        class Bad : public RunObserver {
        public:
            void onRunEvent(const RunEvent &) override { throw std::runtime_error("observer"); }
        };
        Bad bad;
        SharedLog log;
        RunRequest request = requestFor(smallExperiment(), log);
        request.observers = {&bad, &log};
        RunThread thread(std::move(request));
        thread.join();
        QCOMPARE(int(thread.state()), int(RunState::Failed));
        QCOMPARE(int(log.copy().states().back()), int(RunState::Failed));
    }

    void startsFromTheWeightsOfAnotherRun()
    {
        SharedLog first, second;
        RunThread(requestFor(smallExperiment(), first)).join();
        const auto last = first.copy().all<CheckpointEvent>().back().snapshot;
        RunRequest request = requestFor(smallExperiment(), second);
        request.initialWeights = last->tensors;
        RunThread(std::move(request)).join();
        QCOMPARE(second.copy().all<EvaluationEvent>().front().losses, first.copy().all<EvaluationEvent>().back().losses);
        QVERIFY(second.copy().states().back() == RunState::Done);

        // A run that goes on has its own.
        SharedLog third;
        RunRequest resumed = requestFor(smallExperiment(), third);
        resumed.resumeFrom = first.copy().all<CheckpointEvent>().front().snapshot;
        resumed.initialWeights = last->tensors;
        RunThread(std::move(resumed)).join();
        QCOMPARE(third.copy().all<EvaluationEvent>().back().losses, first.copy().all<EvaluationEvent>().back().losses);
    }

    void preparesTheCorpusInTheThread()
    {
        QTemporaryDir folder;
        Experiment experiment = corpusExperiment(folder);
        SharedLog log;
        RunRequest request = requestFor(experiment, log);
        request.corpus.reset();
        request.cacheFolder = folder.filePath("cache").toStdString();
        std::atomic<int> numReports = 0;
        request.onPreparing = [&](const CorpusProgress &) { ++numReports; };
        RunThread thread(std::move(request));
        thread.join();
        QVERIFY2(thread.state() == RunState::Done, finalMessage(log).c_str());
        QVERIFY(numReports > 0);
    }

    void stopsWhilePreparing()
    {
        QTemporaryDir folder;
        SharedLog log;
        RunRequest request = requestFor(corpusExperiment(folder), log);
        request.corpus.reset();
        request.cacheFolder = folder.filePath("cache").toStdString();
        std::binary_semaphore preparing{0}, go{0};
        std::atomic<bool> first = true;
        request.onPreparing = [&](const CorpusProgress &) {
            if (first.exchange(false)) {
                preparing.release();
                go.acquire();
            }
        };
        RunThread thread(std::move(request));
        QVERIFY(preparing.try_acquire_for(kPatience));
        QCOMPARE(int(thread.state()), int(RunState::Preparing));
        thread.stop();
        go.release();
        thread.join();
        QCOMPARE(int(thread.state()), int(RunState::Stopped));
        QVERIFY(log.copy().all<StepEvent>().empty());
    }

    void aCorpusThatCannotBeReadFails()
    {
        QTemporaryDir folder;
        Experiment experiment = smallExperiment();
        experiment.folder = folder.path().toStdString();
        SharedLog log;
        RunRequest request = requestFor(experiment, log);
        request.corpus.reset();
        request.cacheFolder = folder.filePath("cache").toStdString();
        RunThread thread(std::move(request));
        thread.join();
        QCOMPARE(int(thread.state()), int(RunState::Failed));
        QVERIFY(!finalMessage(log).empty());
    }

    void commandsAfterTheEndDoNothing()
    {
        SharedLog log;
        RunThread thread(requestFor(smallExperiment(3), log));
        thread.join();
        const std::size_t numEvents = log.copy().events.size();
        thread.pause();
        thread.resume();
        thread.editMixture(Mixture::uniform(3));
        thread.stop();
        thread.join();
        QCOMPARE(int(thread.state()), int(RunState::Done));
        QCOMPARE(log.copy().events.size(), numEvents);
    }

    // Four threads give all commands at once (ThreadSanitizer looks on); what is trained stays what it would have been.
    void commandsFromManyThreads()
    {
        SharedLog log;
        RunThread thread(requestFor(smallExperiment(400), log));
        std::vector<std::jthread> callers;
        for (int caller = 0; caller < 4; ++caller)
            callers.emplace_back([&thread] {
                for (int i = 0; i < 200; ++i) {
                    thread.pause();
                    (void)thread.state();
                    thread.resume();
                }
            });
        callers.clear();
        thread.resume();
        thread.join();
        QCOMPARE(int(thread.state()), int(RunState::Done));
        QVERIFY(samePoints(log.copy(), undisturbed(smallExperiment(400))));
    }

private:
    static Experiment corpusExperiment(const QTemporaryDir &folder)
    {
        Experiment experiment = smallExperiment(5);
        experiment.folder = folder.path().toStdString();
        for (DomainConfig &domain : experiment.domains) {
            domain.sources = {domain.name + "/*.txt"};
            domain.heldOut = 0.3;
            std::filesystem::create_directories(experiment.folder / domain.name);
            for (int i = 0; i < 20; ++i)
                std::ofstream(experiment.folder / domain.name / (std::to_string(i) + ".txt")) << "Text " << i << " of the domain " << domain.name << ".\n";
        }
        return experiment;
    }
};

QTEST_GUILESS_MAIN(TestRunThread)
#include "tst_run_thread.moc"
