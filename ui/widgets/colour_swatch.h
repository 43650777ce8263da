// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QWidget>

class QPainter;

namespace krater {

inline constexpr int kSwatchSize = 10;

// A domain's colour as a small rounded square, for delegates and widgets.
void paintSwatch(QPainter *painter, const QRectF &rect, const QColor &colour);

class ColourSwatch : public QWidget {
    Q_OBJECT

public:
    explicit ColourSwatch(const QColor &colour = {}, QWidget *parent = nullptr);

    void setColour(const QColor &colour);

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    QColor m_colour;
};

} // namespace krater
