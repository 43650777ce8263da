// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/crosshair_group.h"

#include <algorithm>

namespace krater {
namespace {

constexpr int kFrameMs = 33;
constexpr double kSmallestPart = 1e-4; // of the whole run that a zoom may show

} // namespace

CrosshairGroup::CrosshairGroup(QObject *parent) : QObject(parent)
{
    m_timer.setSingleShot(true);
    m_timer.setInterval(kFrameMs);
    connect(&m_timer, &QTimer::timeout, this, &CrosshairGroup::redrawNow);
}

void CrosshairGroup::add(TimePlot *plot)
{
    m_plots.push_back(plot);
    connect(plot, &TimePlot::cursorMoved, this, &CrosshairGroup::setCursor);
    connect(plot, &TimePlot::rangeChosen, this, &CrosshairGroup::showRange);
    connect(plot, &TimePlot::followRequested, this, &CrosshairGroup::follow);
    connect(plot, &QObject::destroyed, this, [this, plot] { std::erase(m_plots, plot); });
}

void CrosshairGroup::setExtent(double lower, double upper)
{
    m_extentLower = lower;
    m_extentUpper = std::max(upper, lower + 1e-9);
    if (m_following)
        applyRange(m_extentLower, m_extentUpper);
}

void CrosshairGroup::follow()
{
    applyRange(m_extentLower, m_extentUpper);
    if (!m_following) {
        m_following = true;
        emit followingChanged(true);
    }
}

void CrosshairGroup::showRange(double lower, double upper)
{
    const double whole = m_extentUpper - m_extentLower;
    const double width = std::clamp(upper - lower, whole * kSmallestPart, whole);
    const double start = std::clamp(lower, m_extentLower, m_extentUpper - width);
    applyRange(start, start + width);
    if (m_following) {
        m_following = false;
        emit followingChanged(false);
    }
}

void CrosshairGroup::applyRange(double lower, double upper)
{
    m_lower = lower;
    m_upper = upper;
    markDirty();
}

void CrosshairGroup::setCursor(std::optional<double> x)
{
    if (m_cursor == x)
        return;
    m_cursor = x;
    for (TimePlot *plot : m_plots)
        plot->setCursor(x);
    emit cursorChanged(x);
}

void CrosshairGroup::markDirty()
{
    if (m_timer.isActive())
        return;
    double replotMs = 0;
    for (const TimePlot *plot : m_plots)
        replotMs += plot->isVisible() ? plot->replotMs() : 0;
    m_timer.start(std::max(kFrameMs, int(3 * replotMs)));
}

void CrosshairGroup::redrawNow()
{
    m_timer.stop();
    for (TimePlot *plot : m_plots)
        plot->setRange(m_lower, m_upper);
    for (TimePlot *plot : m_plots)
        plot->redraw();
    // Labels may have grown: all plots keep the same right edge, so that the cursor is one line.
    int margin = 0;
    for (const TimePlot *plot : m_plots)
        margin = std::max(margin, plot->wantedRightMargin());
    for (TimePlot *plot : m_plots)
        plot->setRightMargin(margin);
    emit redrawn();
}

} // namespace krater
