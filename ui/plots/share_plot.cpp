// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/share_plot.h"

#include "ui/plots/plot_axes.h"
#include "ui/plots/plot_painting.h"
#include "ui/theme/number_format.h"

#include <qcustomplot.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace krater {
namespace {

// First index whose position is not below x.
std::size_t indexAt(const ShareSeries &series, const std::function<double(std::uint64_t)> &position, double x)
{
    std::size_t low = 0;
    std::size_t high = series.size();
    while (low < high) {
        const std::size_t middle = low + (high - low) / 2;
        if (position(series.step(middle)) < x)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

} // namespace

SharePlot::SharePlot(const QString &accessibleName, QWidget *parent) : TimePlot(parent)
{
    setAccessibleName(accessibleName);
    setTickFormats(plot(), ValueFormat::Steps, {}, ValueFormat::Percent);
    plot()->yAxis->setRange(0, 1);
    plot()->yAxis->ticker()->setTickCount(2);
    addPainting(plot(), QStringLiteral("main"), [this](QPainter &painter) {
        paintAreas(painter);
        paintRealised(painter);
    });
}

void SharePlot::setSeries(const ShareSeries *series, QStringList names, std::vector<QColor> colours,
                          std::function<double(std::uint64_t)> position)
{
    m_series = series;
    m_names = std::move(names);
    m_colours = std::move(colours);
    m_position = std::move(position);
    m_columns.clear();
}

SharePlot::Column SharePlot::makeColumn(std::size_t first, std::size_t last) const
{
    Column column;
    column.left = m_position(m_series->step(first));
    column.right = last < m_series->size() ? m_position(m_series->step(last)) : m_position(m_series->step(last - 1));
    column.target = m_series->meanTarget(first, last);
    std::partial_sum(column.target.begin(), column.target.end(), column.target.begin());
    const std::uint64_t to = m_series->step(last - 1);
    const std::uint64_t span = std::max(m_window, to - m_series->step(first));
    column.realised = m_series->realised(to > span ? to - span : 0, to);
    std::partial_sum(column.realised.begin(), column.realised.end(), column.realised.begin());
    return column;
}

void SharePlot::fill(double lower, double upper, int columns)
{
    m_columns.clear();
    if (!m_series || m_series->size() == 0 || m_series->numDomains() == 0) {
        setEndLabels({});
        return;
    }
    const std::size_t inside = indexAt(*m_series, m_position, lower);
    const std::size_t first = inside > 0 ? inside - 1 : 0;
    const std::size_t last = std::min(m_series->size(), indexAt(*m_series, m_position, upper) + 1);
    std::size_t block = 1;
    while ((last - first) / block > std::size_t(std::max(1, columns / 2)))
        block *= 2;
    for (std::size_t from = first; from < last;) {
        const std::size_t to = std::min(last, (from / block + 1) * block);
        m_columns.push_back(makeColumn(from, to));
        from = to;
    }
    std::vector<EndLabel> labels;
    const std::vector<double> &end = m_columns.back().target;
    for (std::size_t k = 0; k < end.size(); ++k) {
        const double below = k > 0 ? end[k - 1] : 0;
        labels.push_back({(below + end[k]) / 2,
                          m_names[qsizetype(k)] + QLatin1Char(' ') + number::percent(end[k] - below), m_colours[k],
                          end[k] - below});
    }
    setEndLabels(std::move(labels));
}

void SharePlot::paintAreas(QPainter &painter) const
{
    if (m_columns.empty())
        return;
    const QRectF area = plot()->axisRect()->rect();
    painter.save();
    painter.setClipRect(area);
    painter.setRenderHint(QPainter::Antialiasing, false);
    painter.setPen(Qt::NoPen);
    QPolygonF polygon;
    polygon.reserve(qsizetype(2 * m_columns.size() + 2));
    // From the top down: each area covers all below its upper border, and the next one covers what is not its own.
    for (std::size_t k = m_colours.size(); k-- > 0;) {
        polygon.clear();
        for (const Column &column : m_columns) {
            const double y = plot()->yAxis->coordToPixel(column.target[k]);
            polygon << QPointF(plot()->xAxis->coordToPixel(column.left), y)
                    << QPointF(plot()->xAxis->coordToPixel(column.right), y);
        }
        polygon << QPointF(polygon.last().x(), area.bottom() + 1) << QPointF(polygon.first().x(), area.bottom() + 1);
        painter.setBrush(theme().area(m_colours[k]));
        painter.drawPolygon(polygon);
    }
    painter.restore();
}

void SharePlot::paintRealised(QPainter &painter) const
{
    painter.save();
    painter.setClipRect(plot()->axisRect()->rect());
    painter.setRenderHint(QPainter::Antialiasing, true);
    painter.setBrush(Qt::NoBrush);
    QPen pen(theme().isDark ? QColor(0x14, 0x14, 0x13) : QColor(0xFF, 0xFF, 0xFF), 1.2);
    pen.setDashPattern({4, 3});
    pen.setCapStyle(Qt::FlatCap);
    painter.setPen(pen);
    QPolygonF line;
    for (std::size_t k = 0; k + 1 < m_colours.size(); ++k) {
        line.clear();
        for (const Column &column : m_columns) {
            if (!column.realised.empty())
                line << QPointF(plot()->xAxis->coordToPixel(column.right),
                                plot()->yAxis->coordToPixel(column.realised[k]));
        }
        painter.drawPolyline(line);
    }
    painter.restore();
}

PlotTable SharePlot::table() const
{
    PlotTable table;
    table.columns << tr("step");
    for (const QString &name : m_names)
        table.columns << tr("%1 target").arg(name);
    for (const QString &name : m_names)
        table.columns << tr("%1 realised").arg(name);
    if (!m_series)
        return table;
    for (std::size_t i = 0; i < m_series->size(); ++i) {
        const std::uint64_t step = m_series->step(i);
        std::vector<double> row{double(step)};
        const std::vector<double> target = m_series->meanTarget(i, i + 1);
        row.insert(row.end(), target.begin(), target.end());
        std::vector<double> realised = m_series->realised(step > m_window ? step - m_window : 0, step);
        realised.resize(target.size(), std::numeric_limits<double>::quiet_NaN());
        row.insert(row.end(), realised.begin(), realised.end());
        table.rows.push_back(std::move(row));
    }
    return table;
}

QString SharePlot::summary() const
{
    if (!m_series || m_series->size() == 0)
        return tr("No points yet.");
    QStringList parts;
    const std::vector<double> now = m_series->meanTarget(m_series->size() - 1, m_series->size());
    for (std::size_t k = 0; k < now.size(); ++k)
        parts << m_names[qsizetype(k)] + QLatin1Char(' ') + number::percent(now[k]);
    return parts.join(QStringLiteral("; "));
}

} // namespace krater
