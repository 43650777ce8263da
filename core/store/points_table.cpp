// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/points_table.h"

#include "core/base/error.h"
#include "core/store/database.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace krater {

namespace {

enum Column { kRun, kMetric, kDomain, kStep, kTokens, kSeconds, kValue };

constexpr const char *kDeclaration =
    "CREATE TABLE points (run INTEGER, metric TEXT, domain TEXT, step INTEGER, tokens INTEGER, "
    "seconds REAL, value REAL)";

// A plan is a letter for each constraint in order of its argument: r, m, d: equality on run, metric, domain; s:
// equality on step; > and <: a bound on step, taken as inclusive. SQLite checks every constraint again, so a plan
// may keep too much but never too little.
constexpr char kClockLetter = 'c'; // takes no argument: tokens or seconds are asked for

struct Table : sqlite3_vtab {
    PointsTable *points = nullptr;
};

struct CurveRow {
    std::int64_t id = 0;
    RunId run = 0;
    std::string metric;
    std::optional<std::string> domain;
};

struct Cursor : sqlite3_vtab_cursor {
    std::vector<CurveRow> curves;
    std::size_t curve = 0; // in `curves`
    Curve points;          // of that curve
    std::size_t point = 0;
    std::uint64_t firstStep = 0, lastStep = kLastStep;
    bool wantsClock = false;
    RunId clockRun = 0;
    std::vector<ClockPoint> clock; // of clockRun
    std::int64_t row = 0;
};

// SQLite is C: what goes wrong becomes a result code and a message.
template<typename Work>
int guarded(sqlite3_vtab *table, Work &&work)
{
    try {
        work();
        return SQLITE_OK;
    } catch (const SQLite::Exception &failure) {
        table->zErrMsg = sqlite3_mprintf("%s", failure.what());
        return failure.getErrorCode() > 0 ? failure.getErrorCode() : SQLITE_ERROR;
    } catch (const std::bad_alloc &) {
        return SQLITE_NOMEM;
    } catch (const std::exception &failure) { // a block that holds no curve
        table->zErrMsg = sqlite3_mprintf("%s", failure.what());
        return SQLITE_CORRUPT;
    }
}

int connect(sqlite3 *database, void *points, int, const char *const *, sqlite3_vtab **table, char **)
{
    const int code = sqlite3_declare_vtab(database, kDeclaration);
    if (code != SQLITE_OK)
        return code;
    auto *made = new Table();
    made->points = static_cast<PointsTable *>(points);
    *table = made;
    return SQLITE_OK;
}

int disconnect(sqlite3_vtab *table)
{
    delete static_cast<Table *>(table);
    return SQLITE_OK;
}

char letterFor(const sqlite3_index_info::sqlite3_index_constraint &constraint)
{
    const bool equals = constraint.op == SQLITE_INDEX_CONSTRAINT_EQ;
    switch (constraint.iColumn) {
    case kRun:
        return equals ? 'r' : '\0';
    case kMetric:
        return equals ? 'm' : '\0';
    case kDomain:
        return equals ? 'd' : '\0';
    case kStep:
        break;
    default:
        return '\0';
    }
    switch (constraint.op) {
    case SQLITE_INDEX_CONSTRAINT_EQ:
        return 's';
    case SQLITE_INDEX_CONSTRAINT_GT:
    case SQLITE_INDEX_CONSTRAINT_GE:
        return '>';
    case SQLITE_INDEX_CONSTRAINT_LT:
    case SQLITE_INDEX_CONSTRAINT_LE:
        return '<';
    default:
        return '\0';
    }
}

int bestIndex(sqlite3_vtab *, sqlite3_index_info *info)
{
    std::string plan;
    double cost = 1e8; // points in a large store
    for (int i = 0; i < info->nConstraint; ++i) {
        const auto &constraint = info->aConstraint[i];
        const char letter = constraint.usable ? letterFor(constraint) : '\0';
        if (letter == '\0' || (letter != '>' && letter != '<' && plan.find(letter) != std::string::npos))
            continue;
        plan += letter;
        info->aConstraintUsage[i].argvIndex = int(plan.size());
        constexpr double kRareStep = 1000, kOften = 10;
        cost /= letter == 'r' || letter == 's' ? kRareStep : letter == '>' || letter == '<' ? 2 : kOften;
    }
    const bool oneCurve = plan.find('r') != std::string::npos && plan.find('m') != std::string::npos
        && plan.find('d') != std::string::npos;
    info->orderByConsumed =
        oneCurve && info->nOrderBy == 1 && info->aOrderBy[0].iColumn == kStep && !info->aOrderBy[0].desc;
    info->estimatedCost = cost;
    info->estimatedRows = std::max<sqlite3_int64>(1, sqlite3_int64(cost));
    if (info->colUsed & ((1u << kTokens) | (1u << kSeconds)))
        plan += kClockLetter;
    info->idxStr = sqlite3_mprintf("%s", plan.c_str());
    info->needToFreeIdxStr = 1;
    return info->idxStr == nullptr ? SQLITE_NOMEM : SQLITE_OK;
}

int open(sqlite3_vtab *, sqlite3_vtab_cursor **cursor)
{
    *cursor = new Cursor();
    return SQLITE_OK;
}

int close(sqlite3_vtab_cursor *cursor)
{
    delete static_cast<Cursor *>(cursor);
    return SQLITE_OK;
}

PointsTable &tableOf(const Cursor &cursor)
{
    return *static_cast<Table *>(cursor.pVtab)->points;
}

void bindValue(SQLite::Statement &statement, int index, sqlite3_value *value)
{
    switch (sqlite3_value_type(value)) {
    case SQLITE_INTEGER:
        statement.bind(index, std::int64_t(sqlite3_value_int64(value)));
        break;
    case SQLITE_FLOAT:
        statement.bind(index, sqlite3_value_double(value));
        break;
    case SQLITE_TEXT:
        statement.bind(index, reinterpret_cast<const char *>(sqlite3_value_text(value)));
        break;
    default:
        statement.bind(index);
        break; // NULL equals nothing, and no column holds a blob
    }
}

// Only whole numbers bound the reading; SQLite compares the others itself.
void boundSteps(Cursor &cursor, char letter, sqlite3_value *value)
{
    if (sqlite3_value_type(value) != SQLITE_INTEGER)
        return;
    const std::int64_t step = sqlite3_value_int64(value);
    if (letter != '<')
        cursor.firstStep = std::max(cursor.firstStep, std::uint64_t(std::max<std::int64_t>(step, 0)));
    if (letter != '>') {
        cursor.lastStep = std::min(cursor.lastStep, std::uint64_t(std::max<std::int64_t>(step, 0)));
        if (step < 0)
            cursor.curves.clear();
    }
}

void selectCurves(Cursor &cursor, const std::string &plan, sqlite3_value **arguments)
{
    std::string where = "c.metric NOT LIKE 'clock.%'";
    std::vector<sqlite3_value *> bound;
    for (std::size_t i = 0; i < plan.size() && plan[i] != kClockLetter; ++i) {
        const char *column = plan[i] == 'r' ? "c.run"
            : plan[i] == 'm'                ? "c.metric"
            : plan[i] == 'd'                ? "d.name"
                                            : nullptr;
        if (column == nullptr)
            continue;
        where += fmt::format(" AND {} = ?", column);
        bound.push_back(arguments[i]);
    }
    SQLite::Statement rows(
        tableOf(cursor).database(),
        fmt::format("SELECT c.id, c.run, c.metric, d.name FROM curves c LEFT JOIN domains d "
                    "ON d.run = c.run AND d.domain = c.domain WHERE {} ORDER BY c.run, c.metric, c.domain",
                    where));
    for (std::size_t i = 0; i < bound.size(); ++i)
        bindValue(rows, int(i) + 1, bound[i]);
    cursor.curves.clear();
    while (rows.executeStep()) {
        CurveRow row{rows.getColumn(0).getInt64(), rows.getColumn(1).getInt64(), rows.getColumn(2).getString(), {}};
        if (!rows.isColumnNull(3))
            row.domain = rows.getColumn(3).getString();
        cursor.curves.push_back(std::move(row));
    }
}

// Reads curves until one has a point.
void loadCurve(Cursor &cursor)
{
    CurveReader &reader = tableOf(cursor).curves();
    for (cursor.point = 0; cursor.curve < cursor.curves.size(); ++cursor.curve) {
        const CurveRow &row = cursor.curves[cursor.curve];
        cursor.points = reader.read(row.run, row.id, cursor.firstStep, cursor.lastStep);
        if (cursor.points.empty())
            continue;
        if (cursor.wantsClock && (cursor.clock.empty() || cursor.clockRun != row.run)) {
            cursor.clock = readClock(reader, row.run, cursor.firstStep, cursor.lastStep);
            cursor.clockRun = row.run;
        }
        return;
    }
}

int filter(sqlite3_vtab_cursor *base, int, const char *planText, int, sqlite3_value **arguments)
{
    return guarded(base->pVtab, [&] {
        auto &cursor = static_cast<Cursor &>(*base);
        const std::string plan(planText);
        cursor.firstStep = 0;
        cursor.lastStep = kLastStep;
        cursor.curve = 0;
        cursor.row = 0;
        cursor.clock.clear();
        cursor.wantsClock = !plan.empty() && plan.back() == kClockLetter;
        selectCurves(cursor, plan, arguments);
        for (std::size_t i = 0; i < plan.size(); ++i) {
            if (plan[i] == 's' || plan[i] == '>' || plan[i] == '<')
                boundSteps(cursor, plan[i], arguments[i]);
        }
        loadCurve(cursor);
    });
}

int next(sqlite3_vtab_cursor *base)
{
    auto &cursor = static_cast<Cursor &>(*base);
    ++cursor.row;
    if (++cursor.point < cursor.points.size())
        return SQLITE_OK;
    ++cursor.curve;
    return guarded(base->pVtab, [&] { loadCurve(cursor); });
}

int eof(sqlite3_vtab_cursor *base)
{
    const auto &cursor = static_cast<const Cursor &>(*base);
    return cursor.curve >= cursor.curves.size() ? 1 : 0;
}

void resultClock(sqlite3_context *context, const Cursor &cursor, int column)
{
    const std::uint64_t step = cursor.points[cursor.point].step;
    const auto isBefore = [](const ClockPoint &point, std::uint64_t wanted) { return point.step < wanted; };
    const auto place = std::lower_bound(cursor.clock.begin(), cursor.clock.end(), step, isBefore);
    if (place == cursor.clock.end() || place->step != step)
        sqlite3_result_null(context);
    else if (column == kTokens)
        sqlite3_result_int64(context, std::int64_t(place->tokens));
    else
        sqlite3_result_double(context, place->seconds);
}

int column(sqlite3_vtab_cursor *base, sqlite3_context *context, int column)
{
    const auto &cursor = static_cast<const Cursor &>(*base);
    const CurveRow &row = cursor.curves[cursor.curve];
    const auto text = [context](const std::string &value) {
        sqlite3_result_text(context, value.data(), int(value.size()), SQLITE_TRANSIENT);
    };
    switch (column) {
    case kRun:
        sqlite3_result_int64(context, row.run);
        break;
    case kMetric:
        text(row.metric);
        break;
    case kDomain:
        row.domain ? text(*row.domain) : sqlite3_result_null(context);
        break;
    case kStep:
        sqlite3_result_int64(context, std::int64_t(cursor.points[cursor.point].step));
        break;
    case kTokens:
    case kSeconds:
        resultClock(context, cursor, column);
        break;
    default:
        sqlite3_result_double(context, cursor.points[cursor.point].value);
        break;
    }
    return SQLITE_OK;
}

int rowId(sqlite3_vtab_cursor *base, sqlite3_int64 *row)
{
    *row = static_cast<const Cursor &>(*base).row;
    return SQLITE_OK;
}

// xCreate is missing: the table is there without CREATE VIRTUAL TABLE, and cannot be created by one.
const sqlite3_module kModule = [] {
    sqlite3_module module{};
    module.xConnect = connect;
    module.xBestIndex = bestIndex;
    module.xDisconnect = disconnect;
    module.xOpen = open;
    module.xClose = close;
    module.xFilter = filter;
    module.xNext = next;
    module.xEof = eof;
    module.xColumn = column;
    module.xRowid = rowId;
    return module;
}();

} // namespace

PointsTable::PointsTable(SQLite::Database &database) : m_database(database), m_curves(database)
{
    if (sqlite3_create_module(database.getHandle(), "points", &kModule, this) != SQLITE_OK)
        throw SQLite::Exception(database.getHandle());
    // Declares its columns now: an authorizer set later would take that for a CREATE TABLE.
    SQLite::Statement(database, "SELECT run FROM points");
}

PointsTable::~PointsTable()
{
    sqlite3_create_module(m_database.getHandle(), "points", nullptr, nullptr);
}

} // namespace krater
