// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/store/store_writer.h"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <thread>
#include <variant>
#include <vector>

namespace krater {

// The thread behind RunWriter: a bounded queue of events and commands, worked off in order. Events are gathered and
// committed in batches; a batch that fails for a reason that may pass (disk full, locked) stays and is tried again
// with growing pauses. A checkpoint that cannot be written waits aside, so that it does not hold up the points.
// Public methods may be called from any thread.
class WriterThread {
public:
    using Command = std::function<void(StoreWriter &)>;

    explicit WriterThread(const std::filesystem::path &file); // throws Error
    ~WriterThread();
    WriterThread(const WriterThread &) = delete;
    WriterThread &operator=(const WriterThread &) = delete;

    const std::filesystem::path &file() const { return m_file; }
    const std::string &notice() const { return m_notice; }

    void execute(Command command); // waits; throws what the command throws, as Error
    void post(Command command);    // its failure goes to the handler
    RunObserver &observerFor(RunId run);
    void stopWaiting();
    void onFailure(std::function<void(const std::string &)> handler);
    void onCheckpointSaved(std::function<void(RunId, const CheckpointSavedEvent &)> handler);
    void forgetLoss(RunId run); // it goes back to before it

private:
    class Observer;
    struct Task {
        Command command;
        std::shared_ptr<std::promise<void>> done; // null when nobody waits
    };
    using Item = std::variant<RunEventItem, Task>;
    using Clock = std::chrono::steady_clock;

    static constexpr std::chrono::seconds kBeatEvery{30};

    void pushEvents(std::vector<RunEventItem> items);
    void pushTask(Task task);
    bool hasSpaceFor(bool checkpoint) const;
    void noteLoss(const std::vector<RunEventItem> &items);

    // The thread's own.
    void run();
    bool takeItems();
    void work();
    void writeEvents(std::vector<RunEventItem> events);
    void keepCheckpoint(RunEventItem item);
    void writeCheckpoints();
    void runTask(const Task &task);
    void beat();
    void close();
    bool waitAfterFailure(const Error &failure);
    void failWaitingTasks(std::deque<Item> &items, const Error &failure);
    void report(const Error &failure);

    std::filesystem::path m_file;
    std::string m_notice;

    // Used by the thread only, once it runs.
    std::unique_ptr<StoreWriter> m_store;
    std::deque<Item> m_batch; // taken from the queue, in work
    std::chrono::milliseconds m_pause{0};
    Clock::time_point m_nextBeat, m_nextCheckpointTry;
    std::string m_lastReport;

    std::mutex m_mutex;              // guards what follows
    std::condition_variable m_wake;  // the thread waits for work
    std::condition_variable m_space; // observers wait for space
    std::deque<Item> m_queue;
    std::size_t m_numCheckpoints = 0; // in the queue and in work
    std::set<RunId> m_incomplete;     // runs that have lost a point
    bool m_urgent = false;
    bool m_stopping = false;
    Clock::time_point m_giveUpAt; // when stopping
    bool m_neverBlock = false;
    std::map<RunId, std::unique_ptr<Observer>> m_observers;
    std::function<void(const std::string &)> m_failureHandler;
    std::function<void(RunId, const CheckpointSavedEvent &)> m_checkpointHandler;

    std::jthread m_thread; // last: starts when all is there
};

} // namespace krater
