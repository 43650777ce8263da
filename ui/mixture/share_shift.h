// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QWidget>

namespace krater {

// A share as a bar, with a dotted mark where it was before. To look at only; the figures stand beside it.
class ShareShift : public QWidget {
    Q_OBJECT

public:
    explicit ShareShift(QWidget *parent = nullptr);

    void setShares(double before, double after, double fullScale, const QColor &colour); // NaN: unknown
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    double m_before, m_after;
    double m_fullScale = 1;
    QColor m_colour;
};

} // namespace krater
