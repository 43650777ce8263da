// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/plots/display_series.h"
#include "ui/plots/time_plot.h"

class QCPGraph;

namespace krater {

// How a curve of a plot is drawn: Main is what is measured, with a label at its end; Raw is faint behind it; Smoothed between the two; Ghost is dotted, for
// what something is compared with.
enum class CurveRole { Main, Raw, Smoothed, Ghost };

struct PlotCurve {
    QString name;
    QColor colour;
    CurveRole role = CurveRole::Main;
    const DisplaySeries *series = nullptr;              // outlives the plot's use of it
    std::function<double(std::uint64_t step)> position; // where a step lies on the x axis; never decreases
    double bytesPerToken = 0;                           // of the text that the loss is of; 0: not known
};

// What is made of nats per token before it is drawn; all of them grow with it.
enum class LossUnit { Nats, Bits, Perplexity, BitsPerByte };
double toUnit(double lossNats, LossUnit unit, double bytesPerToken = 0); // NaN where the bytes are wanted and not known

// Curves over time. Draws at most two points a pixel column whatever the length of the run.
class CurvePlot : public TimePlot {
    Q_OBJECT

public:
    explicit CurvePlot(const QString &accessibleName, QWidget *parent = nullptr);

    void setCurves(std::vector<PlotCurve> curves);
    const std::vector<PlotCurve> &curves() const { return m_curves; }
    void setUnit(LossUnit unit);
    void setLogarithmic(bool logarithmic);
    void setDecimals(int decimals) { m_decimals = decimals; } // of the values at the ends

    // The largest number of points that one pair of drawn points stands for; 1: every point is drawn.
    std::size_t reduction() const { return m_reduction; }
    bool clippedForLog() const { return m_clipped; } // values that a logarithmic axis cannot show were left out

    PlotTable table() const override;
    QString summary() const override;

protected:
    void fill(double lower, double upper, int columns) override;
    void applyTheme() override;
    std::vector<std::pair<double, QColor>> cursorDots(double x) const override;

private:
    struct Visible {
        std::size_t first = 0, last = 0; // points to draw: one beyond each side of the range
        std::size_t firstInside = 0, lastInside = 0;
    };

    Visible visible(const PlotCurve &curve, double lower, double upper) const;
    double value(const PlotCurve &curve, std::size_t index) const;
    void fillGraph(std::size_t index, const Visible &range, int columns);
    void fitY(const std::vector<Visible> &ranges);
    void styleGraph(std::size_t index);

    std::vector<PlotCurve> m_curves;
    std::vector<QCPGraph *> m_graphs; // one for each curve, owned by the plot
    LossUnit m_unit = LossUnit::Nats;
    bool m_logarithmic = false;
    bool m_clipped = false;
    int m_decimals = 2;
    std::size_t m_reduction = 1;
};

} // namespace krater
