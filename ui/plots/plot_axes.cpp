// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/plot_axes.h"

#include "ui/plots/plot_painting.h"
#include "ui/theme/number_format.h"

#include <qcustomplot.h>

#include <algorithm>
#include <cmath>

namespace krater {
namespace {

constexpr int kMostTicks = 5;

class FormatTicker : public QCPAxisTicker {
public:
    explicit FormatTicker(ValueFormat format, QString unit = {}) : m_format(format), m_unit(std::move(unit)) { }

    // The unit follows the last number: 0, 0.5 M, 1 M tokens.
    void generate(const QCPRange &range, const QLocale &locale, QChar formatChar, int precision, QVector<double> &ticks,
                  QVector<double> *subTicks, QVector<QString> *tickLabels) override
    {
        QCPAxisTicker::generate(range, locale, formatChar, precision, ticks, subTicks, tickLabels);
        if (m_unit.isEmpty() || !tickLabels)
            return;
        const auto beyond = std::find_if(ticks.cbegin(), ticks.cend(), [&](double tick) { return tick > range.upper; });
        const auto last = beyond - ticks.cbegin() - 1;
        if (last < 0 || last >= tickLabels->size())
            return;
        (*tickLabels)[last] += QChar(0x00A0) + m_unit;
        makeRoom(range, ticks, *tickLabels, int(last));
    }

    void setRoom(int pixels, const QFont &font)
    {
        m_room = pixels;
        m_font = font;
        // QCustomPlot may take twice as many as it is told.
        setTickCount(std::clamp(pixels / (3 * QFontMetrics(font).horizontalAdvance(QStringLiteral("0.25 M"))), 1, kMostTicks));
    }

protected:
    double getTickStep(const QCPRange &range) override
    {
        m_largest = std::max(std::abs(range.lower), std::abs(range.upper));
        if (m_format == ValueFormat::Seconds)
            return timeTickStep(range.size() / std::max(1, tickCount()));
        const double step = QCPAxisTicker::getTickStep(range);
        return m_format == ValueFormat::Steps ? std::max(1.0, step) : step;
    }

    QString getTickLabel(double tick, const QLocale &, QChar, int) override
    {
        if (std::abs(tick) < 1e-12)
            return axisText(0, m_format);
        return m_format == ValueFormat::Tokens ? inOneUnit(tick) : axisText(tick, m_format);
    }

    int getSubTickCount(double) override { return 0; }

private:
    void makeRoom(const QCPRange &range, const QVector<double> &ticks, QVector<QString> &labels, int last) const
    {
        constexpr double kGap = 8;
        const QFontMetricsF metrics(m_font);
        const double pixelsPerUnit = m_room / range.size();
        const double start = ticks[last] * pixelsPerUnit - metrics.horizontalAdvance(labels[last]) / 2 - kGap;
        for (int tick = 0; m_room > 0 && tick < last; ++tick)
            if (ticks[tick] * pixelsPerUnit + metrics.horizontalAdvance(labels[tick]) / 2 > start)
                labels[tick].clear();
    }

    // All labels of an axis in the unit of its largest: 0.5 M, 1 M, 1.5 M.
    QString inOneUnit(double value) const
    {
        const QLocale locale;
        const QChar space(0x00A0);
        if (m_largest >= 1e9)
            return locale.toString(value / 1e9, 'g', 4) + space + QLatin1Char('G');
        if (m_largest >= 1e6)
            return locale.toString(value / 1e6, 'g', 4) + space + QLatin1Char('M');
        if (m_largest >= 1e4)
            return locale.toString(value / 1e3, 'g', 4) + space + QLatin1Char('k');
        return locale.toString(value, 'g', 4);
    }

    ValueFormat m_format;
    QString m_unit;
    QFont m_font;
    int m_room = 0; // pixels; 0: not known
    double m_largest = 1; // of the range that is shown
};

class LogTicker : public QCPAxisTickerLog {
public:
    explicit LogTicker(ValueFormat format) : m_format(format) { }

protected:
    QVector<double> createTickVector(double, const QCPRange &range) override
    {
        QVector<double> ticks;
        // 1, 2, 5 of each decade: loss rarely spans more than one.
        for (double decade = std::pow(10.0, std::floor(std::log10(range.lower))); decade <= range.upper; decade *= 10) {
            for (const double part : {1.0, 2.0, 3.0, 5.0}) {
                if (decade * part >= range.lower && decade * part <= range.upper)
                    ticks << decade * part;
            }
        }
        return ticks;
    }
    QString getTickLabel(double tick, const QLocale &, QChar, int) override { return axisText(tick, m_format); }
    int getSubTickCount(double) override { return 0; }

private:
    ValueFormat m_format;
};

} // namespace

ValueFormat formatOf(XAxis axis)
{
    switch (axis) {
    case XAxis::Step:
        return ValueFormat::Steps;
    case XAxis::Tokens:
        return ValueFormat::Tokens;
    case XAxis::Seconds:
        return ValueFormat::Seconds;
    }
    return ValueFormat::Number;
}

QString axisText(double value, ValueFormat format)
{
    switch (format) {
    case ValueFormat::Percent:
        return number::percent(value, 0);
    case ValueFormat::Steps:
        return number::count(std::uint64_t(std::max(0.0, value)));
    case ValueFormat::Seconds:
        return number::clock(value);
    case ValueFormat::Tokens:
    case ValueFormat::Number:
        break;
    }
    if (value == 0)
        return QStringLiteral("0");
    if (std::abs(value) >= 1000)
        return number::compact(value);
    return number::decimal(value, std::abs(value) >= 10 ? 0 : std::abs(value) >= 0.1 ? 1 : 3);
}

void styleAxes(QCustomPlot *plot, const Theme &theme, const QFont &font)
{
    plot->setBackground(QBrush(theme.surface));
    for (QCPAxis *axis : {plot->xAxis, plot->yAxis}) {
        axis->setTickPen(Qt::NoPen);
        axis->setSubTickPen(Qt::NoPen);
        axis->setTickLength(0, 0);
        axis->setTickLabelFont(font);
        axis->setTickLabelColor(theme.muted);
        axis->setTickLabelPadding(6);
    }
    plot->xAxis->setBasePen(QPen(theme.line, 1));
    plot->xAxis->grid()->setVisible(false);
    plot->yAxis->setBasePen(Qt::NoPen);
    plot->yAxis->grid()->setPen(QPen(theme.lineSoft, 1));
    plot->yAxis->grid()->setZeroLinePen(QPen(theme.lineSoft, 1));
    plot->yAxis->grid()->setSubGridVisible(false);
}

void setTickFormats(QCustomPlot *plot, ValueFormat x, const QString &unit, ValueFormat y)
{
    plot->xAxis->setTicker(QSharedPointer<FormatTicker>::create(x, unit));
    plot->yAxis->setTicker(QSharedPointer<FormatTicker>::create(y));
}

void setLabelRoom(QCustomPlot *plot, int pixels)
{
    if (const auto ticker = plot->xAxis->ticker().dynamicCast<FormatTicker>())
        ticker->setRoom(pixels, plot->xAxis->tickLabelFont());
}

void setLogarithmicY(QCustomPlot *plot, bool logarithmic, ValueFormat format)
{
    plot->yAxis->setScaleType(logarithmic ? QCPAxis::stLogarithmic : QCPAxis::stLinear);
    if (logarithmic)
        plot->yAxis->setTicker(QSharedPointer<LogTicker>::create(format));
    else
        plot->yAxis->setTicker(QSharedPointer<FormatTicker>::create(format));
}

} // namespace krater
