// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/store/run_record.h"

#include <QObject>
#include <QString>
#include <QStringList>

#include <map>
#include <utility>

namespace krater {

enum class XAxis { Step, Tokens, Seconds };

// One run as the window draws it: its record, its curves (append-only), its events. Fed by TrainingSession with live events or by RunLibrary from the
// store; views do not care which. UI thread only.
class RunView : public QObject {
    Q_OBJECT

public:
    explicit RunView(const RunRecord &record, QObject *parent = nullptr);

    const RunRecord &record() const { return m_record; }
    int numDomains() const { return int(m_record.domains.size()); }

    // Points in order of step, all finite; empty if there are none (yet). Domain -1 for metrics without one. References stay valid as long as the view.
    const Curve &curve(const QString &metric, int domain) const;
    QStringList policyTerms() const; // names without "policy."
    // Where a step lies on an axis (tokens or training seconds; interpolated between stored steps, the last one's beyond the end).
    double position(std::uint64_t step, XAxis axis) const;
    const std::vector<StoredEvent> &events() const { return m_events; }
    // Values of the newest point, NaN if none.
    double latest(const QString &metric, int domain) const;

    // For the feeders.
    void setRecord(const RunRecord &record);
    void apply(const RunEvent &event); // does not signal: call publish() once per batch
    void appendCurve(const QString &metric, int domain, const Curve &points);
    void appendClock(std::uint64_t step, std::uint64_t tokens, double seconds);
    void appendEvent(const StoredEvent &event);
    void truncate(std::uint64_t step); // a resumed run: drop points that lie after
    void clear();                      // all curves and events
    void publish();                    // emits what changed since the last call

signals:
    void recordChanged();  // anything in record() but the counts that every step moves (step, tokens, seconds)
    void pointsAppended(); // and with them step, tokens and seconds of record()
    void eventsAppended();
    void reset(); // points were taken away: read the curves anew

private:
    struct ClockPoint {
        std::uint64_t step = 0;
        double tokens = 0;
        double seconds = 0;
    };

    void applyStep(const StepEvent &event);
    void applyMessage(const MessageEvent &event);
    void applyState(const StateEvent &event);
    template<typename Event>
    void addMetrics(const Event &event);
    void add(const QString &metric, std::uint64_t step, double value);
    void add(const QString &metric, std::uint64_t step, const std::vector<double> &values);

    RunRecord m_record;
    mutable std::map<std::pair<QString, int>, Curve>
        m_curves; // an entry for each curve that was asked for, so that references last
    std::vector<ClockPoint> m_clock;
    std::vector<StoredEvent> m_events;
    bool m_recordDirty = false, m_pointsDirty = false, m_eventsDirty = false, m_resetDirty = false;
};

} // namespace krater
