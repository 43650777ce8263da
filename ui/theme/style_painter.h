// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/theme.h"

#include <QStyleOption>

class QPainter;

namespace krater {

// The pieces that KraterStyle is drawn from; each leaves the painter as it found it.
namespace style {

void drawBox(QPainter *painter, const QRectF &rect, const QColor &fill, const QColor &border, qreal radius,
             qreal borderWidth = 1);
void drawFocusRing(QPainter *painter, const QRectF &rect, const Theme &theme, qreal radius);
void drawChevron(QPainter *painter, const QRectF &rect, Qt::ArrowType direction, const QColor &colour);
void drawCheckMark(QPainter *painter, const QRectF &rect, const QColor &colour);
bool hasKeyboardFocus(const QStyleOption *option);

// krater_style_controls.cpp
void drawButtonPanel(QPainter *painter, const QStyleOption *option, const QWidget *widget);
void drawButtonLabel(QPainter *painter, const QStyleOptionButton *option, const QWidget *widget, const QStyle *style);
void drawCheckIndicator(QPainter *painter, const QStyleOption *option, bool round);
void drawInputFrame(QPainter *painter, const QStyleOption *option, const QRect &rect);
void drawComboBox(QPainter *painter, const QStyleOptionComboBox *option, const QRect &arrow);
void drawSpinBox(QPainter *painter, const QStyleOptionSpinBox *option, const QRect &up, const QRect &down);

// krater_style_bars.cpp
void drawScrollBar(QPainter *painter, const QStyleOptionSlider *option, const QRect &slider);
QRect scrollBarPart(const QStyleOptionSlider *option, QStyle::SubControl part);
void drawSlider(QPainter *painter, const QStyleOptionSlider *option, const QRect &groove, const QRect &handle);
void drawProgress(QPainter *painter, const QStyleOptionProgressBar *option);

// krater_style_items.cpp
void drawHeaderSection(QPainter *painter, const QStyleOptionHeader *option);
void drawHeaderLabel(QPainter *painter, const QStyleOptionHeader *option);
void drawItemPanel(QPainter *painter, const QStyleOptionViewItem *option, const QWidget *widget);
void drawTab(QPainter *painter, const QStyleOptionTab *option, const QStyle *style);
void drawMenuItem(QPainter *painter, const QStyleOptionMenuItem *option);
void drawMenuBarItem(QPainter *painter, const QStyleOptionMenuItem *option, const QStyle *style);
QSize menuItemSize(const QStyleOptionMenuItem *option, const QSize &size);

} // namespace style
} // namespace krater
