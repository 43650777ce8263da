// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/store/checkpoint.h"
#include "core/train/run_thread.h"
#include "tests/support/training_fixture.h"

#include <QTemporaryDir>
#include <QTest>

#include <filesystem>

using namespace krater;

namespace {

constexpr std::uint64_t kSteps = 24;

// Real training on two threads, with a policy that feeds on its losses.
Experiment realExperiment()
{
    Experiment experiment = smallExperiment(kSteps);
    experiment.model = {.layers = 2, .width = 32, .heads = 2, .context = 8};
    experiment.training.device = "cpu";
    experiment.training.threads = 2;
    experiment.training.learningRate = 1e-2;
    experiment.training.evalInterval = 6;
    experiment.training.checkpointInterval = 5;
    return experiment;
}

EventLog run(std::shared_ptr<const TrainerSnapshot> from = {})
{
    EventLog log;
    RunRequest request;
    request.experiment = realExperiment();
    request.engine = loadEngine();
    request.corpus = smallCorpus();
    request.resumeFrom = std::move(from);
    request.observers = {&log};
    RunThread thread(std::move(request));
    thread.join();
    return log;
}

template<typename Event>
bool sameAfter(const EventLog &whole, const EventLog &resumed, std::uint64_t step)
{
    std::vector<Event> expected = whole.all<Event>();
    std::erase_if(expected, [&](const Event &event) { return event.step <= step; });
    const std::vector<Event> found = resumed.all<Event>();
    return !found.empty()
        && std::equal(expected.begin(), expected.end(), found.begin(), found.end(),
                      [](const Event &a, const Event &b) { return samePoint(a, b); });
}

} // namespace

// Training threads with LibTorch in them: each run has its own, and OpenMP a team for each.
class TestResume : public QObject {
    Q_OBJECT

private slots:
    void continuesBitForBit()
    {
        const EventLog undisturbed = run();
        QVERIFY(undisturbed.states().back() == RunState::Done);
        QCOMPARE(undisturbed.all<StepEvent>().size(), std::size_t{kSteps});
        const auto evaluations = undisturbed.all<EvaluationEvent>();
        QVERIFY(!sameNumbers(evaluations.back().losses, evaluations.front().losses));

        QTemporaryDir folder;
        const auto file = std::filesystem::path(folder.path().toStdString()) / "checkpoint.safetensors";
        const std::vector<CheckpointEvent> checkpoints = undisturbed.all<CheckpointEvent>();
        int numResumed = 0;
        for (const CheckpointEvent &checkpoint : checkpoints) {
            const std::uint64_t step = checkpoint.snapshot->step;
            if (step == kSteps)
                continue;
            writeCheckpoint(file, *checkpoint.snapshot);
            const EventLog resumed = run(readCheckpoint(file));
            QVERIFY(resumed.states().back() == RunState::Done);
            QVERIFY2(sameAfter<StepEvent>(undisturbed, resumed, step), std::to_string(step).c_str());
            QVERIFY2(sameAfter<EvaluationEvent>(undisturbed, resumed, step), std::to_string(step).c_str());
            QVERIFY(sameSnapshot(*resumed.all<CheckpointEvent>().back().snapshot, *checkpoints.back().snapshot));
            ++numResumed;
        }
        QVERIFY(numResumed >= 4);
    }

    void runsRepeat()
    {
        const EventLog first = run(), second = run();
        QVERIFY(sameAfter<StepEvent>(first, second, 0));
    }
};

QTEST_GUILESS_MAIN(TestResume)
#include "tst_resume.moc"
