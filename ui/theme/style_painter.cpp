// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/theme/style_painter.h"

#include <QPainter>
#include <QPainterPath>

namespace krater::style {

void drawBox(QPainter *painter, const QRectF &rect, const QColor &fill, const QColor &border, qreal radius,
             qreal borderWidth)
{
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing, radius > 0);
    painter->setBrush(fill);
    painter->setPen(border.alpha() == 0 ? QPen(Qt::NoPen) : QPen(border, borderWidth));
    const qreal inset = border.alpha() == 0 ? 0 : borderWidth / 2;
    const QRectF inner = rect.adjusted(inset, inset, -inset, -inset);
    if (radius > 0)
        painter->drawRoundedRect(inner, radius - inset, radius - inset);
    else
        painter->drawRect(inner);
    painter->restore();
}

void drawFocusRing(QPainter *painter, const QRectF &rect, const Theme &theme, qreal radius)
{
    drawBox(painter, rect, Qt::transparent, theme.accent, radius, 2);
}

void drawChevron(QPainter *painter, const QRectF &rect, Qt::ArrowType direction, const QColor &colour)
{
    constexpr qreal kHalf = 4; // half the width of the open end
    const QPointF centre = rect.center();
    QPainterPath path;
    const auto point = [&](qreal along, qreal across) {
        switch (direction) {
        case Qt::UpArrow:
            return centre + QPointF(across, -along);
        case Qt::LeftArrow:
            return centre + QPointF(-along, across);
        case Qt::RightArrow:
            return centre + QPointF(along, across);
        default:
            return centre + QPointF(across, along);
        }
    };
    path.moveTo(point(-kHalf / 2, -kHalf));
    path.lineTo(point(kHalf / 2, 0));
    path.lineTo(point(-kHalf / 2, kHalf));
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setBrush(Qt::NoBrush);
    painter->setPen(QPen(colour, 1.5, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    painter->drawPath(path);
    painter->restore();
}

void drawCheckMark(QPainter *painter, const QRectF &rect, const QColor &colour)
{
    QPainterPath path;
    path.moveTo(rect.left() + rect.width() * 0.26, rect.top() + rect.height() * 0.52);
    path.lineTo(rect.left() + rect.width() * 0.44, rect.top() + rect.height() * 0.70);
    path.lineTo(rect.left() + rect.width() * 0.76, rect.top() + rect.height() * 0.32);
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setBrush(Qt::NoBrush);
    painter->setPen(QPen(colour, 1.8, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    painter->drawPath(path);
    painter->restore();
}

bool hasKeyboardFocus(const QStyleOption *option)
{
    return (option->state & QStyle::State_HasFocus) && (option->state & QStyle::State_KeyboardFocusChange);
}

} // namespace krater::style
