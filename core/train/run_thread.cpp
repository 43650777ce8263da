// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/run_thread.h"

#include "core/base/error.h"
#include "core/config/experiment_toml.h"
#include "core/train/trainer.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <iterator>
#include <mutex>
#include <new>
#include <thread>
#include <utility>
#include <variant>

namespace krater {

namespace {

struct Pause {};
struct Resume {};
using Command = std::variant<Pause, Resume, Mixture>;

std::string inWords(const Error &error)
{
    return error.advice().empty() ? std::string(error.what()) : std::string(error.what()) + ' ' + error.advice();
}

} // namespace

// Members above the line are shared between threads; those below belong to the run's thread once it has started.
class RunThread::Worker {
public:
    explicit Worker(RunRequest request) : m_request(std::move(request))
    {
        m_thread = std::jthread([this](std::stop_token stop) { run(stop); });
    }

    ~Worker() { stop(); } // ~jthread joins

    void stop()
    {
        {
            const std::lock_guard lock(m_mutex);
            if (isActive(m_state))
                m_state = RunState::Stopping;
        }
        m_thread.request_stop(); // wakes the thread if it waits
    }

    void give(Command command, std::optional<RunState> expected = {}, RunState coming = RunState::Pausing)
    {
        {
            const std::lock_guard lock(m_mutex);
            if (!isActive(m_state))
                return;
            if (m_state == expected)
                m_state = coming;
            m_commands.push_back(std::move(command));
        }
        m_wake.notify_all();
    }

    RunState state() const
    {
        const std::lock_guard lock(m_mutex);
        return m_state;
    }

    void join()
    {
        if (m_thread.joinable())
            m_thread.join();
    }

private:
    void run(const std::stop_token &stop);
    void train(const std::stop_token &stop);
    std::unique_ptr<Trainer> prepare(const std::stop_token &stop);
    std::unique_ptr<LanguageModel> makeModel(const ModelConfig &config, int promptVectors, std::vector<NamedTensor> weights) const;
    enum class Moment { AfterStep, InEvaluation };
    void obeyCommands(Trainer &trainer, Moment moment, const std::stop_token &stop);
    std::deque<Command> takeCommands(bool wait, Moment moment, const std::stop_token &stop);
    void tellNotes();

    void enter(RunState state, std::string message = {});
    void fail(const std::string &message) noexcept;
    void send(const RunEvent &event);

    mutable std::mutex m_mutex;
    std::condition_variable_any m_wake;
    RunState m_state = RunState::Preparing; // guarded by m_mutex
    std::deque<Command> m_commands;         // guarded by m_mutex
    // ----
    RunRequest m_request;
    std::uint64_t m_step = 0;
    std::jthread m_thread; // last: it uses all the others
};

// Everything that may go wrong ends here, as a state.
void RunThread::Worker::run(const std::stop_token &stop)
{
    try {
        train(stop);
    } catch (const Error &error) {
        fail(inWords(error));
    } catch (const std::bad_alloc &) {
        fail("The memory is used up. Use a smaller model, fewer sequences per step or a shorter context; the last checkpoint is kept.");
    } catch (const std::exception &error) {
        fail(std::string("Unexpected failure: ") + error.what() + ". The last checkpoint is kept.");
    } catch (...) {
        fail("Unexpected failure. The last checkpoint is kept.");
    }
}

void RunThread::Worker::train(const std::stop_token &stop)
{
    const std::unique_ptr<Trainer> trainer = prepare(stop);
    if (!trainer)
        return enter(RunState::Stopped, "Stopped while preparing: nothing was trained.");
    trainer->setGoOn([&] {
        obeyCommands(*trainer, Moment::InEvaluation, stop);
        return !stop.stop_requested();
    });
    enter(RunState::Running);
    Trainer::Status status = m_request.resumeFrom ? trainer->resume(*m_request.resumeFrom) : trainer->start();
    m_step = trainer->stepsDone();
    tellNotes();
    while (status == Trainer::Status::Training) {
        obeyCommands(*trainer, trainer->isEvaluationDue() ? Moment::InEvaluation : Moment::AfterStep, stop);
        if (stop.stop_requested()) {
            trainer->checkpoint();
            return enter(RunState::Stopped, "Stopped by the user.");
        }
        status = trainer->step();
        m_step = trainer->stepsDone();
    }
    enter(status == Trainer::Status::Done ? RunState::Done : RunState::Diverged, trainer->reason());
}

// Nothing if it was stopped meanwhile.
std::unique_ptr<Trainer> RunThread::Worker::prepare(const std::stop_token &stop)
{
    m_step = m_request.resumeFrom ? m_request.resumeFrom->step : 0;
    const Issues issues = validate(m_request.experiment);
    for (const Issue &issue : issues)
        if (issue.severity == Issue::Severity::Error)
            throw Error("The experiment cannot be run: " + toString(issue) + '.');
    if (!m_request.engine)
        throw Error("There is no training engine.", "Run scripts/setup to install LibTorch.");

    enter(RunState::Preparing, "Reading the corpus");
    if (!m_request.corpus) {
        try {
            m_request.corpus = openTokenizedCorpus(m_request.experiment, m_request.cacheFolder, stop, m_request.onPreparing);
        } catch (const Error &) {
            if (stop.stop_requested())
                return nullptr; // it was cancelled
            throw;
        }
    }
    enter(RunState::Preparing, "Making the model");
    const Experiment &experiment = m_request.experiment;
    if (m_request.resumeFrom)
        m_request.initialWeights.clear(); // the checkpoint has all
    std::unique_ptr<LanguageModel> reference;
    if (!m_request.referenceWeights.empty())
        reference = makeModel(m_request.referenceModel.value_or(experiment.model), 0, std::exchange(m_request.referenceWeights, {}));
    auto model = makeModel(experiment.model, experiment.training.promptVectors, std::exchange(m_request.initialWeights, {}));
    const LanguageModelInfo info = model->info();
    auto trainer = std::make_unique<Trainer>(experiment, m_request.corpus, std::move(model), [this](const RunEvent &event) { send(event); },
                                             std::move(reference));
    if (m_request.onReady)
        m_request.onReady(info, factsOf(*m_request.corpus));
    return stop.stop_requested() ? nullptr : std::move(trainer);
}

// The weights are let go once the model has them: they may be large.
std::unique_ptr<LanguageModel> RunThread::Worker::makeModel(const ModelConfig &config, int promptVectors, std::vector<NamedTensor> weights) const
{
    TrainingConfig training = m_request.experiment.training;
    training.promptVectors = promptVectors;
    if (training.threads == 0 && m_request.resumeFrom)
        training.threads = m_request.resumeFrom->threads; // "all cores" may be others here
    auto model = m_request.engine->create({config, training, m_request.corpus->tokenizer().vocabulary(), m_request.experiment.info.seed});
    if (!weights.empty())
        model->setWeights(weights);
    return model;
}

void RunThread::Worker::tellNotes()
{
    for (const std::string &note : m_request.notes)
        send(MessageEvent{MessageEvent::Kind::Warning, m_step, note});
}

// Does what was asked for, and stays here while paused.
void RunThread::Worker::obeyCommands(Trainer &trainer, Moment moment, const std::stop_token &stop)
{
    bool paused = false;
    do {
        const std::deque<Command> commands = takeCommands(paused, moment, stop);
        const auto isEdit = [](const Command &command) { return std::holds_alternative<Mixture>(command); };
        if (const auto edit = std::find_if(commands.rbegin(), commands.rend(), isEdit); edit != commands.rend())
            trainer.editMixture(std::get<Mixture>(*edit));
        for (const Command &command : commands) {
            if (isEdit(command))
                continue;
            paused = std::holds_alternative<Pause>(command);
            if (paused)
                trainer.checkpoint();
            enter(paused ? RunState::Paused : RunState::Running);
        }
    } while (paused && !stop.stop_requested());
}

// In an evaluation mixtures stay in the queue: they are for the next step.
std::deque<Command> RunThread::Worker::takeCommands(bool wait, Moment moment, const std::stop_token &stop)
{
    const auto isWanted = [moment](const Command &command) {
        return moment == Moment::AfterStep || !std::holds_alternative<Mixture>(command);
    };
    std::unique_lock lock(m_mutex);
    if (wait)
        m_wake.wait(lock, stop, [&] { return std::ranges::any_of(m_commands, isWanted); });
    std::deque<Command> taken;
    std::ranges::copy_if(m_commands, std::back_inserter(taken), isWanted);
    std::erase_if(m_commands, isWanted);
    return taken;
}

void RunThread::Worker::enter(RunState state, std::string message)
{
    {
        const std::lock_guard lock(m_mutex);
        // What is still to come of pausing or stopping is not overwritten by the state that it will replace.
        const bool stopping = m_state == RunState::Stopping && isActive(state);
        if (!stopping)
            m_state = state;
    }
    send(StateEvent{state, m_step, std::move(message)});
}

// Every observer hears of it, also when it was one of them that broke its promise not to throw.
void RunThread::Worker::fail(const std::string &message) noexcept
{
    {
        const std::lock_guard lock(m_mutex);
        m_state = RunState::Failed;
    }
    for (RunObserver *observer : m_request.observers) {
        try {
            observer->onRunEvent(StateEvent{RunState::Failed, m_step, message});
        } catch (...) {
            continue;
        }
    }
}

void RunThread::Worker::send(const RunEvent &event)
{
    for (RunObserver *observer : m_request.observers)
        observer->onRunEvent(event);
}

RunThread::RunThread(RunRequest request) : m_worker(std::make_unique<Worker>(std::move(request))) {}
RunThread::~RunThread() = default;

void RunThread::pause()
{
    m_worker->give(Pause{}, RunState::Running, RunState::Pausing);
}

void RunThread::resume()
{
    m_worker->give(Resume{}, RunState::Pausing, RunState::Running);
}

void RunThread::stop()
{
    m_worker->stop();
}

void RunThread::editMixture(const Mixture &mixture)
{
    m_worker->give(mixture);
}

RunState RunThread::state() const
{
    return m_worker->state();
}

void RunThread::join()
{
    m_worker->join();
}

} // namespace krater
