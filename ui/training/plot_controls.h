// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/plots/curve_plot.h"

#include <QWidget>

class QComboBox;
class QSlider;

namespace krater {

class Button;
class ElidedLabel;

// The row above the plots: what x is, the unit of the loss, logarithmic y, smoothing, which run is shown, Try it for its model, and Follow when the
// plots do not.
class PlotControls : public QWidget {
    Q_OBJECT

public:
    explicit PlotControls(QWidget *parent = nullptr);

    XAxis axis() const;
    LossUnit unit() const;
    bool isLogarithmic() const;
    double smoothing() const; // points; 1: none
    void setAxis(XAxis axis);
    void setUnit(LossUnit unit);
    void setLogarithmic(bool logarithmic);
    void setSmoothing(double points);
    void setRunText(const QString &text);
    void setTryObstacle(const QString &obstacle); // why the run has no model to try; empty if it has one
    void setFollowing(bool following);

signals:
    void changed();
    void followRequested();
    void tryRequested();

private:
    void createControls();
    void updateSmoothingText();

    QComboBox *m_axis;
    QComboBox *m_unit;
    Button *m_logarithmic;
    QSlider *m_smoothing;
    ElidedLabel *m_smoothingText;
    ElidedLabel *m_run;
    Button *m_try;
    Button *m_follow;
};

} // namespace krater
