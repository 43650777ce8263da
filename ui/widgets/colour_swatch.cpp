// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/colour_swatch.h"

#include "ui/theme/style_painter.h"

#include <QPainter>

namespace krater {

void paintSwatch(QPainter *painter, const QRectF &rect, const QColor &colour)
{
    style::drawBox(painter, rect, colour, Qt::transparent, 2.5);
}

ColourSwatch::ColourSwatch(const QColor &colour, QWidget *parent) : QWidget(parent), m_colour(colour)
{
    setFixedSize(kSwatchSize, kSwatchSize);
}

void ColourSwatch::setColour(const QColor &colour)
{
    m_colour = colour;
    update();
}

void ColourSwatch::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    paintSwatch(&painter, rect(), m_colour);
}

} // namespace krater
