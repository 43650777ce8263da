// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/theme/style_painter.h"

#include <QPainter>
#include <QStyle>

#include <algorithm>

namespace krater::style {
namespace {

constexpr int kMinimumThumb = 32;

} // namespace

QRect scrollBarPart(const QStyleOptionSlider *option, QStyle::SubControl part)
{
    const bool horizontal = option->orientation == Qt::Horizontal;
    const QRect rect = option->rect;
    const int length = horizontal ? rect.width() : rect.height();
    const qint64 range = qint64(option->maximum) - option->minimum;
    int thumb = length;
    if (range > 0)
        thumb = int(qint64(option->pageStep) * length / (range + option->pageStep));
    thumb = std::clamp(thumb, std::min(kMinimumThumb, length), length);
    const int start = QStyle::sliderPositionFromValue(option->minimum, option->maximum, option->sliderPosition,
                                                      length - thumb, option->upsideDown);
    const auto span = [&](int from, int size) {
        return horizontal ? QRect(rect.left() + from, rect.top(), size, rect.height())
                          : QRect(rect.left(), rect.top() + from, rect.width(), size);
    };
    switch (part) {
    case QStyle::SC_ScrollBarGroove:
        return rect;
    case QStyle::SC_ScrollBarSlider:
        return span(start, thumb);
    case QStyle::SC_ScrollBarSubPage:
        return span(0, start);
    case QStyle::SC_ScrollBarAddPage:
        return span(start + thumb, length - start - thumb);
    default:
        return {}; // no arrow buttons
    }
}

void drawScrollBar(QPainter *painter, const QStyleOptionSlider *option, const QRect &slider)
{
    const Theme &theme = Theme::of(option->palette);
    if (option->minimum == option->maximum)
        return;
    const bool held =
        (option->activeSubControls & QStyle::SC_ScrollBarSlider) && (option->state & QStyle::State_Sunken);
    const bool hover = option->state & QStyle::State_MouseOver;
    const QColor ink = held ? theme.muted : hover ? theme.faint : blend(theme.surface, theme.faint, 0.6);
    const QRectF thumb = option->orientation == Qt::Horizontal ? QRectF(slider).adjusted(2, 3, -2, -1)
                                                               : QRectF(slider).adjusted(3, 2, -1, -2);
    drawBox(painter, thumb, ink, Qt::transparent, std::min(thumb.width(), thumb.height()) / 2);
}

void drawSlider(QPainter *painter, const QStyleOptionSlider *option, const QRect &groove, const QRect &handle)
{
    const Theme &theme = Theme::of(option->palette);
    const bool enabled = option->state & QStyle::State_Enabled;
    const bool horizontal = option->orientation == Qt::Horizontal;
    constexpr qreal kTrack = 4;
    const QPointF centre = QRectF(groove).center();
    const QRectF track = horizontal ? QRectF(groove.left(), centre.y() - kTrack / 2, groove.width(), kTrack)
                                    : QRectF(centre.x() - kTrack / 2, groove.top(), kTrack, groove.height());
    drawBox(painter, track, theme.line, Qt::transparent, kTrack / 2);
    const QPointF knob = QRectF(handle).center();
    QRectF filled = track;
    if (horizontal && !option->upsideDown)
        filled.setRight(knob.x());
    else if (horizontal)
        filled.setLeft(knob.x());
    else
        filled.setTop(knob.y());
    const QColor ink = enabled ? theme.accent : theme.faint;
    drawBox(painter, filled, ink, Qt::transparent, kTrack / 2);
    constexpr qreal kRadius = 6.5;
    const QRectF circle(knob.x() - kRadius, knob.y() - kRadius, 2 * kRadius, 2 * kRadius);
    drawBox(painter, circle, theme.surface, ink, kRadius, 2);
    if (hasKeyboardFocus(option))
        drawBox(painter, circle.adjusted(-3, -3, 3, 3), Qt::transparent, theme.accent, kRadius + 3, 1.5);
}

void drawProgress(QPainter *painter, const QStyleOptionProgressBar *option)
{
    const Theme &theme = Theme::of(option->palette);
    constexpr qreal kTrack = 4;
    const QRectF rect = option->rect;
    const QRectF track(rect.left(), rect.center().y() - kTrack / 2 + 0.5, rect.width(), kTrack);
    drawBox(painter, track, theme.line, Qt::transparent, kTrack / 2);
    const double range = double(option->maximum) - option->minimum;
    QRectF done = track;
    if (range > 0) {
        const double share = std::clamp((double(option->progress) - option->minimum) / range, 0.0, 1.0);
        if (share <= 0)
            return;
        done.setWidth(std::max(kTrack, track.width() * share));
    } else {
        done = QRectF(track.left() + track.width() * 0.3, track.top(), track.width() * 0.4, kTrack);
    }
    drawBox(painter, done, theme.accent, Qt::transparent, kTrack / 2);
}

} // namespace krater::style
