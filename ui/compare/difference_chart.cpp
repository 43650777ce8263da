// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/compare/difference_chart.h"

#include "ui/theme/number_format.h"
#include "ui/theme/theme.h"
#include "ui/widgets/colour_swatch.h"

#include <QHelpEvent>
#include <QPainter>
#include <QToolTip>

#include <algorithm>
#include <cmath>
#include <utility>

namespace krater {
namespace {

constexpr int kDecimals = 3;
constexpr double kBarHeight = 10;
constexpr double kBarGap = 2;
constexpr double kGroupGap = 10;
constexpr double kAxisHeight = 26;
constexpr double kTopMargin = 6;
constexpr double kNumberGap = 6; // between a bar and its number
constexpr int kMinTickPixels = 90;

double groupHeight(std::size_t numRuns)
{
    const double bars = double(std::max<std::size_t>(1, numRuns));
    return std::max(22.0, bars * (kBarHeight + kBarGap) - kBarGap) + kGroupGap;
}

// 1, 2 or 5 times a power of ten, the smallest that leaves `pixels` between ticks.
double tickStep(double perPixel, int pixels)
{
    const double wanted = perPixel * pixels;
    const double power = std::pow(10.0, std::floor(std::log10(wanted)));
    for (const double factor : {1.0, 2.0, 5.0})
        if (factor * power >= wanted)
            return factor * power;
    return 10 * power;
}

} // namespace

// Where things are, for one size.
struct DifferenceChart::Layout {
    QRectF names;
    QRectF plot;
    double lower = 0, upper = 0; // nats/token at the plot's ends
    double group = 0;            // pixels

    Layout(const DifferenceBars &bars, const QRectF &area, const QFontMetricsF &metrics)
    {
        double width = 60;
        for (const DifferenceBars::Group &entry : bars.groups)
            width = std::max(width, metrics.horizontalAdvance(entry.name) + kSwatchSize + 24);
        width = std::min(width, area.width() / 3);
        names = QRectF(area.left(), area.top() + kTopMargin, width, area.height() - kTopMargin - kAxisHeight);
        const double number = metrics.horizontalAdvance(number::change(-0.888, kDecimals)) + kNumberGap + 4;
        plot = names.translated(width, 0);
        plot.setRight(area.right());
        plot.adjust(number, 0, -number, 0);
        double least = 0, most = 0;
        for (const DifferenceBars::Group &entry : bars.groups)
            for (const double value : entry.values)
                if (std::isfinite(value)) {
                    least = std::min(least, value);
                    most = std::max(most, value);
                }
        const double reach = std::max({most - least, most, -least, 0.01}); // so that noise does not fill the chart
        lower = std::min(least, -0.15 * reach);
        upper = std::max(most, 0.15 * reach);
        group = groupHeight(bars.runs.size());
    }

    double x(double value) const { return plot.left() + plot.width() * (value - lower) / (upper - lower); }
    QRectF bar(std::size_t groupIndex, std::size_t run, double value) const
    {
        const double top = plot.top() + double(groupIndex) * group + double(run) * (kBarHeight + kBarGap);
        const double zero = x(0), end = x(value);
        return {std::min(zero, end), top, std::max(1.0, std::abs(end - zero)), kBarHeight};
    }
};

DifferenceChart::DifferenceChart(QWidget *parent) : QWidget(parent)
{
    setAccessibleName(tr("Held-out loss less the baseline's, per domain"));
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::MinimumExpanding);
    setMouseTracking(true);
}

void DifferenceChart::setBars(DifferenceBars bars)
{
    if (bars == m_bars)
        return;
    m_bars = std::move(bars);
    setAccessibleDescription(summary());
    updateGeometry();
    update();
}

QString DifferenceChart::summary() const
{
    QStringList parts;
    for (const DifferenceBars::Group &group : m_bars.groups)
        for (std::size_t run = 0; run < m_bars.runs.size(); ++run)
            if (std::isfinite(group.values[run]))
                parts << tr("%1, %2: %3")
                             .arg(group.name, m_bars.runs[run].name, number::change(group.values[run], kDecimals));
    return parts.join(QStringLiteral("; "));
}

QSize DifferenceChart::sizeHint() const
{
    return {560, minimumSizeHint().height()};
}

QSize DifferenceChart::minimumSizeHint() const
{
    return {280, int(kTopMargin + kAxisHeight + double(m_bars.groups.size()) * groupHeight(m_bars.runs.size()))};
}

void DifferenceChart::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    draw(painter, rect(), palette());
}

void DifferenceChart::draw(QPainter &painter, const QRectF &area, const QPalette &palette) const
{
    const Theme &theme = Theme::of(palette);
    painter.setRenderHint(QPainter::Antialiasing);
    const Layout layout(m_bars, area, QFontMetricsF(font()));
    drawAxis(painter, layout, theme);
    for (std::size_t group = 0; group < m_bars.groups.size(); ++group) {
        drawName(painter, layout, theme, group);
        painter.setFont(textFont(TextRole::Small, font()));
        for (std::size_t run = 0; run < m_bars.runs.size(); ++run)
            if (std::isfinite(m_bars.groups[group].values[run]))
                drawBar(painter, layout, theme, group, run);
    }
}

void DifferenceChart::drawAxis(QPainter &painter, const Layout &layout, const Theme &theme) const
{
    painter.setFont(textFont(TextRole::Small, font()));
    const double bottom = layout.plot.top() + double(m_bars.groups.size()) * layout.group;
    const double step = tickStep((layout.upper - layout.lower) / std::max(1.0, layout.plot.width()), kMinTickPixels);
    const int decimals = step >= 0.1 ? 1 : step >= 0.01 ? 2 : kDecimals;
    for (double tick = std::ceil(layout.lower / step) * step; tick <= layout.upper + step * 1e-6; tick += step) {
        const double x = std::round(layout.x(tick)) + 0.5;
        const bool isZero = std::abs(tick) < step / 2;
        painter.setPen(isZero ? theme.faint : theme.lineSoft);
        painter.drawLine(QPointF(x, layout.plot.top()), QPointF(x, bottom));
        painter.setPen(theme.muted);
        painter.drawText(QRectF(x - 60, bottom + 4, 120, kAxisHeight - 4), Qt::AlignHCenter | Qt::AlignTop,
                         isZero ? QStringLiteral("0") : number::change(tick, decimals));
    }
}

void DifferenceChart::drawName(QPainter &painter, const Layout &layout, const Theme &theme, std::size_t group) const
{
    const DifferenceBars::Group &entry = m_bars.groups[group];
    const QRectF name(layout.names.left(), layout.plot.top() + double(group) * layout.group, layout.names.width(),
                      layout.group - kGroupGap);
    paintSwatch(&painter, QRectF(name.left(), name.center().y() - kSwatchSize / 2.0, kSwatchSize, kSwatchSize),
                entry.colour);
    constexpr double kIndent = kSwatchSize + 8;
    painter.setFont(font());
    painter.setPen(theme.text);
    painter.drawText(name.adjusted(kIndent, 0, 0, 0), Qt::AlignVCenter | Qt::AlignLeft,
                     QFontMetricsF(font()).elidedText(entry.name, Qt::ElideRight, name.width() - kIndent - 4));
}

void DifferenceChart::drawBar(QPainter &painter, const Layout &layout, const Theme &theme, std::size_t group,
                              std::size_t run) const
{
    const double value = m_bars.groups[group].values[run];
    const QRectF bar = layout.bar(group, run, value);
    painter.setPen(Qt::NoPen);
    painter.setBrush(theme.area(m_bars.runs[run].colour));
    painter.drawRoundedRect(bar, 2, 2);
    painter.setPen(theme.muted);
    constexpr double kRoom = 100;
    const double left = value < 0 ? bar.left() - kRoom - kNumberGap : bar.right() + kNumberGap;
    painter.drawText(QRectF(left, bar.top() - 4, kRoom, bar.height() + 8),
                     int(Qt::AlignVCenter) | int(value < 0 ? Qt::AlignRight : Qt::AlignLeft),
                     number::change(value, kDecimals));
}

bool DifferenceChart::event(QEvent *event)
{
    if (event->type() != QEvent::ToolTip)
        return QWidget::event(event);
    const auto *help = static_cast<QHelpEvent *>(event);
    const Layout layout(m_bars, rect(), QFontMetricsF(font()));
    for (std::size_t index = 0; index < m_bars.groups.size(); ++index)
        for (std::size_t run = 0; run < m_bars.runs.size(); ++run) {
            const double value = m_bars.groups[index].values[run];
            if (!std::isfinite(value) || !layout.bar(index, run, value).adjusted(-4, -2, 4, 2).contains(help->pos()))
                continue;
            QToolTip::showText(help->globalPos(),
                               tr("%1\n%2: %3 nats per token")
                                   .arg(m_bars.runs[run].name, m_bars.groups[index].name, number::change(value, 4)),
                               this);
            return true;
        }
    QToolTip::hideText();
    return true;
}

} // namespace krater
