// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/run_view.h"

#include "core/store/event_metrics.h"

#include <QDateTime>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <variant>

namespace krater {

namespace {

// An evaluation and the step after it tell the same mixture at the same step: the later one stands.
void addPoint(Curve &points, const CurvePoint &point)
{
    if (!std::isfinite(point.value))
        return;
    if (!points.empty() && points.back().step == point.step)
        points.back().value = point.value;
    else if (points.empty() || points.back().step < point.step)
        points.push_back(point);
}

} // namespace

RunView::RunView(const RunRecord &record, QObject *parent) : QObject(parent), m_record(record) { }

const Curve &RunView::curve(const QString &metric, int domain) const
{
    return m_curves[{metric, domain}];
}

QStringList RunView::policyTerms() const
{
    QStringList terms;
    const QString prefix = QString::fromLatin1(metric::kPolicyPrefix);
    for (auto it = m_curves.lower_bound({prefix, std::numeric_limits<int>::min()}); it != m_curves.end(); ++it) {
        const QString &name = it->first.first;
        if (!name.startsWith(prefix))
            break;
        const QString term = name.mid(prefix.size());
        if (!it->second.empty() && (terms.isEmpty() || terms.last() != term))
            terms.append(term);
    }
    return terms;
}

double RunView::position(std::uint64_t step, XAxis axis) const
{
    if (axis == XAxis::Step)
        return double(step);
    const auto value = [axis](const ClockPoint &point) { return axis == XAxis::Tokens ? point.tokens : point.seconds; };
    const auto next =
        std::lower_bound(m_clock.begin(), m_clock.end(), step,
                         [](const ClockPoint &point, std::uint64_t wanted) { return point.step < wanted; });
    if (next == m_clock.end())
        return m_clock.empty() ? 0.0 : value(m_clock.back());
    if (next->step == step)
        return value(*next);
    const ClockPoint before = next == m_clock.begin() ? ClockPoint{} : *std::prev(next);
    const double fraction = double(step - before.step) / double(next->step - before.step);
    return value(before) + fraction * (value(*next) - value(before));
}

double RunView::latest(const QString &metric, int domain) const
{
    const Curve &points = curve(metric, domain);
    return points.empty() ? std::numeric_limits<double>::quiet_NaN() : points.back().value;
}

void RunView::setRecord(const RunRecord &record)
{
    m_record = record;
    m_recordDirty = true;
}

template<typename Event>
void RunView::addMetrics(const Event &event)
{
    visitMetrics(event, [&](const std::string &metric, const auto &value) {
        add(QString::fromStdString(metric), event.step, value);
    });
    appendClock(event.step, event.tokens, event.seconds);
}

void RunView::apply(const RunEvent &event)
{
    if (const auto *step = std::get_if<StepEvent>(&event))
        applyStep(*step);
    else if (const auto *evaluation = std::get_if<EvaluationEvent>(&event))
        addMetrics(*evaluation);
    else if (const auto *message = std::get_if<MessageEvent>(&event))
        applyMessage(*message);
    else if (const auto *state = std::get_if<StateEvent>(&event))
        applyState(*state);
    // A checkpoint says so by a message of its own.
}

void RunView::applyStep(const StepEvent &event)
{
    addMetrics(event);
    m_record.step = event.step;
    m_record.tokens = event.tokens;
    m_record.seconds = event.seconds;
}

void RunView::applyMessage(const MessageEvent &event)
{
    if (event.kind == MessageEvent::Kind::Resumed)
        truncate(event.step); // as the store does now
    const std::int64_t sequence = m_events.empty() ? 1 : m_events.back().sequence + 1;
    appendEvent({sequence, event, QDateTime::currentMSecsSinceEpoch()});
}

void RunView::applyState(const StateEvent &event)
{
    m_record.state = event.state;
    m_record.message = event.message;
    if (!isActive(event.state))
        m_record.finishedMs = QDateTime::currentMSecsSinceEpoch();
    m_recordDirty = true;
}

void RunView::add(const QString &metric, std::uint64_t step, double value)
{
    addPoint(m_curves[{metric, -1}], {step, value});
    m_pointsDirty = true;
}

void RunView::add(const QString &metric, std::uint64_t step, const std::vector<double> &values)
{
    for (std::size_t domain = 0; domain < values.size(); ++domain)
        addPoint(m_curves[{metric, int(domain)}], {step, values[domain]});
    m_pointsDirty = true;
}

void RunView::appendCurve(const QString &metric, int domain, const Curve &points)
{
    Curve &known = m_curves[{metric, domain}];
    known.reserve(known.size() + points.size());
    for (const CurvePoint &point : points)
        addPoint(known, point);
    m_pointsDirty = true;
}

void RunView::appendClock(std::uint64_t step, std::uint64_t tokens, double seconds)
{
    const ClockPoint point{step, double(tokens), seconds};
    if (!m_clock.empty() && m_clock.back().step == step)
        m_clock.back() = point;
    else if (m_clock.empty() || m_clock.back().step < step)
        m_clock.push_back(point);
    m_pointsDirty = true;
}

void RunView::appendEvent(const StoredEvent &event)
{
    m_events.push_back(event);
    m_eventsDirty = true;
}

void RunView::truncate(std::uint64_t step)
{
    for (auto &[key, points] : m_curves) {
        const auto after = std::find_if(points.rbegin(), points.rend(),
                                        [step](const CurvePoint &point) { return point.step <= step; });
        points.erase(after.base(), points.end());
    }
    std::erase_if(m_clock, [step](const ClockPoint &point) { return point.step > step; });
    m_resetDirty = true;
}

void RunView::clear()
{
    for (auto &[key, points] : m_curves)
        points.clear();
    m_clock.clear();
    m_events.clear();
    m_resetDirty = true;
}

void RunView::publish()
{
    if (std::exchange(m_recordDirty, false))
        emit recordChanged();
    if (std::exchange(m_resetDirty, false))
        emit reset();
    if (std::exchange(m_pointsDirty, false))
        emit pointsAppended();
    if (std::exchange(m_eventsDirty, false))
        emit eventsAppended();
}

} // namespace krater
