// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/run_reader.h"

#include "core/store/checkpoint.h"
#include "core/store/curve_reader.h"
#include "core/store/database.h"
#include "core/store/query.h"
#include "core/store/run_mixtures.h"
#include "core/store/run_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace krater {

namespace fs = std::filesystem;

namespace {

constexpr const char *kSummaryColumns =
    "SELECT run, metric, domain, first, last, min, sum / count, count, last_step FROM curves "
    "WHERE metric NOT LIKE 'clock.%' AND count > 0";

MetricSummary summaryFrom(const SQLite::Statement &row)
{
    MetricSummary summary;
    summary.metric = row.getColumn(1).getString();
    summary.domain = row.getColumn(2).getInt();
    summary.first = row.getColumn(3).getDouble();
    summary.last = row.getColumn(4).getDouble();
    summary.min = row.getColumn(5).getDouble();
    summary.mean = row.isColumnNull(6) ? std::numeric_limits<double>::quiet_NaN() : row.getColumn(6).getDouble();
    summary.count = unsignedColumn(row, 7);
    summary.lastStep = unsignedColumn(row, 8);
    return summary;
}

std::uint64_t stepAfter(std::optional<std::uint64_t> step)
{
    return step ? std::min(*step, kLastStep) + 1 : 0;
}

class FirstRows : public QuerySink {
public:
    explicit FirstRows(std::size_t maxRows) : m_maxRows(maxRows) { }

    void columns(const std::vector<std::string> &names) override { result.columns = names; }
    bool row(const std::vector<SqlValue> &values) override
    {
        result.truncated = result.rows.size() == m_maxRows;
        if (!result.truncated)
            result.rows.push_back(values);
        return !result.truncated;
    }

    QueryResult result;

private:
    std::size_t m_maxRows;
};

} // namespace

class RunReader::Connection {
public:
    explicit Connection(const fs::path &path)
        : file(path)
        , store(openForReading(path))
        , curves(store.database)
        , dataVersion(store.database, "PRAGMA data_version")
    {
    }

    // All of `work` sees the store as it is at one moment.
    template<typename Work>
    auto read(Work &&work)
    {
        return storeCall(file, [&] {
            SQLite::Transaction transaction(store.database);
            return work(store.database);
        });
    }

    fs::path file;
    StoreConnection store;
    CurveReader curves;
    SQLite::Statement dataVersion;
};

RunReader::RunReader(const fs::path &file)
{
    m_connection = storeCall(file, [&] { return std::make_unique<Connection>(file); });
}

RunReader::~RunReader() = default;

const std::string &RunReader::notice() const
{
    return m_connection->store.notice;
}

std::int64_t RunReader::dataVersion()
{
    return storeCall(m_connection->file, [this] {
        SQLite::Statement &statement = m_connection->dataVersion;
        statement.reset();
        statement.executeStep();
        const std::int64_t version = statement.getColumn(0).getInt64();
        statement.reset();
        return version;
    });
}

std::vector<RunRecord> RunReader::runs(bool withDeleted)
{
    return m_connection->read(
        [&](SQLite::Database &database) { return selectRuns(database, std::nullopt, withDeleted); });
}

std::optional<RunRecord> RunReader::run(RunId id)
{
    return m_connection->read([&](SQLite::Database &database) -> std::optional<RunRecord> {
        std::vector<RunRecord> found = selectRuns(database, id, true);
        if (found.empty())
            return std::nullopt;
        return std::move(found.front());
    });
}

std::vector<RunRecord> RunReader::planRuns(RunId plan)
{
    return m_connection->read([&](SQLite::Database &database) {
        std::vector<RunRecord> runs;
        for (const RunId id : selectPlanRuns(database, plan))
            runs.push_back(std::move(selectRuns(database, id, true).front()));
        return runs;
    });
}

std::string RunReader::planToml(RunId plan)
{
    const std::optional<std::string> toml =
        m_connection->read([&](SQLite::Database &database) { return selectPlan(database, plan); });
    if (!toml)
        throw Error(fmt::format("There is no plan {} in the store", plan), "`krater-cli list` shows the runs.");
    return *toml;
}

std::optional<StageResult> RunReader::mixtures(const RunRecord &run)
{
    StageResult result = runMixtures(summaries(run.id), run.domains.size());
    const auto isComplete = [](const std::vector<double> &mixture) { return std::ranges::none_of(mixture, [](double share) { return std::isnan(share); }); };
    if (run.domains.empty() || !isComplete(result.averageMixture) || !isComplete(result.finalMixture))
        return std::nullopt;
    return result;
}

std::vector<MetricSummary> RunReader::summaries(RunId id)
{
    return m_connection->read([&](SQLite::Database &database) {
        SQLite::Statement rows(database, std::string(kSummaryColumns) + " AND run = ? ORDER BY metric, domain");
        rows.bind(1, id);
        std::vector<MetricSummary> summaries;
        while (rows.executeStep())
            summaries.push_back(summaryFrom(rows));
        return summaries;
    });
}

std::map<RunId, std::vector<MetricSummary>> RunReader::summaries(const std::string &metric)
{
    return m_connection->read([&](SQLite::Database &database) {
        SQLite::Statement rows(database, std::string(kSummaryColumns) + " AND metric = ? ORDER BY run, domain");
        rows.bind(1, metric);
        std::map<RunId, std::vector<MetricSummary>> summaries;
        while (rows.executeStep())
            summaries[rows.getColumn(0).getInt64()].push_back(summaryFrom(rows));
        return summaries;
    });
}

Curve RunReader::curve(RunId id, const std::string &metric, int domain, std::optional<std::uint64_t> afterStep)
{
    return m_connection->read([&](SQLite::Database &) {
        CurveReader &curves = m_connection->curves;
        const auto curve = curves.find(id, metric, domain);
        return curve ? curves.read(id, *curve, stepAfter(afterStep)) : Curve();
    });
}

std::vector<std::pair<std::string, int>> RunReader::curveNames(RunId id)
{
    std::vector<std::pair<std::string, int>> names;
    for (const MetricSummary &summary : summaries(id))
        names.emplace_back(summary.metric, summary.domain);
    return names;
}

std::vector<RunReader::StepClock> RunReader::clock(RunId id, std::optional<std::uint64_t> afterStep)
{
    return m_connection->read([&](SQLite::Database &) {
        const std::vector<ClockPoint> points = readClock(m_connection->curves, id, stepAfter(afterStep), kLastStep);
        std::vector<StepClock> clock;
        clock.reserve(points.size());
        for (const ClockPoint &point : points)
            clock.push_back({point.step, point.tokens, point.seconds});
        return clock;
    });
}

std::vector<StoredEvent> RunReader::events(RunId id, std::int64_t afterSequence)
{
    return m_connection->read([&](SQLite::Database &database) { return selectEvents(database, id, afterSequence); });
}

const fs::path &RunReader::file() const
{
    return m_connection->file;
}

std::vector<StoredCheckpoint> RunReader::checkpoints(RunId id)
{
    std::vector<StoredCheckpoint> checkpoints = checkpointRows(id);
    std::erase_if(checkpoints, [](const StoredCheckpoint &checkpoint) {
        std::error_code failure;
        return !fs::is_regular_file(checkpoint.file, failure);
    });
    return checkpoints;
}

std::vector<StoredCheckpoint> RunReader::checkpointRows(RunId id)
{
    return m_connection->read([&](SQLite::Database &database) {
        SQLite::Statement rows(database, "SELECT step, bytes, best FROM checkpoints WHERE run = ? ORDER BY step");
        rows.bind(1, id);
        std::vector<StoredCheckpoint> checkpoints;
        while (rows.executeStep()) {
            StoredCheckpoint checkpoint;
            checkpoint.step = unsignedColumn(rows, 0);
            checkpoint.file = checkpointFile(m_connection->file, id, checkpoint.step);
            checkpoint.bytes = unsignedColumn(rows, 1);
            checkpoint.best = rows.getColumn(2).getInt() != 0;
            checkpoints.push_back(std::move(checkpoint));
        }
        return checkpoints;
    });
}

void RunReader::query(const std::string &sql, QuerySink &sink)
{
    runQuery(m_connection->file, sql, sink);
}

QueryResult RunReader::query(const std::string &sql, std::size_t maxRows)
{
    FirstRows rows(maxRows);
    runQuery(m_connection->file, sql, rows);
    return rows.result;
}

} // namespace krater
