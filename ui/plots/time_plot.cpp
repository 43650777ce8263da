// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/time_plot.h"

#include "ui/plots/plot_axes.h"
#include "ui/plots/plot_painting.h"

#include <qcustomplot.h>

#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace krater {
namespace {

const QString kMarksLayer = QStringLiteral("marks");
const QString kCursorLayer = QStringLiteral("cursor");
constexpr int kTopMargin = 12;
constexpr int kLabelGap = 8;         // between the end of a curve and its label
constexpr int kMostFaintMarks = 6;
constexpr double kLeastMarkGap = 10; // between minor marks

QFont labelFont(const QWidget *widget)
{
    QFont font = textFont(TextRole::Small, widget);
    font.setPixelSize(std::max(11, font.pixelSize() - 1));
    return font;
}

// What follows the last number of the axis; times say it themselves.
QString unitText(XAxis axis)
{
    switch (axis) {
    case XAxis::Step:
        return TimePlot::tr("steps");
    case XAxis::Tokens:
        return TimePlot::tr("tokens");
    case XAxis::Seconds:
        break;
    }
    return {};
}

} // namespace

TimePlot::TimePlot(QWidget *parent) : QWidget(parent), m_plot(new QCustomPlot(this))
{
    auto *fill = new QVBoxLayout(this);
    fill->setContentsMargins(0, 0, 0, 0);
    fill->addWidget(m_plot);
    setFocusPolicy(Qt::StrongFocus);
    createPlot();
    createLayers();
    restyle();
}

TimePlot::~TimePlot() = default;

void TimePlot::createPlot()
{
    m_plot->setFocusPolicy(Qt::NoFocus);
    m_plot->setAttribute(Qt::WA_OpaquePaintEvent);
    m_plot->setPlottingHint(QCP::phFastPolylines);
    m_plot->setPlottingHint(QCP::phCacheLabels);
    m_plot->axisRect()->setAutoMargins(QCP::msNone);
    m_plot->installEventFilter(this);
    // A screen reader should meet this widget, not the canvas inside.
    m_plot->setAccessibleName(tr("Drawing"));
    setTickFormats(m_plot, formatOf(m_axis), unitText(m_axis), ValueFormat::Number);
}

void TimePlot::createLayers()
{
    m_plot->addLayer(kMarksLayer, m_plot->layer(QStringLiteral("main")), QCustomPlot::limAbove);
    m_plot->addLayer(kCursorLayer, m_plot->layer(QStringLiteral("overlay")), QCustomPlot::limAbove);
    m_plot->layer(kCursorLayer)->setMode(QCPLayer::lmBuffered);
    addPainting(m_plot, kMarksLayer, [this](QPainter &painter) { paintMarks(painter); });
    addPainting(m_plot, QStringLiteral("overlay"), [this](QPainter &painter) { paintLabels(painter); });
    addPainting(m_plot, kCursorLayer, [this](QPainter &painter) { paintCursor(painter); });
}

void TimePlot::restyle()
{
    const QFont font = labelFont(this);
    styleAxes(m_plot, theme(), font);
    const QFontMetrics metrics(font);
    QMargins margins = m_plot->axisRect()->margins();
    margins.setTop(kTopMargin);
    margins.setLeft(metrics.horizontalAdvance(QStringLiteral("100 %")) + 12);
    margins.setBottom(metrics.height() + 12);
    margins.setRight(std::max(margins.right(), 16));
    m_plot->axisRect()->setMargins(margins);
}

void TimePlot::setXAxis(XAxis axis)
{
    m_axis = axis;
    const auto y = m_plot->yAxis->ticker();
    setTickFormats(m_plot, formatOf(axis), unitText(axis), ValueFormat::Number);
    m_plot->yAxis->setTicker(y);
}

void TimePlot::setRange(double lower, double upper)
{
    m_lower = lower;
    m_upper = std::max(upper, lower + 1e-9);
}

void TimePlot::setMarks(std::vector<PlotMark> marks)
{
    m_marks = std::move(marks);
}

void TimePlot::setEndLabels(std::vector<EndLabel> labels)
{
    m_labels = std::move(labels);
}

void TimePlot::setCursor(std::optional<double> x)
{
    if (m_cursor == x)
        return;
    m_cursor = x;
    if (isVisible())
        m_plot->layer(kCursorLayer)->replot();
}

void TimePlot::setRightMargin(int pixels)
{
    QMargins margins = m_plot->axisRect()->margins();
    margins.setRight(pixels);
    m_plot->axisRect()->setMargins(margins);
}

int TimePlot::wantedRightMargin() const
{
    const QFontMetrics metrics(labelFont(this));
    int widest = metrics.horizontalAdvance(unitText(m_axis)); // half of the last number with its unit may stand out
    for (const EndLabel &label : m_labels)
        widest = std::max(widest, metrics.horizontalAdvance(label.text));
    return widest + kLabelGap + 10;
}

int TimePlot::plotWidth() const
{
    const QMargins margins = m_plot->axisRect()->margins();
    return std::max(1, width() - margins.left() - margins.right());
}

void TimePlot::redraw()
{
    if (!isVisible())
        return; // showEvent() catches up
    m_plot->xAxis->setRange(m_lower, m_upper);
    setLabelRoom(m_plot, plotWidth());
    fill(m_lower, m_upper, plotWidth());
    m_plot->replot(QCustomPlot::rpQueuedReplot);
    setAccessibleDescription(summary());
}

double TimePlot::replotMs() const
{
    return m_plot->replotTime(true);
}

double TimePlot::xAt(double pixel) const
{
    return m_plot->xAxis->pixelToCoord(pixel);
}

double TimePlot::pixelOf(double x) const
{
    return m_plot->xAxis->coordToPixel(x);
}

QString TimePlot::tickText(double x) const
{
    return axisText(x, formatOf(m_axis));
}

std::vector<std::pair<double, QColor>> TimePlot::cursorDots(double) const
{
    return {};
}

void TimePlot::paintMarks(QPainter &painter) const
{
    const QRect area = m_plot->axisRect()->rect();
    double lastMinor = -1e9;
    // Many checkpoints would hide the curves behind a fence: then they are ticks as evaluations are.
    const bool fence = std::count_if(m_marks.begin(), m_marks.end(), [&](const PlotMark &mark) {
        return mark.isMajor && mark.tone == Tone::Faint && mark.x >= m_lower && mark.x <= m_upper;
    }) > kMostFaintMarks;
    for (const PlotMark &mark : m_marks) {
        const double x = std::round(pixelOf(mark.x)) + 0.5;
        if (x < area.left() || x > area.right() + 1)
            continue;
        const QColor ink = theme().tone(mark.tone);
        if (!mark.isMajor || (fence && mark.tone == Tone::Faint)) {
            if (x - lastMinor < kLeastMarkGap)
                continue; // a comb of ticks says nothing
            lastMinor = x;
            painter.setPen(QPen(theme().line, 1));
            painter.drawLine(QPointF(x, area.bottom() + 2), QPointF(x, area.bottom() + 4));
            continue;
        }
        painter.setPen(QPen(ink, 1, Qt::DotLine));
        painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()));
        painter.setPen(Qt::NoPen);
        painter.setBrush(ink);
        painter.drawPolygon(
            QPolygonF({{x - 4.5, area.top() - 9.0}, {x + 4.5, area.top() - 9.0}, {x, area.top() - 2.0}}));
    }
}

void TimePlot::paintLabels(QPainter &painter) const
{
    const QRect area = m_plot->axisRect()->rect();
    const QFont font = labelFont(this);
    const QFontMetrics metrics(font);
    painter.setFont(font);
    const int right = m_plot->viewport().right();
    const double line = metrics.height() - 1;
    std::vector<EndLabel> labels = m_labels;
    const std::size_t room = std::size_t(std::max(0.0, (area.height() + 12) / line));
    if (labels.size() > room) {
        std::stable_sort(labels.begin(), labels.end(),
                         [](const EndLabel &a, const EndLabel &b) { return a.weight > b.weight; });
        labels.resize(room);
    }
    std::vector<double> wanted;
    for (const EndLabel &label : labels)
        wanted.push_back(std::clamp(m_plot->yAxis->coordToPixel(label.y), double(area.top()), double(area.bottom())));
    const std::vector<double> centres = spreadLabels(wanted, line, area.top() - 6, area.bottom() + 6);
    for (std::size_t i = 0; i < labels.size(); ++i) {
        painter.setPen(theme().readable(labels[i].colour));
        const QRectF box(area.right() + kLabelGap + 1, centres[i] - line / 2, right - area.right() - kLabelGap, line);
        painter.drawText(box, Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine, labels[i].text);
    }
}

void TimePlot::paintCursor(QPainter &painter) const
{
    if (!m_cursor)
        return;
    const QRect area = m_plot->axisRect()->rect();
    const double x = std::round(pixelOf(*m_cursor)) + 0.5;
    if (x < area.left() || x > area.right() + 1)
        return;
    QColor ink = theme().text;
    ink.setAlphaF(0.6F);
    painter.setRenderHint(QPainter::Antialiasing, false);
    painter.setPen(QPen(ink, 1));
    painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()));
    painter.setRenderHint(QPainter::Antialiasing, true);
    for (const auto &[y, colour] : cursorDots(*m_cursor)) {
        const double pixel = m_plot->yAxis->coordToPixel(y);
        if (pixel < area.top() - 1 || pixel > area.bottom() + 1)
            continue;
        painter.setPen(QPen(theme().surface, 1.5));
        painter.setBrush(colour);
        painter.drawEllipse(QPointF(x, pixel), 3.5, 3.5);
    }
}

} // namespace krater
