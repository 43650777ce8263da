// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/store/database.h"
#include "core/store/process_identity.h"
#include "core/store/run_curves.h"

#include <filesystem>
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace krater {

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
    // A checkpoint waits here until it could be written; a newer one of the same run takes its place.
    void keepCheckpoint(RunEventItem item) { m_checkpoints.insert_or_assign(item.run, std::move(item)); }
    bool hasUnwrittenCheckpoints() const { return !m_checkpoints.empty(); }
    // The file first, then its row and its message, durable with all points before; then files that are no longer
    // kept are removed.
    void writeCheckpoints();

    RunId createRun(const RunRecord &record);
    void prepareResume(RunId run, std::uint64_t step);
    void setRunFacts(RunId run, const LanguageModelInfo &model, const std::string &corpusHash,
                     const std::vector<double> &domainTokens);
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
    };

    OpenRun &openRun(RunId run);
    void writeCheckpoint(const RunEventItem &item);
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
    std::map<RunId, OpenRun> m_runs;
    std::map<RunId, RunEventItem> m_checkpoints;
    std::set<RunId> m_active; // runs that this writer made or resumed and that have not ended
};

} // namespace krater
