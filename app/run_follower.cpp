// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/run_follower.h"

#include "app/run_view.h"
#include "core/base/error.h"

#include <algorithm>

namespace krater {

void addTo(RunView &view, const RunIncrement &increment)
{
    view.setRecord(increment.record);
    if (increment.truncatedTo)
        view.truncate(*increment.truncatedTo);
    for (const RunReader::StepClock &point : increment.clock)
        view.appendClock(point.step, point.tokens, point.seconds);
    for (const RunIncrement::Piece &piece : increment.curves)
        view.appendCurve(QString::fromStdString(piece.metric), piece.domain, piece.points);
    for (const StoredEvent &event : increment.events)
        view.appendEvent(event);
    view.publish();
}

RunFollower::RunFollower(RunId run, std::optional<std::uint64_t> afterStep)
    : m_run(run)
    , m_base(afterStep)
    , m_clockStep(afterStep)
    , m_eventSequence(afterStep ? std::nullopt : std::optional<std::int64_t>(0))
{
}

RunIncrement RunFollower::read(RunReader &reader)
{
    const std::optional<RunRecord> record = reader.run(m_run);
    if (!record)
        throw Error("Run " + std::to_string(m_run) + " is no longer in the store.");
    RunIncrement increment;
    increment.record = *record;
    increment.events = reader.events(m_run, m_eventSequence.value_or(0));
    const std::int64_t sequence =
        increment.events.empty() ? m_eventSequence.value_or(0) : increment.events.back().sequence;
    if (!m_eventSequence)
        increment.events.clear();
    m_eventSequence = sequence;
    findRewind(increment);

    increment.clock = reader.clock(m_run, m_clockStep);
    if (!increment.clock.empty())
        m_clockStep = increment.clock.back().step;
    for (const CurveName &name : reader.curveNames(m_run)) {
        const auto known = m_lastSteps.find(name);
        const std::optional<std::uint64_t> after = known == m_lastSteps.end() ? m_base : known->second;
        Curve points = reader.curve(m_run, name.first, name.second, after);
        if (points.empty())
            continue;
        m_lastSteps[name] = points.back().step;
        increment.curves.push_back({name.first, name.second, std::move(points)});
    }
    return increment;
}

// A resumed run starts over at the step of its checkpoint. Its event says so; the record says it a little earlier (by more than the one step that an
// evaluation is ahead of the record).
void RunFollower::findRewind(RunIncrement &increment)
{
    if (!m_clockStep)
        return;
    std::uint64_t last = *m_clockStep;
    if (increment.record.step + 1 < last)
        last = increment.record.step;
    for (const StoredEvent &stored : increment.events)
        if (stored.event.kind == MessageEvent::Kind::Resumed)
            last = std::min(last, stored.event.step);
    if (last == *m_clockStep)
        return;
    increment.truncatedTo = last;
    m_clockStep = last;
    if (m_base)
        m_base = std::min(*m_base, last);
    for (auto &[name, step] : m_lastSteps)
        step = std::min(step, last);
}

} // namespace krater
