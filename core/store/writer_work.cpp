// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The part of WriterThread that works the queue off.
#include "core/store/writer_thread.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <new>
#include <optional>
#include <utility>

namespace krater {

namespace {

using namespace std::chrono_literals;

constexpr auto kShortestPause = 250ms, kLongestPause = 4000ms; // between tries while writing fails
constexpr auto kCheckpointPause = 5s;

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

} // namespace

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
            if (!std::holds_alternative<CheckpointEvent>(event->event)) {
                events.push_back(std::move(*event));
                continue;
            }
            writeGathered();
            keepCheckpoint(std::move(*event));
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
            const std::lock_guard lock(m_mutex);
            noteLoss(events);
            return;
        }
    }
    if (!failure) {
        m_pause = 0ms;
        m_lastReport.clear();
    } else if (events.size() == 1) {
        report(failure->error);
        const std::lock_guard lock(m_mutex);
        noteLoss(events);
    } else {
        // One of them cannot be stored, ever: the others can.
        for (RunEventItem &event : events)
            writeEvents({std::move(event)});
    }
}

// A run that goes on from a checkpoint keeps the points before it: there must be no hole in them.
void WriterThread::keepCheckpoint(RunEventItem item)
{
    const RunId run = item.run;
    const auto isIncomplete = [&] {
        const std::lock_guard lock(m_mutex);
        return m_incomplete.contains(run);
    };
    if (isIncomplete()) {
        report(Error(fmt::format("Run {} gets no checkpoint any more: points before it could not be saved", run),
                     "Stop and resume it when the store can be written: it goes on from its last checkpoint."));
    } else {
        m_store->keepCheckpoint(std::move(item));
        m_nextCheckpointTry = Clock::now();
        writeCheckpoints();
    }
    {
        const std::lock_guard lock(m_mutex);
        --m_numCheckpoints;
    }
    m_space.notify_all();
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
    std::function<void(RunId, const CheckpointSavedEvent &)> handler;
    {
        const std::lock_guard lock(m_mutex);
        handler = m_checkpointHandler;
    }
    for (const auto &[run, saved] : m_store->takeSaved()) {
        if (handler)
            handler(run, saved);
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
