// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/config/stages.h"
#include "core/store/input_error.h"
#include "core/store/run_record.h"

#include <map>
#include <utility>
#include <variant>

namespace krater {

// The answer to a query: column names and rows of SQL values (monostate = NULL; blobs come as their size in words).
using SqlValue = std::variant<std::monostate, std::int64_t, double, std::string>;
struct QueryResult {
    std::vector<std::string> columns;
    std::vector<std::vector<SqlValue>> rows;
    bool truncated = false; // there were more rows
};

// Takes an answer row by row, of any length.
class QuerySink {
public:
    virtual ~QuerySink() = default;
    virtual void columns(const std::vector<std::string> &names) = 0; // once, first; none for a statement without rows
    virtual bool row(const std::vector<SqlValue> &values) = 0;       // false: no more
};

// Reads a store on a connection of its own (query_only). One thread at a time; make one per thread. All methods
// throw Error.
class RunReader {
public:
    explicit RunReader(const std::filesystem::path &file);
    ~RunReader();
    RunReader(const RunReader &) = delete;
    RunReader &operator=(const RunReader &) = delete;

    const std::filesystem::path &file() const;
    // What the user should know of the file (written by a newer Krater), empty if nothing.
    const std::string &notice() const;

    // Changes whenever any connection, in any process, has committed to the file: poll it cheaply.
    std::int64_t dataVersion();

    std::vector<RunRecord> runs(bool withDeleted = false); // newest first
    std::optional<RunRecord> run(RunId id);
    // The runs of a plan in order of their stages, those in the bin among them, and its frozen text (Error if there is none).
    std::vector<RunRecord> planRuns(RunId plan);
    std::string planToml(RunId plan);
    // The average and the final mixture of a run: what its policy came to. That is the target, or for a policy that weighs
    // the loss and draws by another mixture (DoReMi, DoGE) those weights. Empty before the first point.
    std::optional<StageResult> mixtures(const RunRecord &run);
    std::vector<MetricSummary> summaries(RunId id);
    std::map<RunId, std::vector<MetricSummary>> summaries(const std::string &metric); // of all runs, for tables

    // Points with step > afterStep (all when nullopt), in order of step.
    Curve curve(RunId id, const std::string &metric, int domain, std::optional<std::uint64_t> afterStep = {});
    std::vector<std::pair<std::string, int>> curveNames(RunId id); // (metric, domain)
    // (step, tokens, seconds) of every stored step, for x axes.
    struct StepClock { std::uint64_t step = 0; std::uint64_t tokens = 0; double seconds = 0; };
    std::vector<StepClock> clock(RunId id, std::optional<std::uint64_t> afterStep = {});

    std::vector<StoredEvent> events(RunId id, std::int64_t afterSequence = 0);
    std::vector<StoredCheckpoint> checkpoints(RunId id);    // in order of step; only files that exist
    std::vector<StoredCheckpoint> checkpointRows(RunId id); // also those whose file is missing

    // One read-only SQL statement, with the table `points(run, metric, domain, step, tokens, seconds, value)`
    // besides the store's own; `domain` is the name or NULL. Error after five minutes (not counting the sink's), and
    // InputError for what is not one statement that only reads this store.
    void query(const std::string &sql, QuerySink &sink);
    QueryResult query(const std::string &sql, std::size_t maxRows); // ends after so many rows

private:
    class Connection;
    std::unique_ptr<Connection> m_connection;
};

} // namespace krater
