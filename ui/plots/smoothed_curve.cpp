// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/smoothed_curve.h"

#include <algorithm>

namespace krater {

void SmoothedCurve::setSource(const Curve *source)
{
    m_source = source;
    restart();
}

void SmoothedCurve::setSpan(double points)
{
    if (points == m_span)
        return;
    m_span = std::max(1.0, points);
    restart();
}

void SmoothedCurve::restart()
{
    m_sum = m_weight = 0;
    m_taken = 0;
    m_curve.clear();
    m_series.update();
    update();
}

void SmoothedCurve::update()
{
    if (!m_source)
        return;
    if (m_source->size() < m_taken) {
        restart();
        return;
    }
    const double newest = 2.0 / (m_span + 1.0);
    m_curve.reserve(m_source->size());
    for (; m_taken < m_source->size(); ++m_taken) {
        const CurvePoint &point = (*m_source)[m_taken];
        m_sum = (1 - newest) * m_sum + newest * point.value;
        m_weight = (1 - newest) * m_weight + newest;
        m_curve.push_back({point.step, m_sum / m_weight});
    }
    m_series.update();
}

} // namespace krater
