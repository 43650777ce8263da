// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/run_curves.h"

#include "core/base/error.h"
#include "core/store/curve_reader.h"
#include "core/store/database.h"
#include "core/store/event_metrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace krater {

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN(); // a sum with both infinities in it; NULL in SQL

void addPoint(MetricSummary &summary, double &sum, CurvePoint point)
{
    summary.first = summary.count == 0 ? point.value : summary.first;
    summary.min = summary.count == 0 ? point.value : std::min(summary.min, point.value);
    summary.last = point.value;
    summary.lastStep = point.step;
    sum += point.value;
    ++summary.count;
}

} // namespace

RunCurves::RunCurves(SQLite::Database &database, RunId run)
    : m_database(database)
    , m_run(run)
    , m_writeStep(database,
                  "INSERT INTO recent_steps (run, step, data) VALUES (?, ?, ?) "
                  "ON CONFLICT (run, step) DO UPDATE SET data = excluded.data")
    , m_saveSummary(database,
                    "UPDATE curves SET count = ?, first = ?, last = ?, min = ?, sum = ?, last_step = ? WHERE id = ?")
{
    load();
}

void RunCurves::load()
{
    m_curves.clear();
    m_step.reset();
    m_values.clear();

    SQLite::Statement rows(
        m_database, "SELECT id, metric, domain, count, first, last, min, sum, last_step FROM curves WHERE run = ?");
    rows.bind(1, m_run);
    while (rows.executeStep()) {
        StoredCurve stored;
        stored.id = rows.getColumn(0).getInt64();
        stored.summary.metric = rows.getColumn(1).getString();
        stored.summary.domain = rows.getColumn(2).getInt();
        stored.summary.count = unsignedColumn(rows, 3);
        stored.summary.first = rows.getColumn(4).getDouble();
        stored.summary.last = rows.getColumn(5).getDouble();
        stored.summary.min = rows.getColumn(6).getDouble();
        stored.sum = rows.isColumnNull(7) ? kNaN : rows.getColumn(7).getDouble();
        stored.summary.lastStep = unsignedColumn(rows, 8);
        m_step = std::max(m_step.value_or(0), stored.summary.lastStep);
        m_curves.emplace(std::pair(stored.summary.metric, stored.summary.domain), stored);
    }

    SQLite::Statement recent(m_database, "SELECT step, data FROM recent_steps WHERE run = ? ORDER BY step DESC");
    recent.bind(1, m_run);
    for (m_numRecent = 0; recent.executeStep(); ++m_numRecent) {
        if (m_step == unsignedColumn(recent, 0))
            m_values = decodeStep(blobColumn(recent, 1));
    }
}

RunCurves::StoredCurve &RunCurves::curve(const std::string &metric, int domain)
{
    const auto [place, isNew] = m_curves.try_emplace({metric, domain});
    StoredCurve &stored = place->second;
    if (isNew) {
        SQLite::Statement insert(m_database,
                                 "INSERT INTO curves (run, metric, domain, count, first, last, min, sum, last_step) "
                                 "VALUES (?, ?, ?, 0, 0, 0, 0, 0, 0)");
        SQLite::bind(insert, m_run, metric, domain);
        insert.exec();
        stored.id = m_database.getLastInsertRowid();
        stored.summary.metric = metric;
        stored.summary.domain = domain;
    }
    return stored;
}

template <typename Event>
void RunCurves::addEvent(const Event &event)
{
    beginStep(event.step);
    addClock(event.step, event.tokens, event.seconds);
    visitMetrics(event, [&](const std::string &metric, const auto &value) { addValues(event.step, metric, value); });
    writeStep();
}

void RunCurves::add(const StepEvent &event)
{
    addEvent(event);
}

void RunCurves::add(const EvaluationEvent &event)
{
    addEvent(event);
}

void RunCurves::beginStep(std::uint64_t step)
{
    if (step > kLastStep || (m_step && step < *m_step)) {
        throw Error(fmt::format("Run {} sent step {} after step {}; its points were not stored", m_run, step,
                                m_step.value_or(0)));
    }
    if (m_step == step)
        return;
    // Not at the end of a step: an evaluation and its step are two events.
    if (m_numRecent >= kRecentSteps)
        fold();
    m_step = step;
    m_values.clear();
    ++m_numRecent;
}

void RunCurves::addValue(std::uint64_t step, const std::string &metric, int domain, double value)
{
    if (std::isnan(value))
        return; // not measured: SQL knows no NaN, a point that is not there says the same
    StoredCurve &stored = curve(metric, domain);
    if (stored.summary.count > 0 && stored.summary.lastStep == step)
        return;
    addPoint(stored.summary, stored.sum, {step, value});
    stored.changed = true;
    m_values.emplace_back(stored.id, value);
}

void RunCurves::addValues(std::uint64_t step, const std::string &metric, std::span<const double> values)
{
    for (std::size_t domain = 0; domain < values.size(); ++domain)
        addValue(step, metric, int(domain), values[domain]);
}

void RunCurves::addValues(std::uint64_t step, const std::string &metric, double value)
{
    addValue(step, metric, -1, value);
}

void RunCurves::addClock(std::uint64_t step, std::uint64_t tokens, double seconds)
{
    addValue(step, kClockTokens, -1, double(tokens));
    addValue(step, kClockSeconds, -1, std::isnan(seconds) ? 0 : seconds);
}

void RunCurves::writeStep()
{
    const std::string data = encodeStep(m_values);
    m_writeStep.reset();
    m_writeStep.bind(1, m_run);
    m_writeStep.bind(2, std::int64_t(*m_step));
    m_writeStep.bindNoCopy(3, data.data(), int(data.size()));
    m_writeStep.exec();
}

void RunCurves::saveSummaries()
{
    for (auto &[key, stored] : m_curves) {
        if (!stored.changed)
            continue;
        const MetricSummary &summary = stored.summary;
        m_saveSummary.reset();
        SQLite::bind(m_saveSummary, std::int64_t(summary.count), summary.first, summary.last, summary.min, stored.sum,
                     std::int64_t(summary.lastStep), stored.id);
        m_saveSummary.exec();
        stored.changed = false;
    }
}

void RunCurves::fold()
{
    std::map<std::int64_t, Curve> curves;
    SQLite::Statement recent(m_database, "SELECT step, data FROM recent_steps WHERE run = ? ORDER BY step");
    recent.bind(1, m_run);
    while (recent.executeStep()) {
        for (const auto &[curve, value] : decodeStep(blobColumn(recent, 1)))
            curves[curve].push_back({unsignedColumn(recent, 0), value});
    }
    for (const auto &[curve, points] : curves)
        foldCurve(curve, points);

    SQLite::Statement remove(m_database, "DELETE FROM recent_steps WHERE run = ?");
    remove.bind(1, m_run);
    remove.exec();
    m_numRecent = 0;
    m_values.clear();
}

void RunCurves::foldCurve(std::int64_t curve, const Curve &points)
{
    SQLite::Statement last(m_database,
                           "SELECT id, count, data FROM blocks WHERE curve = ? ORDER BY last_step DESC LIMIT 1");
    last.bind(1, curve);
    CurveBlock block;
    std::int64_t id = 0; // of the block's row, 0 before it has one
    if (last.executeStep() && last.getColumn(1).getInt64() < std::int64_t(kBlockPoints)) {
        id = last.getColumn(0).getInt64();
        block = CurveBlock::decode(blobColumn(last, 2));
    }
    SQLite::Statement write(
        m_database,
        "INSERT INTO blocks (id, curve, first_step, last_step, count, data) VALUES (?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (id) DO UPDATE SET last_step = excluded.last_step, count = excluded.count, "
        "data = excluded.data");
    const auto save = [&] {
        const std::string data = block.encode();
        write.reset();
        if (id != 0)
            write.bind(1, id);
        else
            write.bind(1);
        write.bind(2, curve);
        write.bind(3, std::int64_t(block.firstStep()));
        write.bind(4, std::int64_t(block.lastStep()));
        write.bind(5, std::int64_t(block.count()));
        write.bindNoCopy(6, data.data(), int(data.size()));
        write.exec();
    };
    for (const CurvePoint &point : points) {
        if (block.isFull()) {
            save();
            block = {};
            id = 0;
        }
        block.append(point);
    }
    save();
}

void RunCurves::removeAfter(std::optional<std::uint64_t> step)
{
    fold();
    for (auto &[key, stored] : m_curves) {
        if (step && stored.summary.lastStep > *step) {
            truncateBlocks(stored.id, *step);
            summarise(stored);
        }
    }
    SQLite::Statement empty(
        m_database, step ? "DELETE FROM curves WHERE run = ? AND count = 0" : "DELETE FROM curves WHERE run = ?");
    empty.bind(1, m_run);
    empty.exec();
    load();
}

void RunCurves::truncateBlocks(std::int64_t curve, std::uint64_t step)
{
    const auto last = std::int64_t(step);
    SQLite::Statement cut(m_database, "SELECT data FROM blocks WHERE curve = ? AND first_step <= ? AND last_step > ?");
    SQLite::bind(cut, curve, last, last);
    Curve kept;
    if (cut.executeStep())
        appendBlock(blobColumn(cut, 0), kept);
    std::erase_if(kept, [step](const CurvePoint &point) { return point.step > step; });

    SQLite::Statement remove(m_database, "DELETE FROM blocks WHERE curve = ? AND last_step > ?");
    SQLite::bind(remove, curve, last);
    remove.exec();
    if (!kept.empty())
        foldCurve(curve, kept);
}

void RunCurves::summarise(StoredCurve &stored)
{
    stored.summary.count = 0;
    stored.summary.first = stored.summary.last = stored.summary.min = stored.sum = 0;
    stored.summary.lastStep = 0;
    for (const CurvePoint &point : CurveReader(m_database).read(m_run, stored.id))
        addPoint(stored.summary, stored.sum, point);
    stored.changed = true;
    saveSummaries();
}

} // namespace krater
