// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/curve_plot.h"

#include "ui/plots/plot_axes.h"
#include "ui/theme/number_format.h"

#include <qcustomplot.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numbers>

namespace krater {
namespace {

constexpr double kNoValue = std::numeric_limits<double>::quiet_NaN();

bool hasLabel(const PlotCurve &curve)
{
    return curve.role == CurveRole::Main;
}

// First index whose position is not below x.
std::size_t indexAt(const PlotCurve &curve, double x)
{
    std::size_t low = 0;
    std::size_t high = curve.series->size();
    while (low < high) {
        const std::size_t middle = low + (high - low) / 2;
        if (curve.position(curve.series->at(middle).step) < x)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

} // namespace

double toUnit(double lossNats, LossUnit unit, double bytesPerToken)
{
    switch (unit) {
    case LossUnit::Nats:
        return lossNats;
    case LossUnit::Bits:
        return lossNats / std::numbers::ln2;
    case LossUnit::Perplexity:
        return std::exp(std::min(lossNats, 700.0)); // exp overflows at 710
    case LossUnit::BitsPerByte:
        return bytesPerToken > 0 ? lossNats / (std::numbers::ln2 * bytesPerToken) : kNoValue;
    }
    return lossNats;
}

CurvePlot::CurvePlot(const QString &accessibleName, QWidget *parent) : TimePlot(parent)
{
    setAccessibleName(accessibleName);
}

void CurvePlot::setCurves(std::vector<PlotCurve> curves)
{
    plot()->clearGraphs();
    m_graphs.clear();
    m_curves = std::move(curves);
    // Faint ones first: what is added later is drawn above.
    std::stable_sort(m_curves.begin(), m_curves.end(), [](const PlotCurve &a, const PlotCurve &b) {
        const auto depth = [](CurveRole role) { return role == CurveRole::Raw ? 0 : role == CurveRole::Main ? 2 : 1; };
        return depth(a.role) < depth(b.role);
    });
    for (std::size_t i = 0; i < m_curves.size(); ++i) {
        m_graphs.push_back(plot()->addGraph());
        styleGraph(i);
    }
}

void CurvePlot::setUnit(LossUnit unit)
{
    m_unit = unit;
}

void CurvePlot::setLogarithmic(bool logarithmic)
{
    m_logarithmic = logarithmic;
    setLogarithmicY(plot(), logarithmic, ValueFormat::Number);
}

void CurvePlot::styleGraph(std::size_t index)
{
    const PlotCurve &curve = m_curves[index];
    QCPGraph *graph = m_graphs[index];
    QPen pen(curve.colour, 1);
    switch (curve.role) {
    case CurveRole::Main:
        pen.setWidthF(1.6);
        break;
    case CurveRole::Smoothed:
        pen.setColor(blend(theme().surface, curve.colour, 0.6));
        break;
    case CurveRole::Raw:
        pen.setColor(theme().faintLine(curve.colour));
        break;
    case CurveRole::Ghost:
        pen.setStyle(Qt::DotLine);
        break;
    }
    graph->setPen(pen);
    graph->setAntialiased(true);
    graph->setAdaptiveSampling(false); // the pyramid has done it
}

void CurvePlot::applyTheme()
{
    for (std::size_t i = 0; i < m_graphs.size(); ++i)
        styleGraph(i);
}

CurvePlot::Visible CurvePlot::visible(const PlotCurve &curve, double lower, double upper) const
{
    Visible range;
    range.firstInside = indexAt(curve, lower);
    range.lastInside = indexAt(curve, std::nextafter(upper, std::numeric_limits<double>::infinity()));
    range.first = range.firstInside > 0 ? range.firstInside - 1 : 0;
    range.last = std::min(curve.series->size(), range.lastInside + 1);
    return range;
}

double CurvePlot::value(const PlotCurve &curve, std::size_t index) const
{
    return toUnit(curve.series->at(index).value, m_unit, curve.bytesPerToken);
}

void CurvePlot::fillGraph(std::size_t index, const Visible &range, int columns)
{
    const PlotCurve &curve = m_curves[index];
    const std::vector<CurvePoint> points = curve.series->reduce(range.first, range.last, columns);
    QVector<QCPGraphData> drawn;
    drawn.reserve(qsizetype(points.size()));
    for (const CurvePoint &point : points) {
        const double y = toUnit(point.value, m_unit, curve.bytesPerToken);
        if (!std::isfinite(y) || (m_logarithmic && y <= 0)) {
            m_clipped = m_clipped || (std::isfinite(y) && y <= 0);
            continue;
        }
        drawn.append(QCPGraphData(curve.position(point.step), y));
    }
    // A single evaluation has no line yet.
    const bool lonely = curve.role == CurveRole::Main && drawn.size() == 1;
    m_graphs[index]->setScatterStyle(lonely ? QCPScatterStyle(QCPScatterStyle::ssDisc, 5) : QCPScatterStyle());
    m_graphs[index]->data()->set(drawn, true);
}

void CurvePlot::fitY(const std::vector<Visible> &ranges)
{
    double low = std::numeric_limits<double>::infinity();
    double high = -low;
    for (std::size_t i = 0; i < m_curves.size(); ++i) {
        const Visible &range = ranges[i];
        if (range.firstInside >= range.lastInside)
            continue;
        const DisplaySeries::Range span = m_curves[i].series->range(range.firstInside, range.lastInside);
        const double bottom = toUnit(span.min, m_unit, m_curves[i].bytesPerToken);
        if (std::isnan(bottom))
            continue;
        if (!m_logarithmic || bottom > 0)
            low = std::min(low, bottom);
        high = std::max(high, toUnit(span.max, m_unit, m_curves[i].bytesPerToken));
    }
    if (!(low <= high)) {
        plot()->yAxis->setRange(m_logarithmic ? 1 : 0, 6);
        return;
    }
    if (m_logarithmic) {
        plot()->yAxis->setRange(low / 1.1, high * 1.1);
        return;
    }
    const double margin = std::max((high - low) * 0.06, 1e-6);
    plot()->yAxis->setRange(low >= 0 ? std::max(0.0, low - margin) : low - margin, high + margin);
}

void CurvePlot::fill(double lower, double upper, int columns)
{
    m_clipped = false;
    m_reduction = 1;
    std::vector<Visible> ranges;
    ranges.reserve(m_curves.size());
    std::vector<EndLabel> labels;
    for (std::size_t i = 0; i < m_curves.size(); ++i) {
        const PlotCurve &curve = m_curves[i];
        const Visible range = visible(curve, lower, upper);
        fillGraph(i, range, columns);
        m_reduction = std::max(m_reduction, DisplaySeries::blockSize(range.last - range.first, columns));
        if (hasLabel(curve) && range.lastInside > 0) {
            const double last = value(curve, range.lastInside - 1);
            if (!std::isnan(last))
                labels.push_back({last, curve.name + QLatin1Char(' ') + number::decimal(last, m_decimals), curve.colour});
        }
        ranges.push_back(range);
    }
    setEndLabels(std::move(labels));
    fitY(ranges);
}

std::vector<std::pair<double, QColor>> CurvePlot::cursorDots(double x) const
{
    std::vector<std::pair<double, QColor>> dots;
    for (const PlotCurve &curve : m_curves) {
        if (!hasLabel(curve) || curve.series->empty())
            continue;
        const std::size_t after = indexAt(curve, x);
        if (after >= curve.series->size())
            continue;
        const double right = curve.position(curve.series->at(after).step);
        double y = value(curve, after);
        if (after > 0 && right > x) {
            const double left = curve.position(curve.series->at(after - 1).step);
            const double share = right > left ? (x - left) / (right - left) : 1.0;
            y = value(curve, after - 1) * (1 - share) + y * share;
        } else if (after == 0 && right > x) {
            continue; // before its first point
        }
        dots.emplace_back(y, curve.colour);
    }
    return dots;
}

PlotTable CurvePlot::table() const
{
    PlotTable table;
    table.columns << tr("step");
    std::map<std::uint64_t, std::vector<double>> rows;
    std::vector<const PlotCurve *> shown;
    for (const PlotCurve &curve : m_curves) {
        if (curve.role == CurveRole::Smoothed)
            continue;
        shown.push_back(&curve);
        table.columns << (curve.role == CurveRole::Raw ? tr("%1 (training)").arg(curve.name) : curve.name);
    }
    for (std::size_t column = 0; column < shown.size(); ++column) {
        for (std::size_t i = 0; i < shown[column]->series->size(); ++i) {
            auto &row = rows[shown[column]->series->at(i).step];
            row.resize(shown.size(), kNoValue);
            row[column] = value(*shown[column], i);
        }
    }
    table.rows.reserve(rows.size());
    for (const auto &[step, values] : rows) {
        std::vector<double> row{double(step)};
        row.insert(row.end(), values.begin(), values.end());
        table.rows.push_back(std::move(row));
    }
    return table;
}

QString CurvePlot::summary() const
{
    QStringList parts;
    for (const PlotCurve &curve : m_curves) {
        if (hasLabel(curve) && !curve.series->empty())
            parts << tr("%1 from %2 to %3")
                         .arg(curve.name, number::decimal(value(curve, 0), 2),
                              number::decimal(value(curve, curve.series->size() - 1), 2));
    }
    return parts.isEmpty() ? tr("No points yet.") : parts.join(QStringLiteral("; "));
}

} // namespace krater
