// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/corpus/corpus_facts.h"
#include "core/store/database.h"
#include "core/store/process_identity.h"
#include "core/store/run_curves.h"

#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace krater {

// Which file a path names: another one after it was deleted or replaced.
struct FileIdentity {
    std::uint64_t device = 0, inode = 0; // 0: there is none

    bool operator==(const FileIdentity &) const = default;
};
FileIdentity identityOf(const std::filesystem::path &file);

// An event on its way to the store, with the time at which it was sent.
struct RunEventItem {
    RunId run = 0;
    RunEvent event;
    std::int64_t timeMs = 0;
};

// What the writer's thread does to the store. Every method is one transaction: it is all there, or nothing of it
// and an exception (SQLite's own or Error). After an exception forget() must be called, then the same call may be
// tried again. One thread.
class StoreWriter {
public:
    explicit StoreWriter(const std::filesystem::path &file); // throws Error

    const std::filesystem::path &file() const { return m_file; }
    const std::string &notice() const { return m_connection.notice; }

    void write(std::span<const RunEventItem> items); // all but CheckpointEvents
    // A checkpoint waits here until it could be written; a newer one of the same run takes its place, but the best one
    // goes only for a better one.
    void keepCheckpoint(RunEventItem item);
    bool hasUnwrittenCheckpoints() const { return !m_checkpoints.empty(); }
    // The file first, then its row and its message, durable with all points before; then files that are no longer
    // kept are removed.
    void writeCheckpoints();
    std::vector<std::pair<RunId, CheckpointSavedEvent>> takeSaved() { return std::exchange(m_saved, {}); }

    RunId createRun(const RunRecord &record, const std::string &planToml);
    // Makes the run this process's. What it holds beyond `from` goes when the run speaks again, not before: until then
    // it may turn out that it cannot go on.
    void prepareResume(RunId run, const TrainerSnapshot *from, const std::vector<std::string> &overrides);
    void setRunFacts(RunId run, const LanguageModelInfo &model, const CorpusFacts &corpus);
    void setText(RunId run, const char *column, const std::string &text);
    void setDeleted(RunId run, bool deleted);
    void emptyBin();

    // Runs that are active although nobody writes them any more: their process is gone, or (when this writer
    // closes) it was this one.
    void markInterrupted();
    void closeOwnRuns();
    // Every half minute: says that this writer's runs are alive, for programs on other computers, and looks after the
    // runs of others on this one.
    void beat();

    void forget() { m_runs.clear(); }

private:
    struct OpenRun {
        OpenRun(SQLite::Database &database, RunId run) : curves(database, run) { }

        RunCurves curves;
        std::uint64_t step = 0, tokens = 0;
        double seconds = 0;
        bool advanced = false;
        std::int64_t lastEvent = 0; // sequence of the last one in this transaction
        std::optional<std::vector<std::uint64_t>> kept; // checkpoints, if it was rewound in this transaction
    };
    struct Rewind {
        std::optional<std::uint64_t> step; // empty: before the first
        std::int64_t lastEvent = 0;
        std::vector<std::string> overrides;
    };
    struct WaitingCheckpoint {
        RunEventItem item;
        std::int64_t lastEvent = 0; // sequence of the run's last event before it
    };

    OpenRun &openRun(RunId run);
    void rewind(RunId run, OpenRun &opened, const Rewind &to);
    void committed();
    void requireFile() const;
    void writeCheckpoint(const WaitingCheckpoint &checkpoint);
    void apply(const RunEventItem &item);
    void applyState(RunId run, const StateEvent &event, std::int64_t timeMs);
    void saveProgress();
    void interrupt(RunId run, std::int64_t timeMs, const std::string &text);
    std::vector<std::uint64_t> keptCheckpoints(RunId run);
    void removeCheckpointFiles(RunId run, const std::vector<std::uint64_t> &keep);

    std::filesystem::path m_file;
    StoreConnection m_connection;
    SQLite::Database &m_database;
    ProcessIdentity m_self;
    FileIdentity m_identity;
    std::map<RunId, OpenRun> m_runs;
    std::map<RunId, Rewind> m_rewinds;          // of runs that were resumed and have not spoken yet
    std::map<RunId, std::int64_t> m_lastEvents; // committed
    std::map<std::pair<RunId, bool>, WaitingCheckpoint> m_checkpoints; // by run and whether it is the best
    std::vector<std::pair<RunId, CheckpointSavedEvent>> m_saved;
    std::set<RunId> m_active; // runs that this writer made or resumed and that have not ended
};

} // namespace krater
