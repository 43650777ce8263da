// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/compare/comparison_tab.h"

class QStackedWidget;

namespace krater {

class CellTable;
class DifferenceChart;
class EmptyState;
class RunLegend;
class SectionHeader;
class ValueTable;

// Held-out loss of each domain less the baseline's: as bars, and as numbers with the losses themselves.
class DifferencesTab : public ComparisonTab {
    Q_OBJECT

public:
    explicit DifferencesTab(RunSelection &selection, QWidget *parent = nullptr);

    QString title() const override;
    QWidget *chart() override;

protected:
    void showNumbers() override;

private:
    void showChart();
    void showTable();

    SectionHeader *m_header;
    RunLegend *m_legend;
    QWidget *m_figure; // heading, legend and bars: what a picture shows
    QStackedWidget *m_stack;
    EmptyState *m_empty;
    DifferenceChart *m_chart;
    CellTable *m_cells;
    ValueTable *m_table;
};

} // namespace krater
