// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The part of StoreWriter that keeps checkpoint files and their rows together.
#include "core/store/store_writer.h"

#include "core/store/checkpoint.h"
#include "core/store/run_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>

namespace krater {

namespace fs = std::filesystem;

namespace {

// Commits that must survive a power failure, not only the end of the process: syncs the log, and with it all that
// was committed before.
class Durable {
public:
    explicit Durable(SQLite::Database &database) : m_database(database)
    {
        m_before = database.execAndGet("PRAGMA synchronous").getInt();
        database.exec("PRAGMA synchronous = FULL");
    }
    ~Durable() { m_database.tryExec(fmt::format("PRAGMA synchronous = {}", m_before)); }
    Durable(const Durable &) = delete;
    Durable &operator=(const Durable &) = delete;

private:
    SQLite::Database &m_database;
    int m_before = 1;
};

std::string sizeInWords(std::uint64_t bytes)
{
    constexpr double kMegabyte = 1e6;
    return bytes < 1'000'000 ? fmt::format("{:.1f} kB", double(bytes) / 1e3)
                             : fmt::format("{:.1f} MB", double(bytes) / kMegabyte);
}

void insertCheckpoint(SQLite::Database &database, RunId run, std::uint64_t step, std::uint64_t bytes, bool best)
{
    if (best) {
        SQLite::Statement demote(database, "UPDATE checkpoints SET best = 0 WHERE run = ?");
        demote.bind(1, run);
        demote.exec();
    }
    SQLite::Statement insert(
        database,
        "INSERT INTO checkpoints (run, step, bytes, best) VALUES (?, ?, ?, ?) "
        "ON CONFLICT (run, step) DO UPDATE SET bytes = excluded.bytes, best = max(best, excluded.best)");
    SQLite::bind(insert, run, std::int64_t(step), std::int64_t(bytes), best ? 1 : 0);
    insert.exec();
}

// The last k and the best stay.
void removeOldRows(SQLite::Database &database, RunId run)
{
    SQLite::Statement remove(database, R"sql(
        DELETE FROM checkpoints WHERE run = ?1 AND best = 0 AND step NOT IN (
            SELECT step FROM checkpoints WHERE run = ?1 ORDER BY step DESC
            LIMIT (SELECT max(keep_checkpoints, 1) FROM runs WHERE id = ?1)))sql");
    remove.bind(1, run);
    remove.exec();
}

} // namespace

void StoreWriter::writeCheckpoints()
{
    std::exception_ptr failure;
    for (auto place = m_checkpoints.begin(); place != m_checkpoints.end();) {
        try {
            writeCheckpoint(place->second);
            place = m_checkpoints.erase(place);
        } catch (...) {
            failure = std::current_exception();
            ++place; // those of other runs may succeed
        }
    }
    if (failure)
        std::rethrow_exception(failure);
}

void StoreWriter::keepCheckpoint(RunEventItem item)
{
    const RunId run = item.run;
    const bool best = std::get<CheckpointEvent>(item.event).best;
    const auto last = m_lastEvents.find(run);
    if (best)
        m_checkpoints.erase({run, false}); // older
    m_checkpoints.insert_or_assign({run, best},
                                   WaitingCheckpoint{std::move(item), last == m_lastEvents.end() ? 0 : last->second});
}

void StoreWriter::writeCheckpoint(const WaitingCheckpoint &checkpoint)
{
    const RunId run = checkpoint.item.run;
    const auto &event = std::get<CheckpointEvent>(checkpoint.item.event);
    const std::uint64_t step = event.snapshot->step;
    ownerOf(m_database, run); // throws when the run was deleted for good: no file then
    const fs::path file = checkpointFile(m_file, run, step);
    krater::writeCheckpoint(file, *event.snapshot, checkpoint.lastEvent);
    const std::uint64_t bytes = fs::file_size(file);

    const Durable durable(m_database);
    SQLite::Transaction transaction(m_database, SQLite::TransactionBehavior::IMMEDIATE);
    insertCheckpoint(m_database, run, step, bytes, event.best);
    removeOldRows(m_database, run);
    insertEvent(m_database, run, {MessageEvent::Kind::Checkpoint, step, "Checkpoint saved, " + sizeInWords(bytes)},
                checkpoint.item.timeMs);
    const std::vector<std::uint64_t> keep = keptCheckpoints(run);
    transaction.commit();
    m_saved.emplace_back(run, CheckpointSavedEvent{step, bytes, event.best, file.string()});
    removeCheckpointFiles(run, keep);
}

std::vector<std::uint64_t> StoreWriter::keptCheckpoints(RunId run)
{
    SQLite::Statement rows(m_database, "SELECT step FROM checkpoints WHERE run = ?");
    rows.bind(1, run);
    std::vector<std::uint64_t> steps;
    while (rows.executeStep())
        steps.push_back(unsignedColumn(rows, 0));
    return steps;
}

// Everything else in the run's folder goes: older files, and what a killed program left half written or without a row.
// Damaged files that were set aside stay: somebody may be able to rescue them.
void StoreWriter::removeCheckpointFiles(RunId run, const std::vector<std::uint64_t> &keep)
{
    std::error_code ignored; // a file that cannot be removed now is tried again after the next checkpoint
    std::vector<fs::path> kept;
    for (const std::uint64_t step : keep)
        kept.push_back(checkpointFile(m_file, run, step));
    for (const fs::directory_entry &entry :
         fs::directory_iterator(checkpointFile(m_file, run, 0).parent_path(), ignored)) {
        if (entry.path().extension() != kSetAside && std::find(kept.begin(), kept.end(), entry.path()) == kept.end())
            fs::remove(entry.path(), ignored);
    }
}

} // namespace krater
