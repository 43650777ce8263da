// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/theme/krater_style.h"
#include "ui/theme/style_painter.h"

#include <QIcon>
#include <QPainter>
#include <QToolButton>

namespace krater::style {
namespace {

struct ButtonColours {
    QColor fill, border, text;
};

ButtonColours framedColours(const Theme &theme, QStyle::State state)
{
    ButtonColours colours{theme.surface, theme.line, theme.text};
    if (state & QStyle::State_On)
        colours.fill = theme.isDark ? theme.line : theme.rowSelected;
    if (!(state & QStyle::State_Enabled))
        return {colours.fill, theme.line, theme.faint};
    if (state & QStyle::State_Sunken)
        colours.fill = theme.isDark ? theme.line : theme.rowSelected;
    else if ((state & QStyle::State_MouseOver) && !(state & QStyle::State_On))
        colours.fill = theme.isDark ? theme.lineSoft : theme.rowHover;
    if (state & QStyle::State_MouseOver)
        colours.border = theme.isDark ? theme.faint : blend(theme.line, theme.text, 0.18);
    return colours;
}

ButtonColours filledColours(const Theme &theme, QStyle::State state, const QColor &fill)
{
    if (!(state & QStyle::State_Enabled))
        return framedColours(theme, state);
    QColor shade = fill;
    if (state & QStyle::State_Sunken)
        shade = blend(fill, theme.text, 0.22);
    else if (state & QStyle::State_MouseOver)
        shade = blend(fill, theme.surface, 0.12);
    return {shade, shade, theme.onAccent};
}

ButtonColours quietColours(const Theme &theme, QStyle::State state)
{
    const QColor pressed = theme.isDark ? theme.line : theme.lineSoft;
    ButtonColours colours{Qt::transparent, Qt::transparent, theme.text};
    if (!(state & QStyle::State_Enabled))
        colours.text = theme.faint;
    else if (state & (QStyle::State_Sunken | QStyle::State_On))
        colours.fill = pressed;
    else if (state & QStyle::State_MouseOver)
        colours.fill = theme.lineSoft;
    return colours;
}

ButtonColours colours(const QStyleOption *option, const QWidget *widget)
{
    const Theme &theme = Theme::of(option->palette);
    const auto *tool = qobject_cast<const QToolButton *>(widget);
    const auto *push = qstyleoption_cast<const QStyleOptionButton *>(option);
    switch (buttonKind(widget)) {
    case ButtonKind::Primary:
        return filledColours(theme, option->state, theme.accent);
    case ButtonKind::Danger:
        return filledColours(theme, option->state, theme.bad);
    case ButtonKind::Quiet:
        return quietColours(theme, option->state);
    case ButtonKind::Normal:
        break;
    }
    if ((tool && tool->autoRaise()) || (push && (push->features & QStyleOptionButton::Flat)))
        return quietColours(theme, option->state);
    return framedColours(theme, option->state);
}

} // namespace

void drawButtonPanel(QPainter *painter, const QStyleOption *option, const QWidget *widget)
{
    const ButtonColours shade = colours(option, widget);
    drawBox(painter, option->rect, shade.fill, shade.border, look::kControlRadius);
    if (hasKeyboardFocus(option)) {
        const Theme &theme = Theme::of(option->palette);
        drawFocusRing(painter, option->rect, theme, look::kControlRadius);
        if (buttonKind(widget) == ButtonKind::Primary)
            drawBox(painter, QRectF(option->rect).adjusted(2, 2, -2, -2), Qt::transparent, theme.surface,
                    look::kControlRadius - 2);
    }
}

void drawButtonLabel(QPainter *painter, const QStyleOptionButton *option, const QWidget *widget, const QStyle *style)
{
    const ButtonColours shade = colours(option, widget);
    constexpr int kSpace = 6;
    const bool hasIcon = !option->icon.isNull();
    const QSize iconSize = hasIcon ? option->iconSize : QSize();
    const bool hasMenu = option->features & QStyleOptionButton::HasMenu;
    QFont font = painter->font();
    if (option->state & QStyle::State_On)
        font.setWeight(QFont::DemiBold);
    if (buttonKind(widget) == ButtonKind::Primary)
        font.setWeight(QFont::DemiBold);
    const QFontMetrics metrics(font);
    const QString text = option->text;
    const int textWidth = text.isEmpty() ? 0 : metrics.size(Qt::TextShowMnemonic, text).width();
    const int arrow = hasMenu ? 14 : 0;
    const int width = iconSize.width() + (hasIcon && textWidth ? kSpace : 0) + textWidth + arrow;
    QRect rect = option->rect;
    int x = rect.center().x() - width / 2 + 1;
    painter->save();
    painter->setFont(font);
    if (hasIcon) {
        const qreal ratio = painter->device()->devicePixelRatioF();
        QPixmap pixmap = option->icon.pixmap(iconSize, ratio);
        {
            QPainter tint(&pixmap);
            tint.setCompositionMode(QPainter::CompositionMode_SourceIn);
            tint.fillRect(QRectF(QPointF(), QSizeF(iconSize)), shade.text);
        }
        const QRect box = QStyle::visualRect(option->direction, rect,
                                             QRect(QPoint(x, rect.center().y() - iconSize.height() / 2 + 1), iconSize));
        painter->drawPixmap(box, pixmap);
        x += iconSize.width() + kSpace;
    }
    if (textWidth) {
        painter->setPen(shade.text);
        int flags = Qt::AlignVCenter | Qt::AlignLeft | Qt::TextSingleLine;
        flags |= style->styleHint(QStyle::SH_UnderlineShortcut, option, widget) ? Qt::TextShowMnemonic
                                                                                : Qt::TextHideMnemonic;
        painter->drawText(
            QStyle::visualRect(option->direction, rect, QRect(x, rect.top(), textWidth + 1, rect.height())), flags,
            text);
        x += textWidth;
    }
    if (hasMenu)
        drawChevron(painter, QRectF(x + 2, rect.top() + 1, arrow, rect.height()), Qt::DownArrow, shade.text);
    painter->restore();
}

void drawCheckIndicator(QPainter *painter, const QStyleOption *option, bool round)
{
    const Theme &theme = Theme::of(option->palette);
    const bool enabled = option->state & QStyle::State_Enabled;
    const bool on = option->state & QStyle::State_On;
    const bool partly = option->state & QStyle::State_NoChange;
    const QRectF rect = QRectF(option->rect).adjusted(0.5, 0.5, -0.5, -0.5);
    const qreal radius = round ? rect.height() / 2 : 4;
    const QColor ink = enabled ? theme.accent : theme.faint;
    const QColor edge = option->state & QStyle::State_MouseOver ? theme.muted : theme.faint;
    drawBox(painter, rect, on || partly ? ink : theme.surface, on || partly ? ink : edge, radius);
    if (on && round)
        drawBox(painter, rect.adjusted(5, 5, -5, -5), theme.onAccent, Qt::transparent, (rect.height() - 10) / 2);
    else if (on)
        drawCheckMark(painter, rect, theme.onAccent);
    else if (partly)
        drawBox(painter, QRectF(rect.left() + 4, rect.center().y() - 1, rect.width() - 8, 2), theme.onAccent,
                Qt::transparent, 1);
}

void drawInputFrame(QPainter *painter, const QStyleOption *option, const QRect &rect)
{
    const Theme &theme = Theme::of(option->palette);
    const bool focus = option->state & QStyle::State_HasFocus;
    QColor border = theme.line;
    if (focus)
        border = theme.accent;
    else if ((option->state & QStyle::State_MouseOver) && (option->state & QStyle::State_Enabled))
        border = theme.isDark ? theme.faint : blend(theme.line, theme.text, 0.18);
    drawBox(painter, rect, theme.surface, border, look::kControlRadius, focus ? 1.5 : 1);
}

void drawComboBox(QPainter *painter, const QStyleOptionComboBox *option, const QRect &arrow)
{
    const Theme &theme = Theme::of(option->palette);
    if (option->editable) {
        drawInputFrame(painter, option, option->rect);
    } else {
        const ButtonColours shade = framedColours(theme, option->state & ~QStyle::State_On);
        drawBox(painter, option->rect, shade.fill, shade.border, look::kControlRadius);
        if (hasKeyboardFocus(option))
            drawFocusRing(painter, option->rect, theme, look::kControlRadius);
    }
    const bool enabled = option->state & QStyle::State_Enabled;
    drawChevron(painter, QRectF(arrow).translated(-2, 1), Qt::DownArrow, enabled ? theme.muted : theme.faint);
}

void drawSpinBox(QPainter *painter, const QStyleOptionSpinBox *option, const QRect &up, const QRect &down)
{
    const Theme &theme = Theme::of(option->palette);
    if (option->frame)
        drawInputFrame(painter, option, option->rect);
    if (option->buttonSymbols == QAbstractSpinBox::NoButtons)
        return;
    const auto ink = [&](QAbstractSpinBox::StepEnabledFlag step, QStyle::SubControl part) {
        if (!(option->stepEnabled & step) || !(option->state & QStyle::State_Enabled))
            return theme.faint;
        return option->activeSubControls & part ? theme.text : theme.muted;
    };
    const auto small = [&](const QRect &rect, Qt::ArrowType direction, const QColor &colour) {
        painter->save();
        painter->translate(QRectF(rect).center());
        painter->scale(0.75, 0.75);
        drawChevron(painter, QRectF(-5, -5, 10, 10), direction, colour);
        painter->restore();
    };
    small(up.translated(0, 2), Qt::UpArrow, ink(QAbstractSpinBox::StepUpEnabled, QStyle::SC_SpinBoxUp));
    small(down.translated(0, -1), Qt::DownArrow, ink(QAbstractSpinBox::StepDownEnabled, QStyle::SC_SpinBoxDown));
}

} // namespace krater::style
