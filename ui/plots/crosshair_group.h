// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/plots/time_plot.h"

#include <QObject>
#include <QTimer>

#include <optional>
#include <vector>

namespace krater {

// Joins the plots of a page: one range, one cursor, one right margin, and one timer that redraws them at most 30 times a second (less often when a
// replot takes long, so that drawing never uses more than a third of the thread). While it follows, the range is the whole run; zooming or panning
// ends that until follow(). UI thread; the plots outlive the group or leave with their page.
class CrosshairGroup : public QObject {
    Q_OBJECT

public:
    explicit CrosshairGroup(QObject *parent = nullptr);

    void add(TimePlot *plot);

    // The whole run on the x axis; also the limit of zooming out.
    void setExtent(double lower, double upper);
    bool isFollowing() const { return m_following; }
    void follow();
    void showRange(double lower, double upper); // ends following
    double lower() const { return m_lower; }
    double upper() const { return m_upper; }

    std::optional<double> cursor() const { return m_cursor; }
    void setCursor(std::optional<double> x);

    void markDirty(); // data has changed: redraw soon
    void redrawNow();

signals:
    void followingChanged(bool following);
    void cursorChanged(std::optional<double> x);
    void redrawn();

private:
    void applyRange(double lower, double upper);

    std::vector<TimePlot *> m_plots;
    QTimer m_timer;
    double m_extentLower = 0, m_extentUpper = 1;
    double m_lower = 0, m_upper = 1;
    bool m_following = true;
    std::optional<double> m_cursor;
};

} // namespace krater
