// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/writer_thread.h"

#include "core/store/run_rows.h"

#include <optional>
#include <utility>

namespace krater {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t kQueueItems = 4096; // about 4 MB of steps
constexpr auto kGatherFor = 250ms;
constexpr auto kGiveUpAfter = 2s; // at the end of the program

bool isUrgent(const RunEvent &event)
{
    return std::holds_alternative<StateEvent>(event) || std::holds_alternative<CheckpointEvent>(event);
}

} // namespace

// An evaluation waits for its step, so that both are written or neither. One thread: the trainer's.
class WriterThread::Observer : public RunObserver {
public:
    Observer(WriterThread &thread, RunId run) : m_thread(thread), m_run(run) { }

    void onRunEvent(const RunEvent &event) override
    {
        std::vector<RunEventItem> items;
        const auto *step = std::get_if<StepEvent>(&event);
        if (auto evaluation = std::exchange(m_evaluation, std::nullopt);
            evaluation && step && step->step == stepOf(*evaluation))
            items.push_back(*std::move(evaluation));
        items.push_back({m_run, event, nowMs()});
        if (std::holds_alternative<EvaluationEvent>(event) && stepOf(items.back()) > 0)
            m_evaluation = std::move(items.back());
        else
            m_thread.pushEvents(std::move(items));
    }

private:
    static std::uint64_t stepOf(const RunEventItem &evaluation)
    {
        return std::get<EvaluationEvent>(evaluation.event).step;
    }

    WriterThread &m_thread;
    RunId m_run;
    std::optional<RunEventItem> m_evaluation;
};

WriterThread::WriterThread(const std::filesystem::path &file)
    : m_file(file)
    , m_store(std::make_unique<StoreWriter>(file))
    , m_nextBeat(Clock::now() + kBeatEvery)
{
    m_notice = m_store->notice();
    m_thread = std::jthread([this] { run(); });
}

WriterThread::~WriterThread()
{
    {
        const std::lock_guard lock(m_mutex);
        m_stopping = true;
        m_giveUpAt = Clock::now() + kGiveUpAfter;
    }
    m_wake.notify_all();
    m_thread.join();
}

void WriterThread::execute(Command command)
{
    const auto done = std::make_shared<std::promise<void>>();
    pushTask({std::move(command), done});
    done->get_future().get();
}

void WriterThread::post(Command command)
{
    pushTask({std::move(command), nullptr});
}

RunObserver &WriterThread::observerFor(RunId run)
{
    const std::lock_guard lock(m_mutex);
    std::unique_ptr<Observer> &observer = m_observers[run];
    if (!observer)
        observer = std::make_unique<Observer>(*this, run);
    return *observer;
}

void WriterThread::stopWaiting()
{
    {
        const std::lock_guard lock(m_mutex);
        m_neverBlock = true;
    }
    m_space.notify_all();
}

void WriterThread::onFailure(std::function<void(const std::string &)> handler)
{
    const std::lock_guard lock(m_mutex);
    m_failureHandler = std::move(handler);
}

void WriterThread::onCheckpointSaved(std::function<void(RunId, const CheckpointSavedEvent &)> handler)
{
    const std::lock_guard lock(m_mutex);
    m_checkpointHandler = std::move(handler);
}

void WriterThread::forgetLoss(RunId run)
{
    const std::lock_guard lock(m_mutex);
    m_incomplete.erase(run);
}

// A checkpoint holds the whole model: one at a time.
bool WriterThread::hasSpaceFor(bool checkpoint) const
{
    return m_queue.size() < kQueueItems && (!checkpoint || m_numCheckpoints == 0);
}

// A point that is lost leaves a hole. m_mutex is held.
void WriterThread::noteLoss(const std::vector<RunEventItem> &items)
{
    for (const RunEventItem &item : items) {
        if (std::holds_alternative<StepEvent>(item.event) || std::holds_alternative<EvaluationEvent>(item.event))
            m_incomplete.insert(item.run);
    }
}

// All of them or none; a checkpoint comes alone.
void WriterThread::pushEvents(std::vector<RunEventItem> items)
{
    const bool checkpoint = std::holds_alternative<CheckpointEvent>(items.back().event);
    {
        std::unique_lock lock(m_mutex);
        m_space.wait(lock, [&] { return m_neverBlock || hasSpaceFor(checkpoint); });
        if (!hasSpaceFor(checkpoint)) {
            noteLoss(items);
            return;
        }
        for (RunEventItem &item : items) {
            m_urgent |= isUrgent(item.event);
            m_queue.emplace_back(std::move(item));
        }
        m_numCheckpoints += checkpoint;
    }
    m_wake.notify_one();
}

// Commands are few and come from people: they never wait for space.
void WriterThread::pushTask(Task task)
{
    {
        const std::lock_guard lock(m_mutex);
        m_urgent = true;
        m_queue.emplace_back(std::move(task));
    }
    m_wake.notify_one();
}

void WriterThread::run()
{
    while (takeItems()) {
        work();
        writeCheckpoints();
        beat();
    }
    close();
}

// Waits for work and takes it; false when the queue is drained and the program ends. May come back with nothing to do.
bool WriterThread::takeItems()
{
    std::unique_lock lock(m_mutex);
    const auto hasWork = [this] { return !m_queue.empty() || m_stopping; };
    m_wake.wait_until(lock, m_store->hasUnwrittenCheckpoints() ? m_nextCheckpointTry : m_nextBeat, hasWork);
    const auto isFull = [this] { return m_urgent || m_stopping || m_queue.size() >= kQueueItems / 2; };
    if (!m_queue.empty())
        m_wake.wait_for(lock, kGatherFor, isFull);
    const bool goOn = !m_stopping || !m_queue.empty();
    m_batch = std::exchange(m_queue, {});
    m_urgent = false;
    lock.unlock();
    m_space.notify_all();
    return goOn;
}

} // namespace krater
