// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/store/run_record.h"

#include <functional>
#include <memory>

namespace krater {

// The single writer of a store file in this process: one std::jthread with the only writing connection and a bounded queue. Other processes may write the
// same file at the same time (WAL, busy_timeout). Methods may be called from any thread; those that return a value wait for the thread.
//
// Opening creates the file and its folder, migrates an older file after copying it, runs quick_check, and marks runs that are still "active" although their
// process is gone as Interrupted. Throws Error with advice: corrupt, newer than this program, read-only, locked, disk full, network file system.
class RunWriter {
public:
    explicit RunWriter(const std::filesystem::path &file);
    ~RunWriter(); // drains the queue, commits, joins
    RunWriter(const RunWriter &) = delete;
    RunWriter &operator=(const RunWriter &) = delete;

    const std::filesystem::path &file() const;

    RunId createRun(const RunRecord &record); // id, createdMs, host, process are filled in; see newRunRecord()
    // Points after `step` are removed, the run is made active again for this process.
    void prepareResume(RunId run, std::uint64_t step);
    // The observer that stores this run's events; valid as long as the writer. Blocks while the queue is full: nothing is dropped.
    RunObserver &observerFor(RunId run);
    // What the engine and corpus turned out to be, once known.
    void setRunFacts(RunId run, const LanguageModelInfo &model, const std::string &corpusHash, const std::vector<double> &domainTokens);

    void rename(RunId run, const std::string &name);
    void setNotes(RunId run, const std::string &notes);
    void setTags(RunId run, const std::vector<std::string> &tags);
    void setDeleted(RunId run, bool deleted); // into or out of the bin
    void emptyBin();                          // runs in the bin, their curves and checkpoint files, for good

    void flush(); // returns when everything given so far is committed
    // Called on the writer's thread when writing fails (disk full, file gone). Points wait in memory and are tried again; after a bounded time the
    // observer blocks. Set before the first run.
    void onFailure(std::function<void(const std::string &message)> handler);

private:
    class Thread;
    std::unique_ptr<Thread> m_thread;
};

} // namespace krater
