// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/curve_reader.h"

#include "core/base/error.h"
#include "core/store/curve_block.h"
#include "core/store/database.h"

#include <fmt/format.h>

#include <algorithm>

namespace krater {

namespace {

std::int64_t sqlStep(std::uint64_t step)
{
    return std::int64_t(std::min(step, kLastStep));
}

} // namespace

CurveReader::CurveReader(SQLite::Database &database)
    : m_find(database, "SELECT id FROM curves WHERE run = ? AND metric = ? AND domain = ?")
    , m_blocks(database,
               "SELECT data FROM blocks WHERE curve = ? AND last_step >= ? AND first_step <= ? ORDER BY last_step")
    , m_recent(database, "SELECT step, data FROM recent_steps WHERE run = ? AND step BETWEEN ? AND ? ORDER BY step")
{
}

std::optional<std::int64_t> CurveReader::find(RunId run, const std::string &metric, int domain)
{
    m_find.reset();
    SQLite::bind(m_find, run, metric, domain);
    std::optional<std::int64_t> id;
    if (m_find.executeStep())
        id = m_find.getColumn(0).getInt64();
    m_find.reset(); // a statement left open would keep its view of the file
    return id;
}

Curve CurveReader::read(RunId run, std::int64_t curve, std::uint64_t fromStep, std::uint64_t toStep)
{
    Curve points;
    m_blocks.reset();
    SQLite::bind(m_blocks, curve, sqlStep(fromStep), sqlStep(toStep));
    while (m_blocks.executeStep())
        appendBlock(blobColumn(m_blocks, 0), points);
    m_blocks.reset();

    const auto isBefore = [](const CurvePoint &point, std::uint64_t step) { return point.step < step; };
    points.erase(points.begin(), std::lower_bound(points.begin(), points.end(), fromStep, isBefore));
    while (!points.empty() && points.back().step > toStep)
        points.pop_back();

    m_recent.reset();
    SQLite::bind(m_recent, run, sqlStep(fromStep), sqlStep(toStep));
    while (m_recent.executeStep()) {
        if (const auto value = valueInStep(blobColumn(m_recent, 1), curve))
            points.push_back({unsignedColumn(m_recent, 0), *value});
    }
    m_recent.reset();
    return points;
}

std::vector<ClockPoint> readClock(CurveReader &curves, RunId run, std::uint64_t fromStep, std::uint64_t toStep)
{
    const auto read = [&](const char *metric) {
        const auto curve = curves.find(run, metric, -1);
        return curve ? curves.read(run, *curve, fromStep, toStep) : Curve();
    };
    const Curve tokens = read(kClockTokens);
    const Curve seconds = read(kClockSeconds);
    bool isWhole = tokens.size() == seconds.size();
    std::vector<ClockPoint> clock;
    clock.reserve(tokens.size());
    for (std::size_t i = 0; isWhole && i < tokens.size(); ++i) {
        isWhole = tokens[i].step == seconds[i].step && tokens[i].value >= 0 && tokens[i].value < 0x1p63;
        if (isWhole)
            clock.push_back({tokens[i].step, std::uint64_t(tokens[i].value), seconds[i].value});
    }
    if (!isWhole)
        throw Error(fmt::format("The clock of run {} is damaged", run), "Restore the store from a copy.");
    return clock;
}

} // namespace krater
