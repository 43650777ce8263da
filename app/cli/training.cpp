// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/training.h"

#include "app/cli/exit_code.h"
#include "app/cli/output.h"
#include "app/cli/runs.h"
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
    TrainingLoop(TrainingJob &job, TrainingContext &context)
        : m_context(context)
        , m_output(*context.output)
        , m_thread(request(job, context))
    {
    }

    StateEvent run(); // returns the last state when the run has ended and its thread has been joined

private:
    static RunRequest request(TrainingJob &job, TrainingContext &context);
    void wait() const;
    void passOnStop();
    bool showEvents(); // false if there are more

    TrainingContext &m_context;
    TrainingOutput &m_output;
    bool m_stopping = false;
    StateEvent m_state;
    RunThread m_thread;
};

// Weights are handed over: they may be large.
RunRequest TrainingLoop::request(TrainingJob &job, TrainingContext &context)
{
    RunRequest request;
    request.experiment = job.experiment;
    request.engine = job.prepared.engine;
    request.corpus = job.prepared.corpus;
    request.cacheFolder = cacheFolder();
    request.resumeFrom = job.resumeFrom;
    request.notes = job.notes;
    request.initialWeights = std::move(job.inputs.initialWeights);
    request.referenceWeights = std::move(job.inputs.referenceWeights);
    request.referenceModel = job.inputs.referenceModel;
    request.observers = {&context.writer.observerFor(job.run), &context.events}; // stored before it is shown
    request.onReady = [&context, run = job.run](const LanguageModelInfo &model, const CorpusFacts &corpus) {
        context.writer.setRunFacts(run, model, corpus);
    };
    return request;
}

StateEvent TrainingLoop::run()
{
    while (isActive(m_state.state)) {
        wait();
        passOnStop();
        showEvents();
        m_output.tick();
    }
    m_thread.join();
    while (!showEvents())
        continue;
    return m_state;
}

void TrainingLoop::wait() const
{
    std::array<pollfd, 2> watched = {pollfd{m_context.events.descriptor(), POLLIN, 0},
                                     pollfd{m_context.signals.descriptor(), POLLIN, 0}};
    ::poll(watched.data(), watched.size(), kTickMs);
}

void TrainingLoop::passOnStop()
{
    if (!m_stopping && m_context.signals.requested()) {
        m_stopping = true;
        m_context.signals.acknowledge();
        m_thread.stop();
        m_output.message("Stopping after this step and saving a checkpoint. Ctrl-C again quits at once.");
    }
    if (m_stopping && m_context.storeFailed)
        m_context.writer.stopWaiting(); // the trainer may be waiting for a disk that stays full
}

bool TrainingLoop::showEvents()
{
    for (int i = 0; i < kEventsAtOnce; ++i) {
        const auto event = m_context.events.next();
        if (!event)
            return true;
        m_output.onEvent(*event);
        if (const auto *state = std::get_if<StateEvent>(event.get()))
            m_state = *state;
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

// The store may lack the end of a run that has ended: then the run itself knows better.
RunEnd endOf(const TrainingJob &job, const TrainingContext &context, RunReader &reader, const StateEvent &last,
             bool flushed)
{
    RunEnd end;
    end.run = storedRun(reader, job.run);
    end.stored = flushed && end.run.state == last.state;
    end.run.state = last.state;
    end.run.message = last.message;
    end.domains = summarise(reader, end.run);
    end.exitCode = end.stored ? exitCodeFor(last.state) : kFailed;
    const std::vector<StoredCheckpoint> checkpoints = reader.checkpoints(job.run);
    if (!checkpoints.empty())
        end.checkpoint = checkpoints.back().step;
    end.othersFollow = end.exitCode == kDone && job.othersFollow;
    if (last.state != RunState::Done && (end.checkpoint || end.run.plan))
        end.resumeCommand = commandFor("resume", job.run, context.options);
    return end;
}

} // namespace

TrainingContext::TrainingContext(const Options &givenOptions)
    : options(givenOptions)
    , output(makeTrainingOutput(givenOptions))
    , writer(givenOptions.storeFile())
{
    writer.onFailure([this](const std::string &message) {
        storeFailed = true;
        events.onRunEvent(MessageEvent{MessageEvent::Kind::Warning, 0, message});
    });
    writer.onCheckpointSaved([this](RunId, const CheckpointSavedEvent &saved) { events.onRunEvent(saved); });
    if (!writer.notice().empty())
        printWarning(writer.notice());
}

int runTraining(TrainingJob job, TrainingContext &context)
{
    TrainingOutput &output = *context.output;
    RunReader reader(context.options.storeFile());
    RunStart start{storedRun(reader, job.run), job.experiment, std::nullopt};
    if (job.resumeFrom)
        start.resumedFrom = job.resumeFrom->step;
    output.started(start);
    const StateEvent last = TrainingLoop(job, context).run();
    const bool flushed = flush(context.writer, output);
    while (const auto event = context.events.next())
        output.onEvent(*event); // the last checkpoint is saved after the last state
    const RunEnd end = endOf(job, context, reader, last, flushed);
    if (!end.othersFollow)
        context.signals.ignore(); // what is printed now is what the program ends with
    output.finished(end);
    return end.exitCode;
}

void addFacts(RunRecord &record, const PreparedRun &prepared)
{
    record.engine = prepared.engine->version();
    addCorpusFacts(record, factsOf(*prepared.corpus));
}

int interruptedBeforeTraining()
{
    printMessage("Interrupted before training began; nothing was changed.");
    return kInterrupted;
}

} // namespace krater::cli
