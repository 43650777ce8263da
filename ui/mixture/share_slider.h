// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractSlider>
#include <QColor>

namespace krater {

// One domain's share of the mixture as a bar with a handle, 0 to 100 %, with a dotted ghost mark where the baseline stands. Drag it, click
// the bar, or use the keys: arrows 1 %, Shift with arrows 0.1 %, Page 10 %, Home and End. What it shows is set from outside; what a
// person does is only reported. The slider's integer value is the share in hundredths of a percent, for screen readers.
class ShareSlider : public QAbstractSlider {
    Q_OBJECT

public:
    explicit ShareSlider(QWidget *parent = nullptr);

    double share() const { return m_share; }
    void setShare(double share);    // [0, 1]
    void setBaseline(double share); // NaN: no ghost mark
    void setColour(const QColor &colour);

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

signals:
    void editStarted(); // a new stroke: what follows is one step of undo
    void shareEdited(double share);

protected:
    void paintEvent(QPaintEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void mouseReleaseEvent(QMouseEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void wheelEvent(QWheelEvent *event) override;

private:
    QRectF groove() const;
    double shareAt(double x) const;
    double positionOf(double share) const;
    void edit(double share);

    double m_share = 0;
    double m_baseline;
    QColor m_colour;
    double m_grabOffset = 0; // from the pointer to the handle's centre
};

} // namespace krater
