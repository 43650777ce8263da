// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/query.h"

#include "core/store/database.h"
#include "core/store/points_table.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <memory>
#include <string_view>

namespace krater {

namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::minutes kTimeLimit(5);
constexpr int kProgressInstructions = 100'000; // of SQLite's machine between two looks at the clock
constexpr int kMaxSqlBytes = 1'000'000;

constexpr std::array<std::string_view, 11> kPragmas{
    "table_list",       "table_info",      "table_xinfo", "index_list",   "index_info",    "index_xinfo",
    "foreign_key_list", "integrity_check", "quick_check", "user_version", "application_id"};

int authorize(void *, int action, const char *first, const char *second, const char *, const char *)
{
    switch (action) {
    case SQLITE_SELECT:
    case SQLITE_READ:
    case SQLITE_RECURSIVE:
        return SQLITE_OK;
    case SQLITE_FUNCTION:
        return second != nullptr && std::strcmp(second, "load_extension") == 0 ? SQLITE_DENY : SQLITE_OK;
    case SQLITE_PRAGMA: {
        const bool known = std::find(kPragmas.begin(), kPragmas.end(), std::string_view(first)) != kPragmas.end();
        const bool sets =
            second != nullptr && (std::strcmp(first, "user_version") == 0 || std::strcmp(first, "application_id") == 0);
        return known && !sets ? SQLITE_OK : SQLITE_DENY;
    }
    default:
        return SQLITE_DENY;
    }
}

int timeIsUp(void *deadline)
{
    return Clock::now() > *static_cast<const Clock::time_point *>(deadline) ? 1 : 0;
}

SqlValue valueOf(sqlite3_stmt *statement, int column)
{
    switch (sqlite3_column_type(statement, column)) {
    case SQLITE_INTEGER:
        return sqlite3_column_int64(statement, column);
    case SQLITE_FLOAT:
        return sqlite3_column_double(statement, column);
    case SQLITE_TEXT: {
        const auto *text = reinterpret_cast<const char *>(sqlite3_column_text(statement, column));
        return std::string(text, std::size_t(sqlite3_column_bytes(statement, column)));
    }
    case SQLITE_BLOB:
        return fmt::format("({} bytes)", sqlite3_column_bytes(statement, column));
    default:
        return std::monostate();
    }
}

struct Finalize {
    void operator()(sqlite3_stmt *statement) const { sqlite3_finalize(statement); }
};
using Statement = std::unique_ptr<sqlite3_stmt, Finalize>;

[[noreturn]] void refuse(const std::string &why)
{
    throw InputError(fmt::format("The query cannot be run: {}", why),
                     "Give one SELECT. Tables: runs, plans, domains, experiments, summaries, events, checkpoints, and "
                     "points(run, metric, domain, step, tokens, seconds, value).");
}

// The statement is to blame for what SQLite says, unless the file is.
[[noreturn]] void fail(sqlite3 *database, int code)
{
    switch (code & 0xFF) {
    case SQLITE_AUTH:
        refuse("a query may only read this store");
    case SQLITE_INTERRUPT:
        throw Error("The query took more than five minutes and was ended",
                    "Narrow it down, for example to one run and metric.");
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_FULL:
    case SQLITE_NOMEM:
        throw SQLite::Exception(database, code);
    default:
        refuse(sqlite3_errmsg(database));
    }
}

// Only space, semicolons and comments may follow.
void requireEnd(sqlite3 *database, std::string_view rest)
{
    while (!rest.empty()) {
        sqlite3_stmt *raw = nullptr;
        const char *end = nullptr;
        const int code = sqlite3_prepare_v2(database, rest.data(), int(rest.size()), &raw, &end);
        const Statement next(raw);
        if (code != SQLITE_OK || next)
            refuse("there is more than one statement");
        rest.remove_prefix(std::size_t(end - rest.data()));
    }
}

Statement prepare(sqlite3 *database, const std::string &sql)
{
    sqlite3_stmt *raw = nullptr;
    const char *rest = nullptr;
    const int code =
        sqlite3_prepare_v2(database, sql.data(), int(std::min<std::size_t>(sql.size(), kMaxSqlBytes + 1)), &raw, &rest);
    Statement statement(raw);
    if (code != SQLITE_OK)
        fail(database, code);
    if (!statement)
        refuse("it is empty");
    if (!sqlite3_stmt_readonly(statement.get()))
        refuse("a query may only read");
    requireEnd(database, {rest, std::size_t(sql.data() + sql.size() - rest)});
    return statement;
}

// How long the reader of the rows takes is not the query's time.
void handOver(sqlite3 *database, sqlite3_stmt *statement, QuerySink &sink, Clock::time_point &deadline)
{
    const int numColumns = sqlite3_column_count(statement);
    std::vector<std::string> names;
    for (int column = 0; column < numColumns; ++column)
        names.emplace_back(sqlite3_column_name(statement, column));
    sink.columns(names);

    std::vector<SqlValue> values(names.size());
    int code = SQLITE_ROW;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
        for (int column = 0; column < numColumns; ++column)
            values[std::size_t(column)] = valueOf(statement, column);
        const Clock::time_point before = Clock::now();
        if (!sink.row(values))
            return;
        deadline += Clock::now() - before;
    }
    if (code != SQLITE_DONE)
        fail(database, code);
}

} // namespace

void runQuery(const std::filesystem::path &file, const std::string &sql, QuerySink &sink)
{
    StoreConnection store = openForReading(file);
    sqlite3 *database = store.database.getHandle();
    storeCall(file, [&] {
        PointsTable points(store.database);
        SQLite::Transaction transaction(store.database); // one view of the file for all that `points` reads
        sqlite3_limit(database, SQLITE_LIMIT_ATTACHED, 0);
        sqlite3_limit(database, SQLITE_LIMIT_SQL_LENGTH, kMaxSqlBytes);
        Clock::time_point deadline = Clock::now() + kTimeLimit;
        sqlite3_progress_handler(database, kProgressInstructions, timeIsUp, &deadline);

        sqlite3_set_authorizer(database, authorize, nullptr);
        const Statement statement = prepare(database, sql);
        sqlite3_set_authorizer(database, nullptr, nullptr);
        handOver(database, statement.get(), sink, deadline);
    });
}

} // namespace krater
