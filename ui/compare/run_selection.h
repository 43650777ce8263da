// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/run_library.h"
#include "app/run_table_model.h"
#include "core/compare/run_comparison.h"

#include <QColor>
#include <QObject>

#include <memory>
#include <optional>
#include <vector>

namespace krater {

struct Theme;

// A run that the charts of the Compare page show. Plain value.
struct ShownRun {
    static constexpr int kBaselineColour = -1;

    RunId id = 0;
    std::shared_ptr<RunView> view;
    int colourIndex = kBaselineColour; // into the palette of domains; the baseline has the accent

    QString name() const;
    QColor colour(const Theme &theme) const;
    Qt::PenStyle pen() const; // colours repeat after the palette's end, patterns then differ
};

// The runs that are compared: what is selected in the table, and the baseline with it. Keeps a run's colour while it is selected, holds its curves, and
// compares. UI thread only.
class RunSelection : public QObject {
    Q_OBJECT

public:
    static constexpr std::size_t kMaxShown = 12;

    RunSelection(RunLibrary &library, RunTableModel &model, QObject *parent = nullptr);

    void select(const std::vector<RunId> &runs); // in the order of the table
    std::size_t numSelected() const { return m_selected.size(); }

    // The baseline first, then the selected ones; at most kMaxShown.
    const std::vector<ShownRun> &runs() const { return m_runs; }
    const ShownRun *find(RunId run) const;
    // The pinned run, or else the one of the selected that was started first. Nothing if there is no run.
    const ShownRun *baseline() const { return m_runs.empty() ? nullptr : &m_runs.front(); }
    bool isPinned() const; // the baseline is one that the user has chosen

    // Of runs(), in their order; nothing if there is no run or it cannot be made (comparisonProblem()).
    const std::optional<Comparison> &comparison() const { return m_comparison; }
    QString comparisonProblem() const { return m_problem; }
    std::vector<QColor> comparedColours() const; // of the comparison's domains

signals:
    void runsChanged();       // which, their names or colours
    void comparisonChanged(); // the numbers

private:
    void rebuild();
    void giveColours();
    void refresh();
    void compare();
    std::vector<RunId> wanted() const;

    RunLibrary &m_library;
    RunTableModel &m_model;
    QString m_storeFile;
    std::vector<RunId> m_selected;
    std::vector<ShownRun> m_runs;
    std::vector<std::shared_ptr<const std::vector<MetricSummary>>> m_compared; // what the comparison was made from
    std::optional<Comparison> m_comparison;
    QString m_problem;
};

} // namespace krater
