// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/corpus/corpus_facts.h"
#include "core/store/run_record.h"

#include <functional>
#include <memory>

namespace krater {

class WriterThread;

// The single writer of a store file in this process: one std::jthread with the only writing connection and a
// bounded queue. Other processes may write the same file at the same time (WAL, busy_timeout). Methods may be
// called from any thread. createRun, prepareResume and flush wait for the thread and throw Error; the others return
// at once, and what goes wrong with them goes to onFailure.
//
// Events are gathered for up to 250 ms and committed together. Opening creates the file and its folder, migrates an
// older file after copying it, runs quick_check, and marks runs that are still "active" although their process is
// gone as Interrupted. Throws Error with advice: corrupt, newer than this program, read-only, locked, disk full.
class RunWriter {
public:
    explicit RunWriter(const std::filesystem::path &file);
    ~RunWriter(); // drains the queue, commits, joins; gives up after some seconds if the store cannot be written
    RunWriter(const RunWriter &) = delete;
    RunWriter &operator=(const RunWriter &) = delete;

    const std::filesystem::path &file() const;
    // What the user should know of the file (a network file system), empty if nothing.
    const std::string &notice() const;

    // id, createdMs, host, process are filled in; see newRunRecord(). The first run of a plan stores the plan, too: its
    // frozen text. Throws Error when its stage of the plan has a run already.
    RunId createRun(const RunRecord &record, const std::string &planToml = {});
    // Makes the run active again for this process, to go on from a checkpoint (empty: from its first step) with these
    // overrides of its frozen experiment. Throws Error when another process is training it. Points and events after
    // the checkpoint are removed when the run's first event but its states arrives, in the same transaction: a run that
    // cannot go on after all has lost nothing.
    void prepareResume(RunId run, std::shared_ptr<const TrainerSnapshot> from, std::vector<std::string> overrides = {});
    // The observer that stores this run's events; valid as long as the writer. Blocks while the queue is full:
    // nothing is dropped.
    RunObserver &observerFor(RunId run);
    // What the engine and corpus turned out to be, once known. A resumed run keeps those of its first steps.
    void setRunFacts(RunId run, const LanguageModelInfo &model, const CorpusFacts &corpus);

    void rename(RunId run, const std::string &name);
    void setNotes(RunId run, const std::string &notes);
    void setTags(RunId run, const std::vector<std::string> &tags);
    void setDeleted(RunId run, bool deleted); // into or out of the bin
    void emptyBin();                          // runs in the bin, their curves and checkpoint files, for good

    // Returns when everything given so far is committed; throws Error when that fails (points are kept and tried again).
    void flush();

    // For ending the program while the store cannot be written: from now on observers never block, what does not
    // fit into the queue is dropped. Without it a trainer that waits for the disk would keep the program from
    // ending. Call it before joining the trainer. A run that has lost a point gets no checkpoint any more: what it would
    // resume from has no holes.
    void stopWaiting();

    // Called on the writer's thread when writing fails (disk full, file gone), with message and advice in one text,
    // once per new problem. Points wait in memory and are tried again; when the queue is full the observer blocks.
    // Set before the first run.
    void onFailure(std::function<void(const std::string &message)> handler);
    // Likewise, when a checkpoint is on disk.
    void onCheckpointSaved(std::function<void(RunId run, const CheckpointSavedEvent &saved)> handler);

private:
    std::unique_ptr<WriterThread> m_thread;
};

} // namespace krater
