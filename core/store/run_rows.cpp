// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/run_rows.h"

#include "core/base/error.h"
#include "core/base/version.h"
#include "core/store/database.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <map>

namespace krater {

namespace {

std::vector<std::string> tagsFromJson(const std::string &text)
{
    const nlohmann::json tags = nlohmann::json::parse(text, nullptr, false);
    std::vector<std::string> result;
    if (tags.is_array()) {
        for (const nlohmann::json &tag : tags) {
            if (tag.is_string())
                result.push_back(tag.get<std::string>());
        }
    }
    return result;
}

std::vector<double> mixtureFromJson(const std::string &text)
{
    const nlohmann::json mixture = nlohmann::json::parse(text, nullptr, false);
    const auto isNumber = [](const nlohmann::json &weight) { return weight.is_number(); };
    if (!mixture.is_array() || !std::ranges::all_of(mixture, isNumber))
        return {};
    return mixture.get<std::vector<double>>();
}

constexpr const char *kRunColumns = R"sql(
    r.id, r.name, r.role, r.parent, r.state, r.message, r.policy, e.toml, r.experiment_file, r.seed,
    r.program_version, r.git_commit, r.engine, r.device, r.precision, r.host, r.parameters, r.corpus_hash,
    r.step, r.num_steps, r.tokens, r.token_budget, r.seconds, r.created_ms, r.finished_ms, r.process,
    r.keep_checkpoints, r.notes, r.tags, r.deleted, r.overrides, r.process_start, r.updated_ms,
    r.plan, r.stage, p.num_stages, r.stage_name)sql";

// As the writer will mark it; a store that cannot be written must not show a dead run as running.
void markAbandoned(RunRecord &run, std::int64_t lastWordMs)
{
    run.state = RunState::Interrupted;
    run.message = kProgramEnded;
    run.finishedMs = lastWordMs;
    run.process = 0;
}

RunRecord recordFrom(const SQLite::Statement &row)
{
    const auto text = [&row](int column) { return row.getColumn(column).getString(); };
    RunRecord run;
    run.id = row.getColumn(0).getInt64();
    run.name = text(1);
    run.role = runRoleFrom(text(2)).value_or(RunRole::Main);
    if (!row.isColumnNull(3))
        run.parent = row.getColumn(3).getInt64();
    run.state = runStateFrom(text(4)).value_or(RunState::Interrupted);
    run.message = text(5);
    run.policy = text(6);
    run.experimentToml = text(7);
    run.experimentFile = text(8);
    run.seed = unsignedColumn(row, 9);
    run.programVersion = text(10);
    run.gitCommit = text(11);
    run.engine = text(12);
    run.device = text(13);
    run.precision = text(14);
    run.host = text(15);
    run.parameters = unsignedColumn(row, 16);
    run.corpusHash = text(17);
    run.step = unsignedColumn(row, 18);
    run.numSteps = unsignedColumn(row, 19);
    run.tokens = unsignedColumn(row, 20);
    run.tokenBudget = unsignedColumn(row, 21);
    run.seconds = row.getColumn(22).getDouble();
    run.createdMs = row.getColumn(23).getInt64();
    run.finishedMs = row.getColumn(24).getInt64();
    run.process = row.getColumn(25).getInt64();
    run.keepCheckpoints = row.getColumn(26).getInt();
    run.notes = text(27);
    run.tags = tagsFromJson(text(28));
    run.deleted = row.getColumn(29).getInt() != 0;
    run.overrides = tagsFromJson(text(30));
    if (!row.isColumnNull(33))
        run.plan = PlanPlace{row.getColumn(33).getInt64(), unsignedColumn(row, 34), unsignedColumn(row, 35), text(36)};
    const RunOwner owner{run.state, {run.host, run.process, text(31)}, row.getColumn(32).getInt64()};
    if (owner.isAbandoned())
        markAbandoned(run, owner.updatedMs);
    return run;
}

void addDomains(SQLite::Database &database, std::optional<RunId> only, std::vector<RunRecord> &runs)
{
    std::map<RunId, RunRecord *> byId;
    for (RunRecord &run : runs)
        byId[run.id] = &run;
    SQLite::Statement rows(
        database, "SELECT run, name, colour, tokens, bytes_per_token FROM domains WHERE ?1 IS NULL OR run = ?1 "
                  "ORDER BY run, domain");
    if (only)
        rows.bind(1, *only);
    while (rows.executeStep()) {
        const auto place = byId.find(rows.getColumn(0).getInt64());
        if (place == byId.end())
            continue;
        place->second->domains.push_back(rows.getColumn(1).getString());
        place->second->colours.push_back(rows.getColumn(2).getString());
        place->second->domainTokens.push_back(rows.getColumn(3).getDouble());
        place->second->bytesPerToken.push_back(rows.getColumn(4).getDouble());
    }
}

double valueAt(const std::vector<double> &values, std::size_t index)
{
    return index < values.size() ? values[index] : 0.0;
}

void insertDomains(SQLite::Database &database, RunId run, const RunRecord &record)
{
    SQLite::Statement insert(database, "INSERT INTO domains (run, domain, name, colour, tokens, bytes_per_token) "
                                       "VALUES (?, ?, ?, ?, ?, ?)");
    for (std::size_t i = 0; i < record.domains.size(); ++i) {
        insert.reset();
        SQLite::bind(insert, run, std::int64_t(i), record.domains[i],
                     i < record.colours.size() ? record.colours[i] : std::string(),
                     valueAt(record.domainTokens, i), valueAt(record.bytesPerToken, i));
        insert.exec();
    }
}

void requireChange(SQLite::Statement &update, RunId run)
{
    if (update.exec() == 0)
        throw Error(fmt::format("There is no run {} in the store", run), "`krater-cli list` shows the runs.");
}

} // namespace

std::int64_t nowMs()
{
    using namespace std::chrono;
    return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

RunId insertRun(SQLite::Database &database, const RunRecord &record, const ProcessIdentity &writer)
{
    SQLite::Statement insert(database, R"sql(
        INSERT INTO runs (name, role, parent, state, message, policy, seed, step, num_steps, tokens, token_budget, seconds,
                          created_ms, updated_ms, finished_ms, program_version, git_commit, engine, device, precision,
                          parameters, host, process, process_start, corpus_hash, experiment_file, keep_checkpoints,
                          notes, tags, overrides, stage, stage_name, deleted)
        VALUES (?, ?, ?, ?, '', ?, ?, 0, ?, 0, ?, 0, ?, ?, 0, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0))sql");
    const auto orOwn = [](const std::string &text, std::string_view own) {
        return text.empty() ? std::string(own) : text;
    };
    const std::int64_t now = nowMs();
    SQLite::bind(insert, record.name, std::string(toString(record.role)), record.parent.value_or(0),
                 std::string(toString(record.state)), record.policy, std::int64_t(record.seed),
                 std::int64_t(record.numSteps), std::int64_t(record.tokenBudget), now, now,
                 orOwn(record.programVersion, programVersion()), orOwn(record.gitCommit, gitCommit()), record.engine,
                 record.device, record.precision, std::int64_t(record.parameters), writer.host, writer.process,
                 writer.start, record.corpusHash, record.experimentFile, record.keepCheckpoints, record.notes,
                 tagsToJson(record.tags), tagsToJson(record.overrides),
                 std::int64_t(record.plan ? record.plan->stage : 0), record.plan ? record.plan->name : std::string());
    if (!record.parent)
        insert.bind(3); // NULL
    insert.exec();
    const RunId run = database.getLastInsertRowid();

    SQLite::Statement experiment(database, "INSERT INTO experiments (run, toml) VALUES (?, ?)");
    SQLite::bind(experiment, run, record.experimentToml);
    experiment.exec();
    insertDomains(database, run, record);
    return run;
}

std::vector<RunRecord> selectRuns(SQLite::Database &database, std::optional<RunId> only, bool withDeleted)
{
    SQLite::Statement rows(database,
                           fmt::format("SELECT {} FROM runs r LEFT JOIN experiments e ON e.run = r.id "
                                       "LEFT JOIN plans p ON p.id = r.plan WHERE (?1 IS NULL OR r.id = ?1) AND (?2 OR r.deleted = 0) ORDER BY r.id DESC",
                                       kRunColumns));
    if (only)
        rows.bind(1, *only);
    rows.bind(2, withDeleted ? 1 : 0);
    std::vector<RunRecord> runs;
    while (rows.executeStep())
        runs.push_back(recordFrom(rows));
    addDomains(database, only, runs);
    return runs;
}

void joinPlan(SQLite::Database &database, RunId run, const PlanPlace &place, const std::string &toml)
{
    if (place.plan == 0) {
        SQLite::Statement insert(database, "INSERT INTO plans (id, num_stages, toml) VALUES (?, ?, ?)");
        SQLite::bind(insert, run, std::int64_t(place.numStages), toml);
        insert.exec();
    }
    const RunId plan = place.plan == 0 ? run : place.plan;
    SQLite::Statement taken(database, "SELECT id FROM runs WHERE plan = ? AND stage = ?");
    SQLite::bind(taken, plan, std::int64_t(place.stage));
    if (taken.executeStep()) {
        throw Error(fmt::format("Stage {} of plan {} has been started already, as run {}", place.stage + 1, plan,
                                taken.getColumn(0).getInt64()),
                    "Another program goes on with the plan; `krater-cli list` shows it.");
    }
    SQLite::Statement update(database, "UPDATE runs SET plan = ? WHERE id = ?");
    SQLite::bind(update, plan, run);
    update.exec();
}

std::vector<RunId> selectPlanRuns(SQLite::Database &database, RunId plan)
{
    SQLite::Statement rows(database, "SELECT id FROM runs WHERE plan = ? ORDER BY stage");
    rows.bind(1, plan);
    std::vector<RunId> runs;
    while (rows.executeStep())
        runs.push_back(rows.getColumn(0).getInt64());
    return runs;
}

std::optional<std::string> selectPlan(SQLite::Database &database, RunId plan)
{
    SQLite::Statement row(database, "SELECT toml FROM plans WHERE id = ?");
    row.bind(1, plan);
    if (!row.executeStep())
        return std::nullopt;
    return row.getColumn(0).getString();
}

RunOwner ownerOf(SQLite::Database &database, RunId run)
{
    SQLite::Statement row(database, "SELECT state, host, process, process_start, updated_ms FROM runs WHERE id = ?");
    row.bind(1, run);
    if (!row.executeStep())
        throw Error(fmt::format("There is no run {} in the store", run), "`krater-cli list` shows the runs.");
    RunOwner owner;
    owner.state = runStateFrom(row.getColumn(0).getString()).value_or(RunState::Interrupted);
    owner.writer = {row.getColumn(1).getString(), row.getColumn(2).getInt64(), row.getColumn(3).getString()};
    owner.updatedMs = row.getColumn(4).getInt64();
    return owner;
}

void updateState(SQLite::Database &database, RunId run, RunState state, const std::string &message,
                 std::int64_t finishedMs)
{
    SQLite::Statement update(
        database, "UPDATE runs SET state = ?, message = ?, finished_ms = ?, process = iif(?, process, 0) WHERE id = ?");
    SQLite::bind(update, std::string(toString(state)), message, finishedMs, isActive(state) ? 1 : 0, run);
    requireChange(update, run);
}

void updateOwner(SQLite::Database &database, RunId run, const ProcessIdentity &writer)
{
    SQLite::Statement update(database,
                             "UPDATE runs SET host = ?, process = ?, process_start = ?, updated_ms = ? WHERE id = ?");
    SQLite::bind(update, writer.host, writer.process, writer.start, nowMs(), run);
    requireChange(update, run);
}

void updateFacts(SQLite::Database &database, RunId run, const LanguageModelInfo &model, const CorpusFacts &corpus)
{
    SQLite::Statement update(database,
                             "UPDATE runs SET engine = ?, device = ?, precision = ?, parameters = ?, corpus_hash = ? "
                             "WHERE id = ?");
    SQLite::bind(update, model.engine, model.device, model.precision, std::int64_t(model.parameters), corpus.hash, run);
    requireChange(update, run);
    SQLite::Statement domains(database,
                              "UPDATE domains SET tokens = ?, bytes_per_token = ? WHERE run = ? AND domain = ?");
    for (std::size_t i = 0; i < corpus.domainTokens.size(); ++i) {
        domains.reset();
        SQLite::bind(domains, corpus.domainTokens[i], valueAt(corpus.bytesPerToken, i), run, std::int64_t(i));
        domains.exec();
    }
}

void updateText(SQLite::Database &database, RunId run, const char *column, const std::string &text)
{
    SQLite::Statement update(database, fmt::format("UPDATE runs SET {} = ? WHERE id = ?", column));
    SQLite::bind(update, text, run);
    requireChange(update, run);
}

std::string tagsToJson(const std::vector<std::string> &tags)
{
    return nlohmann::json(tags).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::int64_t insertEvent(SQLite::Database &database, RunId run, const MessageEvent &event, std::int64_t timeMs)
{
    SQLite::Statement insert(database,
                             "INSERT INTO events (run, step, kind, text, mixture, time_ms) VALUES (?, ?, ?, ?, ?, ?)");
    SQLite::bind(insert, run, std::int64_t(event.step), std::string(toString(event.kind)), event.text,
                 event.mixture.empty() ? std::string() : nlohmann::json(event.mixture).dump(), timeMs);
    insert.exec();
    return database.getLastInsertRowid();
}

std::vector<StoredEvent> selectEvents(SQLite::Database &database, RunId run, std::int64_t afterSequence)
{
    SQLite::Statement rows(
        database,
        "SELECT sequence, kind, step, text, time_ms, mixture FROM events WHERE run = ? AND sequence > ? "
        "ORDER BY sequence");
    SQLite::bind(rows, run, afterSequence);
    std::vector<StoredEvent> events;
    while (rows.executeStep()) {
        StoredEvent stored;
        stored.sequence = rows.getColumn(0).getInt64();
        stored.event = {messageKindFrom(rows.getColumn(1).getString()), unsignedColumn(rows, 2), rows.getColumn(3).getString(),
                        mixtureFromJson(rows.getColumn(5).getString())};
        stored.timeMs = rows.getColumn(4).getInt64();
        events.push_back(std::move(stored));
    }
    return events;
}

} // namespace krater
