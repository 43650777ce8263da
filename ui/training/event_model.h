// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/run_view.h"
#include "ui/plots/time_plot.h"

#include <QAbstractTableModel>

#include <memory>
#include <vector>

namespace krater {

// How an event is marked in the log.
enum class EventMark { Tick, Triangle, Problem };

// Roles of EventModel: the mark, and the Tone of it.
enum EventRole { MarkRole = Qt::UserRole + 200, MarkToneRole };

// The event log of a run, newest first: step and text. Policy updates are left out: they may come at every step, and are marks on the plots. UI thread.
class EventModel : public QAbstractTableModel {
    Q_OBJECT

public:
    enum Column { Step, Text, NumColumns };

    explicit EventModel(QObject *parent = nullptr);

    void setRun(std::shared_ptr<RunView> run);
    void refresh(); // takes in new events

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    const StoredEvent &event(int row) const;
    void restart();

    std::shared_ptr<RunView> m_run;
    std::size_t m_taken = 0;          // of the run's events
    std::vector<std::size_t> m_shown; // indices of the run's events, oldest first
};

// The marks that a run's events make on the plots.
std::vector<PlotMark> marksOf(const RunView &run, XAxis axis);

} // namespace krater
