// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/run_view.h"
#include "ui/compare/comparison_tab.h"

#include <memory>
#include <vector>

class QComboBox;
class QSpinBox;
class QStackedWidget;

namespace krater {

class CrosshairGroup;
class CurvePlot;
class EmptyState;
class RunTableModel;
class SectionHeader;
class SegmentedControl;
class Settings;

// One metric of one domain (or on the fixed mixture) of all selected runs, laid over each other; grows while a run is trained, here or elsewhere.
class CurvesTab : public ComparisonTab {
    Q_OBJECT

public:
    CurvesTab(RunSelection &selection, RunTableModel &model, Settings &settings, QWidget *parent = nullptr);
    ~CurvesTab() override;

    QString title() const override;
    QWidget *chart() override;
    QImage picture(double scale) override;
    bool saveSvg(const QString &file) override;
    CurvePlot *plot() const { return m_plot; }

protected:
    void showRuns() override;
    void resizeEvent(QResizeEvent *event) override;

private:
    struct Line;

    void createControls();
    QWidget *makeControlRow();
    void listMetrics();
    void listDomains();
    void rebuildCurves();
    std::unique_ptr<Line> makeLine(std::size_t run) const;
    void showHeading();
    void extend();
    void updateExtent();
    QString metricKey() const;
    XAxis axis() const;

    RunTableModel &m_model;
    Settings &m_settings;
    SectionHeader *m_header;
    QComboBox *m_metric;
    QComboBox *m_domain;
    QSpinBox *m_smoothing;
    SegmentedControl *m_axis;
    QStackedWidget *m_stack;
    EmptyState *m_empty;
    CurvePlot *m_plot;
    CrosshairGroup *m_group;
    std::vector<std::unique_ptr<Line>> m_lines;
};

} // namespace krater
