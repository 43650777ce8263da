// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/store_writer.h"

#include "core/store/checkpoint.h"
#include "core/store/run_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <sys/stat.h>
#include <utility>

namespace krater {

namespace fs = std::filesystem;

namespace {

using SQLite::Transaction;
constexpr auto kImmediate = SQLite::TransactionBehavior::IMMEDIATE;

void requireNotActive(SQLite::Database &database, RunId run, const char *action)
{
    const RunOwner owner = ownerOf(database, run);
    if (!owner.isTraining())
        return;
    throw Error(fmt::format("Run {} cannot be {}: process {} on {} is training it", run, action, owner.writer.process,
                            owner.writer.host),
                "Stop it first. If that program was killed on another computer, try again in five minutes.");
}

} // namespace

FileIdentity identityOf(const fs::path &file)
{
    struct stat status = {};
    if (::stat(file.c_str(), &status) != 0)
        return {};
    return {status.st_dev, status.st_ino};
}

StoreWriter::StoreWriter(const fs::path &file)
    : m_file(file)
    , m_connection(openForWriting(file))
    , m_database(m_connection.database)
    , m_self(ownProcess())
    , m_identity(identityOf(file))
{
    storeCall(file, [this] { markInterrupted(); });
}

StoreWriter::OpenRun &StoreWriter::openRun(RunId run)
{
    const auto place = m_runs.find(run);
    if (place != m_runs.end())
        return place->second;
    ownerOf(m_database, run); // throws when it was deleted for good
    return m_runs.try_emplace(run, m_database, run).first->second;
}

void StoreWriter::write(std::span<const RunEventItem> items)
{
    Transaction transaction(m_database, kImmediate);
    for (const RunEventItem &item : items)
        apply(item);
    saveProgress();
    transaction.commit();
    committed();
    for (const RunEventItem &item : items) {
        if (const auto *state = std::get_if<StateEvent>(&item.event); state != nullptr && !isActive(state->state)) {
            m_active.erase(item.run);
            m_runs.erase(item.run); // another process may resume it
        }
    }
}

// What may be done only once a transaction holds.
void StoreWriter::committed()
{
    for (auto &[id, run] : m_runs) {
        if (run.lastEvent > 0)
            m_lastEvents[id] = run.lastEvent;
        const auto kept = std::exchange(run.kept, std::nullopt);
        if (!kept)
            continue;
        m_rewinds.erase(id);
        removeCheckpointFiles(id, *kept);
    }
}

void StoreWriter::apply(const RunEventItem &item)
{
    if (const auto rewind = m_rewinds.find(item.run);
        rewind != m_rewinds.end() && !std::holds_alternative<StateEvent>(item.event)) {
        if (OpenRun &run = openRun(item.run); !run.kept)
            this->rewind(item.run, run, rewind->second);
    }
    const auto advance = [&](const auto &event) {
        OpenRun &run = openRun(item.run);
        run.curves.add(event);
        run.step = event.step;
        run.tokens = event.tokens;
        run.seconds = event.seconds;
        run.advanced = true;
    };
    if (const auto *step = std::get_if<StepEvent>(&item.event))
        advance(*step);
    else if (const auto *evaluation = std::get_if<EvaluationEvent>(&item.event))
        advance(*evaluation);
    else if (const auto *message = std::get_if<MessageEvent>(&item.event))
        openRun(item.run).lastEvent = insertEvent(m_database, item.run, *message, item.timeMs);
    else if (const auto *state = std::get_if<StateEvent>(&item.event))
        applyState(item.run, *state, item.timeMs);
}

void StoreWriter::applyState(RunId run, const StateEvent &event, std::int64_t timeMs)
{
    const bool active = isActive(event.state);
    updateState(m_database, run, event.state, event.message, active ? 0 : timeMs);
    if (!active)
        openRun(run).curves.fold();
}

void StoreWriter::saveProgress()
{
    SQLite::Statement update(m_database,
                             "UPDATE runs SET step = ?, tokens = ?, seconds = ?, updated_ms = ? WHERE id = ?");
    for (auto &[id, run] : m_runs) {
        if (!std::exchange(run.advanced, false))
            continue;
        run.curves.saveSummaries();
        update.reset();
        SQLite::bind(update, std::int64_t(run.step), std::int64_t(run.tokens), run.seconds, nowMs(), id);
        update.exec();
    }
}

RunId StoreWriter::createRun(const RunRecord &record, const std::string &planToml)
{
    Transaction transaction(m_database, kImmediate);
    const RunId run = insertRun(m_database, record, m_self);
    if (record.plan)
        joinPlan(m_database, run, *record.plan, planToml);
    transaction.commit();
    if (isActive(record.state))
        m_active.insert(run);
    return run;
}

void StoreWriter::prepareResume(RunId run, const TrainerSnapshot *from, const std::vector<std::string> &overrides)
{
    m_runs.erase(run);
    Transaction transaction(m_database, kImmediate);
    requireNotActive(m_database, run, "resumed");
    updateState(m_database, run, RunState::Preparing, {}, 0);
    updateOwner(m_database, run, m_self);
    transaction.commit();
    m_active.insert(run);
    m_checkpoints.erase({run, false}); // of the run as it was
    m_checkpoints.erase({run, true});
    Rewind rewind{std::nullopt, 0, overrides};
    if (from != nullptr) {
        rewind.step = from->step;
        rewind.lastEvent = from->lastEvent;
    }
    m_lastEvents[run] = rewind.lastEvent;
    m_rewinds.insert_or_assign(run, std::move(rewind));
}

// Back to what the checkpoint knows. That a checkpoint was saved is told after it, so its own line stays.
void StoreWriter::rewind(RunId run, OpenRun &opened, const Rewind &to)
{
    opened.curves.removeAfter(to.step);
    const std::int64_t step = to.step ? std::int64_t(*to.step) : -1;
    SQLite::Statement events(m_database, R"sql(
        DELETE FROM events WHERE run = ?1 AND (step > ?2 OR sequence > ?3) AND NOT (kind = 'checkpoint' AND step <= ?2))sql");
    SQLite::bind(events, run, step, to.lastEvent);
    events.exec();
    SQLite::Statement checkpoints(m_database, "DELETE FROM checkpoints WHERE run = ? AND step > ?");
    SQLite::bind(checkpoints, run, step);
    checkpoints.exec();
    SQLite::Statement progress(m_database, R"sql(
        UPDATE runs SET step = ?1, overrides = ?2,
            tokens = coalesce((SELECT last FROM curves WHERE run = ?3 AND metric = 'clock.tokens'), 0),
            seconds = coalesce((SELECT last FROM curves WHERE run = ?3 AND metric = 'clock.seconds'), 0)
        WHERE id = ?3)sql");
    SQLite::bind(progress, std::max<std::int64_t>(step, 0), tagsToJson(to.overrides), run);
    progress.exec();
    opened.kept = keptCheckpoints(run);
}

void StoreWriter::setRunFacts(RunId run, const LanguageModelInfo &model, const CorpusFacts &corpus)
{
    Transaction transaction(m_database, kImmediate);
    const auto rewind = m_rewinds.find(run);
    const bool goesOn = rewind != m_rewinds.end() && rewind->second.step.has_value();
    if (!goesOn) // else they are those of its first steps, and its log tells what is different now
        updateFacts(m_database, run, model, corpus);
    transaction.commit();
}

void StoreWriter::setText(RunId run, const char *column, const std::string &text)
{
    updateText(m_database, run, column, text);
}

void StoreWriter::setDeleted(RunId run, bool deleted)
{
    Transaction transaction(m_database, kImmediate);
    if (deleted)
        requireNotActive(m_database, run, "deleted");
    updateText(m_database, run, "deleted", deleted ? "1" : "0");
    transaction.commit();
}

void StoreWriter::emptyBin()
{
    std::vector<RunId> runs;
    {
        Transaction transaction(m_database, kImmediate);
        SQLite::Statement rows(m_database, "SELECT id FROM runs WHERE deleted");
        while (rows.executeStep())
            runs.push_back(rows.getColumn(0).getInt64());
        std::erase_if(runs, [this](RunId run) {
            const RunOwner owner = ownerOf(m_database, run);
            return owner.isTraining();
        });
        SQLite::Statement remove(m_database, "DELETE FROM runs WHERE id = ?");
        for (const RunId run : runs) {
            remove.reset();
            remove.bind(1, run);
            remove.exec();
        }
        m_database.exec("DELETE FROM plans WHERE id NOT IN (SELECT plan FROM runs WHERE plan IS NOT NULL)");
        transaction.commit();
    }
    for (const RunId run : runs) {
        m_runs.erase(run);
        const fs::path folder = checkpointFile(m_file, run, 0).parent_path();
        std::error_code failure;
        fs::remove_all(folder, failure);
        if (failure) {
            throw Error(fmt::format("Cannot remove the checkpoints of run {} in {}: {}", run, folder.string(),
                                    failure.message()),
                        "The run itself is gone; remove the folder by hand.");
        }
    }
    m_database.exec("PRAGMA incremental_vacuum");
}

void StoreWriter::markInterrupted()
{
    std::vector<RunId> candidates;
    SQLite::Statement rows(
        m_database, "SELECT id FROM runs WHERE state IN ('Preparing', 'Running', 'Pausing', 'Paused', 'Stopping')");
    while (rows.executeStep())
        candidates.push_back(rows.getColumn(0).getInt64());
    std::erase_if(candidates, [&](RunId run) { return !ownerOf(m_database, run).isAbandoned(); });
    if (candidates.empty())
        return;

    Transaction transaction(m_database, kImmediate);
    for (const RunId run : candidates) {
        const RunOwner owner = ownerOf(m_database, run); // again: another program may have been here
        if (owner.isAbandoned())
            interrupt(run, owner.updatedMs, kProgramEnded);
    }
    transaction.commit();
}

void StoreWriter::closeOwnRuns()
{
    if (m_active.empty())
        return;
    Transaction transaction(m_database, kImmediate);
    for (const RunId run : m_active)
        interrupt(run, nowMs(), "The store was closed while this run was active");
    transaction.commit();
    m_active.clear();
}

void StoreWriter::interrupt(RunId run, std::int64_t timeMs, const std::string &text)
{
    SQLite::Statement step(m_database, "SELECT step FROM runs WHERE id = ?");
    step.bind(1, run);
    if (!step.executeStep())
        return;
    updateState(m_database, run, RunState::Interrupted, text, timeMs);
    insertEvent(m_database, run, {MessageEvent::Kind::Warning, unsignedColumn(step, 0), text}, timeMs);
}

// SQLite goes on writing a file that was deleted, without a word.
void StoreWriter::requireFile() const
{
    if (identityOf(m_file) == m_identity)
        return;
    throw Error(fmt::format("The store {} was deleted or replaced while it is in use; what is written now is lost when "
                            "this program ends",
                            m_file.string()),
                "Stop the runs, put the file back from a copy if there is one, and start Krater again.");
}

void StoreWriter::beat()
{
    requireFile();
    markInterrupted();
    SQLite::Statement update(m_database, "UPDATE runs SET updated_ms = ? WHERE id = ?");
    for (const RunId run : m_active) {
        update.reset();
        SQLite::bind(update, nowMs(), run);
        update.exec();
    }
}

} // namespace krater
