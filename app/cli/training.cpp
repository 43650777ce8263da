// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/training.h"

#include "app/cli/exit_code.h"
#include "app/cli/output.h"
#include "app/cli/runs.h"
#include "app/cli/training_output.h"
#include "core/base/files.h"
#include "core/train/run_thread.h"

#include <fmt/format.h>

#include <poll.h>

#include <array>

namespace krater::cli {
namespace {

constexpr int kTickMs = 100;
constexpr int kEventsAtOnce = 256; // then signals are looked at again, however fast the run is

// Follows one run from the main thread: prints its events and passes the user's wish to stop on to it.
class TrainingLoop {
public:
    TrainingLoop(const TrainingJob &job, TrainingStage &stage, TrainingOutput &output)
        : m_stage(stage)
        , m_output(output)
        , m_thread(request(job, stage))
    {
    }

    void run(); // returns when the run has ended and its thread has been joined

private:
    static RunRequest request(const TrainingJob &job, TrainingStage &stage);
    void wait() const;
    void passOnStop();
    bool showEvents(); // false if there are more

    TrainingStage &m_stage;
    TrainingOutput &m_output;
    bool m_stopping = false;
    bool m_ended = false;
    RunThread m_thread;
};

RunRequest TrainingLoop::request(const TrainingJob &job, TrainingStage &stage)
{
    RunRequest request;
    request.experiment = job.experiment;
    request.engine = job.prepared.engine;
    request.corpus = job.prepared.corpus;
    request.cacheFolder = cacheFolder();
    request.resumeFrom = job.resumeFrom;
    request.observers = {&stage.writer.observerFor(job.run), &stage.events}; // stored before it is shown
    request.onReady = [&stage, run = job.run](const LanguageModelInfo &model, const std::string &corpusHash,
                                              const std::vector<double> &domainTokens) {
        stage.writer.setRunFacts(run, model, corpusHash, domainTokens);
    };
    return request;
}

void TrainingLoop::run()
{
    while (!m_ended) {
        wait();
        passOnStop();
        showEvents();
        m_output.tick();
    }
    m_thread.join();
    while (!showEvents())
        continue;
}

void TrainingLoop::wait() const
{
    std::array<pollfd, 2> watched = {pollfd{m_stage.events.descriptor(), POLLIN, 0},
                                     pollfd{m_stage.signals.descriptor(), POLLIN, 0}};
    ::poll(watched.data(), watched.size(), kTickMs);
}

void TrainingLoop::passOnStop()
{
    if (m_stopping || !m_stage.signals.requested())
        return;
    m_stopping = true;
    m_stage.signals.acknowledge();
    m_thread.stop();
    if (m_stage.storeFailed)
        m_stage.writer.stopWaiting(); // the trainer may be waiting for a disk that stays full
    m_output.message("Stopping after this step, with a checkpoint. Ctrl-C again quits at once.");
}

bool TrainingLoop::showEvents()
{
    for (int i = 0; i < kEventsAtOnce; ++i) {
        const auto event = m_stage.events.next();
        if (!event)
            return true;
        m_output.onEvent(*event);
        if (const auto *state = std::get_if<StateEvent>(event.get()); state && !isActive(state->state))
            m_ended = true;
    }
    return false;
}

int exitCodeFor(RunState state)
{
    switch (state) {
    case RunState::Done:
        return kDone;
    case RunState::Stopped:
        return kStopped;
    case RunState::Diverged:
        return kDiverged;
    default:
        return kFailed;
    }
}

RunRecord storedRun(RunReader &reader, RunId id)
{
    auto run = reader.run(id);
    if (!run)
        throw Error(fmt::format("Run {} is no longer in the store.", id));
    return *std::move(run);
}

// Whether the store took everything.
bool flush(RunWriter &writer, TrainingOutput &output)
{
    try {
        writer.flush();
        return true;
    } catch (const Error &error) {
        output.problem(fmt::format("{} {}", error.what(), error.advice()));
        return false;
    }
}

} // namespace

TrainingStage::TrainingStage(const Options &givenOptions) : options(givenOptions), writer(givenOptions.storeFile())
{
    writer.onFailure([this](const std::string &message) {
        storeFailed = true;
        events.onRunEvent(MessageEvent{MessageEvent::Kind::Warning, 0, message});
    });
    if (!writer.notice().empty())
        printMessage("krater-cli: warning: " + writer.notice());
}

int runTraining(const TrainingJob &job, TrainingStage &stage)
{
    const auto output = makeTrainingOutput(stage.options);
    RunReader reader(stage.options.storeFile());
    RunStart start{storedRun(reader, job.run), job.experiment, std::nullopt};
    if (job.resumeFrom)
        start.resumedFrom = job.resumeFrom->step;
    output->started(start);
    {
        TrainingLoop loop(job, stage, *output);
        loop.run();
    }
    RunEnd end;
    const bool stored = flush(stage.writer, *output);
    end.run = storedRun(reader, job.run);
    end.domains = summarise(reader, end.run);
    end.exitCode = stored ? exitCodeFor(end.run.state) : kFailed;
    if (end.run.state != RunState::Done && !reader.checkpoints(job.run).empty())
        end.resumeCommand = commandFor("resume", job.run, stage.options);
    output->finished(end);
    return end.exitCode;
}

int interruptedBeforeTraining()
{
    printMessage("Interrupted before training began; nothing was changed.");
    return kInterrupted;
}

} // namespace krater::cli
