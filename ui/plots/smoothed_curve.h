// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/plots/display_series.h"

namespace krater {

// A curve smoothed by an exponential moving average over about `span` points (weight 2 / (span + 1) of the newest, divided by the sum of the weights so
// that the start is not pulled to 0). Extended as the source grows; changing the span goes through the whole curve once (1 ms per 200,000 points).
class SmoothedCurve {
public:
    SmoothedCurve() : m_series(&m_curve) { }
    SmoothedCurve(const SmoothedCurve &) = delete;
    SmoothedCurve &operator=(const SmoothedCurve &) = delete;

    void setSource(const Curve *source);
    void setSpan(double points);
    void update();

    const DisplaySeries &series() const { return m_series; }
    double span() const { return m_span; }

private:
    void restart();

    const Curve *m_source = nullptr;
    double m_span = 1;
    double m_sum = 0;    // of weight x value
    double m_weight = 0; // of weights
    std::size_t m_taken = 0;
    Curve m_curve;
    DisplaySeries m_series;
};

} // namespace krater
