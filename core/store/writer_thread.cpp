// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/writer_thread.h"

#include "core/store/run_rows.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <new>
#include <optional>
#include <utility>

namespace krater {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t kQueueItems = 4096; // about 4 MB of steps
constexpr auto kGatherFor = 250ms;
constexpr auto kShortestPause = 250ms, kLongestPause = 4000ms; // between tries while writing fails
constexpr auto kCheckpointPause = 5s;
constexpr auto kBeatEvery = 30s;
constexpr auto kGiveUpAfter = 2s; // at the end of the program

// Reasons that may pass by themselves or by what the user does.
bool mayPass(const SQLite::Exception &failure)
{
    switch (failure.getErrorCode() & 0xFF) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_NOMEM:
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_CANTOPEN:
    case SQLITE_PROTOCOL:
        return true;
    default:
        return false;
    }
}

struct Failure {
    Error error;
    bool mayPass = false;
};

// Runs one transaction; what it throws comes back, and the writer forgets what it had not committed.
template<typename Work>
std::optional<Failure> attempt(StoreWriter &store, Work &&work)
{
    try {
        work();
        return std::nullopt;
    } catch (const SQLite::Exception &failure) {
        store.forget();
        return Failure{storeError(store.file(), failure), mayPass(failure)};
    } catch (const Error &failure) {
        store.forget();
        return Failure{failure, false};
    } catch (const std::bad_alloc &) {
        store.forget();
        return Failure{Error("There is not enough memory to write the store", "Close other programs."), true};
    } catch (const std::exception &failure) {
        store.forget();
        return Failure{Error(fmt::format("Writing the store {} failed: {}", store.file().string(), failure.what())),
                       false};
    }
}

bool isUrgent(const RunEvent &event)
{
    return std::holds_alternative<StateEvent>(event) || std::holds_alternative<CheckpointEvent>(event);
}

} // namespace

class WriterThread::Observer : public RunObserver {
public:
    Observer(WriterThread &thread, RunId run) : m_thread(thread), m_run(run) { }

    void onRunEvent(const RunEvent &event) override { m_thread.pushEvent({m_run, event, nowMs()}); }

private:
    WriterThread &m_thread;
    RunId m_run;
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

// A checkpoint holds the whole model: one at a time.
bool WriterThread::hasSpaceFor(bool checkpoint) const
{
    return m_queue.size() < kQueueItems && (!checkpoint || m_numCheckpoints == 0);
}

void WriterThread::pushEvent(RunEventItem item)
{
    const bool checkpoint = std::holds_alternative<CheckpointEvent>(item.event);
    {
        std::unique_lock lock(m_mutex);
        m_space.wait(lock, [&] { return m_neverBlock || hasSpaceFor(checkpoint); });
        if (!hasSpaceFor(checkpoint))
            return;
        m_urgent |= isUrgent(item.event);
        m_numCheckpoints += checkpoint;
        m_queue.emplace_back(std::move(item));
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
    const auto endsInEvaluation = [this] {
        const auto *item = m_queue.empty() ? nullptr : std::get_if<RunEventItem>(&m_queue.back());
        return item != nullptr && std::holds_alternative<EvaluationEvent>(item->event);
    };
    if (!m_queue.empty()) {
        m_wake.wait_for(lock, kGatherFor, isFull);
        // The step that an evaluation belongs to is on its way: the two should be seen together.
        if (endsInEvaluation())
            m_wake.wait_for(lock, kGatherFor, isFull);
    }
    const bool goOn = !m_stopping || !m_queue.empty();
    m_batch = std::exchange(m_queue, {});
    m_numCheckpoints = 0;
    m_urgent = false;
    lock.unlock();
    m_space.notify_all();
    return goOn;
}

void WriterThread::work()
{
    std::vector<RunEventItem> events;
    const auto writeGathered = [&] {
        if (!events.empty())
            writeEvents(std::exchange(events, {}));
    };
    while (!m_batch.empty()) {
        Item item = std::move(m_batch.front());
        m_batch.pop_front();
        if (auto *event = std::get_if<RunEventItem>(&item)) {
            const bool checkpoint = std::holds_alternative<CheckpointEvent>(event->event);
            if (!checkpoint) {
                events.push_back(std::move(*event));
                continue;
            }
            writeGathered();
            m_store->keepCheckpoint(std::move(*event));
            m_nextCheckpointTry = Clock::now();
            writeCheckpoints();
        } else {
            writeGathered();
            runTask(std::get<Task>(item));
        }
    }
    writeGathered();
}

void WriterThread::writeEvents(std::vector<RunEventItem> events)
{
    std::optional<Failure> failure;
    while ((failure = attempt(*m_store, [&] { m_store->write(events); })) && failure->mayPass) {
        if (!waitAfterFailure(failure->error)) {
            report(Error(fmt::format("{} events could not be saved: {}", events.size(), failure->error.what()),
                         failure->error.advice()));
            return;
        }
    }
    if (!failure) {
        m_pause = 0ms;
        m_lastReport.clear();
    } else if (events.size() == 1) {
        report(failure->error);
    } else {
        // One of them cannot be stored, ever: the others can.
        for (RunEventItem &event : events)
            writeEvents({std::move(event)});
    }
}

void WriterThread::writeCheckpoints()
{
    if (!m_store->hasUnwrittenCheckpoints() || Clock::now() < m_nextCheckpointTry)
        return;
    if (const auto failure = attempt(*m_store, [&] { m_store->writeCheckpoints(); })) {
        report(
            Error(fmt::format("A checkpoint could not be saved: {}", failure->error.what()), failure->error.advice()));
        m_nextCheckpointTry = Clock::now() + kCheckpointPause;
    }
}

void WriterThread::runTask(const Task &task)
{
    const auto failure = attempt(*m_store, [&] { task.command(*m_store); });
    if (!task.done) {
        if (failure)
            report(failure->error);
    } else if (failure) {
        task.done->set_exception(std::make_exception_ptr(failure->error));
    } else {
        task.done->set_value();
    }
}

void WriterThread::beat()
{
    if (Clock::now() < m_nextBeat)
        return;
    m_nextBeat = Clock::now() + kBeatEvery;
    if (const auto failure = attempt(*m_store, [&] { m_store->beat(); }))
        report(failure->error);
}

void WriterThread::close()
{
    m_nextCheckpointTry = Clock::now();
    writeCheckpoints();
    if (const auto failure = attempt(*m_store, [&] { m_store->closeOwnRuns(); }))
        report(failure->error);
    m_store.reset();
}

// Until the next try is due, or somebody waits for it. False when the program ends and has waited long enough.
bool WriterThread::waitAfterFailure(const Error &failure)
{
    report(failure);
    failWaitingTasks(m_batch, failure);
    m_pause = std::clamp<std::chrono::milliseconds>(m_pause * 2, kShortestPause, kLongestPause);

    std::unique_lock lock(m_mutex);
    failWaitingTasks(m_queue, failure);
    const auto isAwaited = [](const Item &item) {
        const auto *task = std::get_if<Task>(&item);
        return task != nullptr && task->done;
    };
    if (!m_stopping)
        m_wake.wait_for(lock, m_pause,
                        [&] { return m_stopping || std::any_of(m_queue.begin(), m_queue.end(), isAwaited); });
    else if (Clock::now() < m_giveUpAt)
        m_wake.wait_for(lock, kShortestPause);
    else
        return false;
    return true;
}

// Nobody should wait for a disk that is full.
void WriterThread::failWaitingTasks(std::deque<Item> &items, const Error &failure)
{
    std::erase_if(items, [&](const Item &item) {
        const auto *task = std::get_if<Task>(&item);
        if (task == nullptr || !task->done)
            return false;
        task->done->set_exception(std::make_exception_ptr(failure));
        return true;
    });
}

void WriterThread::report(const Error &failure)
{
    const std::string text =
        failure.advice().empty() ? failure.what() : fmt::format("{}. {}", failure.what(), failure.advice());
    if (text == m_lastReport)
        return;
    m_lastReport = text;
    std::function<void(const std::string &)> handler;
    {
        const std::lock_guard lock(m_mutex);
        handler = m_failureHandler;
    }
    if (handler)
        handler(text);
}

} // namespace krater
