// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/schema.h"

#include "core/store/database.h"
#include "core/store/input_error.h"

#include <SQLiteCpp/Backup.h>
#include <fmt/format.h>

#include <array>

namespace krater {

namespace fs = std::filesystem;

namespace {

// Times are Unix milliseconds. `domain` is the position of a domain in its run, -1 for metrics without one; metrics
// have the names of run_record.h, and besides clock.tokens and clock.seconds, which say when each step was.
//
// A plan has the number of its first run; its runs have their stage, from 0. It goes with the last of them.
//
// A step is stored as one row of recent_steps with all its values, so that no step is ever half there. Every few
// hundred steps the rows are folded into blocks of about a thousand points of one curve (curve_block.h), which are
// what makes reading fast. Reading a curve means its blocks, then recent_steps.
constexpr const char *kVersion1 = R"sql(
CREATE TABLE runs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    parent INTEGER REFERENCES runs (id) ON DELETE SET NULL,
    plan INTEGER REFERENCES plans (id),
    stage INTEGER NOT NULL,
    stage_name TEXT NOT NULL,
    state TEXT NOT NULL,
    message TEXT NOT NULL,
    policy TEXT NOT NULL,
    seed INTEGER NOT NULL,
    step INTEGER NOT NULL,
    num_steps INTEGER NOT NULL,
    tokens INTEGER NOT NULL,
    token_budget INTEGER NOT NULL,
    seconds REAL NOT NULL,
    created_ms INTEGER NOT NULL,
    updated_ms INTEGER NOT NULL,
    finished_ms INTEGER NOT NULL,
    program_version TEXT NOT NULL,
    git_commit TEXT NOT NULL,
    engine TEXT NOT NULL,
    device TEXT NOT NULL,
    precision TEXT NOT NULL,
    parameters INTEGER NOT NULL,
    host TEXT NOT NULL,
    process INTEGER NOT NULL,
    process_start TEXT NOT NULL,
    corpus_hash TEXT NOT NULL,
    experiment_file TEXT NOT NULL,
    keep_checkpoints INTEGER NOT NULL,
    notes TEXT NOT NULL,
    tags TEXT NOT NULL,
    overrides TEXT NOT NULL,
    deleted INTEGER NOT NULL
);
CREATE INDEX runs_parent ON runs (parent);
CREATE UNIQUE INDEX runs_plan ON runs (plan, stage) WHERE plan IS NOT NULL;

CREATE TABLE plans (
    id INTEGER PRIMARY KEY,
    num_stages INTEGER NOT NULL,
    toml TEXT NOT NULL
);

CREATE TABLE experiments (
    run INTEGER PRIMARY KEY REFERENCES runs (id) ON DELETE CASCADE,
    toml TEXT NOT NULL
);

CREATE TABLE domains (
    run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    domain INTEGER NOT NULL,
    name TEXT NOT NULL,
    colour TEXT NOT NULL,
    tokens REAL NOT NULL,
    bytes_per_token REAL NOT NULL,
    PRIMARY KEY (run, domain)
) WITHOUT ROWID;

CREATE TABLE curves (
    id INTEGER PRIMARY KEY,
    run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    metric TEXT NOT NULL,
    domain INTEGER NOT NULL,
    count INTEGER NOT NULL,
    first REAL NOT NULL,
    last REAL NOT NULL,
    min REAL NOT NULL,
    sum REAL,
    last_step INTEGER NOT NULL,
    UNIQUE (run, metric, domain)
);
CREATE INDEX curves_metric ON curves (metric, run);

CREATE TABLE blocks (
    id INTEGER PRIMARY KEY,
    curve INTEGER NOT NULL REFERENCES curves (id) ON DELETE CASCADE,
    first_step INTEGER NOT NULL,
    last_step INTEGER NOT NULL,
    count INTEGER NOT NULL,
    data BLOB NOT NULL,
    UNIQUE (curve, last_step)
);

CREATE TABLE recent_steps (
    run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    step INTEGER NOT NULL,
    data BLOB NOT NULL,
    PRIMARY KEY (run, step)
) WITHOUT ROWID;

CREATE TABLE events (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    step INTEGER NOT NULL,
    kind TEXT NOT NULL,
    text TEXT NOT NULL,
    mixture TEXT NOT NULL,
    time_ms INTEGER NOT NULL
);
CREATE INDEX events_run ON events (run, sequence);

CREATE TABLE checkpoints (
    run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    step INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    best INTEGER NOT NULL,
    PRIMARY KEY (run, step)
) WITHOUT ROWID;

CREATE VIEW summaries AS
    SELECT c.run AS run, c.metric AS metric, d.name AS domain, c.first AS first, c.last AS last, c.min AS min,
           c.sum / c.count AS mean, c.count AS count, c.last_step AS last_step
    FROM curves c LEFT JOIN domains d ON d.run = c.run AND d.domain = c.domain
    WHERE c.metric NOT LIKE 'clock.%';
)sql";

constexpr std::array kSteps{kVersion1};

std::int64_t pragma(SQLite::Database &database, const char *name)
{
    return database.execAndGet(fmt::format("PRAGMA {}", name)).getInt64();
}

// A file made to harm could have views that never end in place of tables, or triggers.
bool hasOurTables(SQLite::Database &database)
{
    return database
               .execAndGet(
                   "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name IN ('runs', 'plans', 'experiments', "
                   "'domains', 'curves', 'blocks', 'recent_steps', 'events', 'checkpoints')")
               .getInt()
        == 9
        && database.execAndGet("SELECT count(*) FROM sqlite_schema WHERE type = 'trigger'").getInt() == 0;
}

// A copy of the store as it is, log included, which a failed migration or an older program can go back to.
void copyStore(SQLite::Database &database, const fs::path &file, int version)
{
    const fs::path copy = file.string() + fmt::format(".version-{}", version);
    const fs::path unfinished = copy.string() + ".tmp";
    std::error_code ignored;
    fs::remove(unfinished, ignored);
    {
        SQLite::Database target(unfinished.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
        SQLite::Backup backup(target, database);
        backup.executeStep(-1);
    }
    fs::rename(unfinished, copy);
}

} // namespace

std::span<const char *const> schemaSteps()
{
    return kSteps;
}

int schemaVersion(SQLite::Database &database, const fs::path &file)
{
    const bool empty = database.execAndGet("SELECT count(*) FROM sqlite_schema").getInt64() == 0;
    if (!empty && pragma(database, "application_id") != kApplicationId) {
        throw InputError(fmt::format("{} is an SQLite file of another program, not a Krater store", file.string()),
                         "Choose another file with --store or File > Open; this one was left as it is.");
    }
    return empty ? 0 : int(pragma(database, "user_version"));
}

void requireTables(SQLite::Database &database, const fs::path &file)
{
    if (!hasOurTables(database)) {
        throw InputError(fmt::format("{} is not a Krater store: it lacks tables, or has some that Krater did not make",
                                     file.string()),
                         "Choose another file with --store or File > Open; this one was left as it is.");
    }
}

void migrate(SQLite::Database &database, const fs::path &file, std::span<const char *const> steps)
{
    const auto newest = int(steps.size());
    const int version = schemaVersion(database, file);
    if (version > newest) {
        throw Error(
            fmt::format("{} was written by a newer Krater (store version {}, this program knows {})", file.string(),
                        version, newest),
            "Update Krater, or choose another store. The file can be read but not written; it was left as it is.");
    }
    if (version == newest)
        return;
    if (version > 0)
        copyStore(database, file, version);

    SQLite::Transaction transaction(database, SQLite::TransactionBehavior::IMMEDIATE);
    // Another process may have been first.
    for (int done = schemaVersion(database, file); done < newest; ++done)
        database.exec(steps[std::size_t(done)]);
    database.exec(fmt::format("PRAGMA application_id = {}", kApplicationId));
    database.exec(fmt::format("PRAGMA user_version = {}", newest));
    transaction.commit();
}

} // namespace krater
