// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/plots/share_series.h"
#include "ui/plots/time_plot.h"

namespace krater {

// The sampling probabilities of a run, stacked: the target as areas, the share that was drawn in a running window as dashed borders. In between updates
// the target stands still, so areas have steps. At most one point per two pixels; each is the mean of what it covers.
class SharePlot : public TimePlot {
    Q_OBJECT

public:
    explicit SharePlot(const QString &accessibleName, QWidget *parent = nullptr);

    // Null: nothing to show. The series outlives the plot's use of it.
    void setSeries(const ShareSeries *series, QStringList names, std::vector<QColor> colours,
                   std::function<double(std::uint64_t step)> position);
    void setWindow(std::uint64_t steps) { m_window = steps; } // of the realised share, at least

    PlotTable table() const override;
    QString summary() const override;

protected:
    void fill(double lower, double upper, int columns) override;

private:
    struct Column {
        double left = 0;              // x
        double right = 0;             // x of the next
        std::vector<double> target;   // [K] cumulative: upper borders
        std::vector<double> realised; // [K] cumulative; empty if nothing was drawn
    };

    void paintAreas(QPainter &painter) const;
    void paintRealised(QPainter &painter) const;
    Column makeColumn(std::size_t first, std::size_t last) const;

    const ShareSeries *m_series = nullptr;
    QStringList m_names;
    std::vector<QColor> m_colours;
    std::function<double(std::uint64_t)> m_position;
    std::uint64_t m_window = 50;
    std::vector<Column> m_columns;
};

} // namespace krater
