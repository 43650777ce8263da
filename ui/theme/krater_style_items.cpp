// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/theme/krater_style.h"
#include "ui/theme/style_painter.h"

#include <QIcon>
#include <QPainter>
#include <QTabBar>

#include <algorithm>

namespace krater::style {
namespace {

constexpr int kMenuIconColumn = 32;
constexpr int kMenuRightMargin = 12;

int textFlags(const QStyleOption *option, const QStyle *style)
{
    return style->styleHint(QStyle::SH_UnderlineShortcut, option) ? Qt::TextShowMnemonic : Qt::TextHideMnemonic;
}

void drawMenuMark(QPainter *painter, const QStyleOptionMenuItem *option, const QColor &ink)
{
    const QRectF rect = option->rect;
    const QRectF box(rect.left() + 8, rect.center().y() - 7.5, 16, 16);
    if (option->checkType != QStyleOptionMenuItem::NotCheckable) {
        if (option->checked)
            drawCheckMark(painter, box, ink);
    } else if (!option->icon.isNull()) {
        const bool enabled = option->state & QStyle::State_Enabled;
        option->icon.paint(painter, box.toRect(), Qt::AlignCenter, enabled ? QIcon::Normal : QIcon::Disabled);
    }
}

} // namespace

void drawHeaderSection(QPainter *painter, const QStyleOptionHeader *option)
{
    const Theme &theme = Theme::of(option->palette);
    const QRect rect = option->rect;
    painter->fillRect(rect, option->state & QStyle::State_MouseOver ? theme.rowHover : theme.surface);
    if (option->orientation == Qt::Horizontal)
        painter->fillRect(QRect(rect.left(), rect.bottom(), rect.width(), 1), theme.line);
}

void drawHeaderLabel(QPainter *painter, const QStyleOptionHeader *option)
{
    const Theme &theme = Theme::of(option->palette);
    const bool sorted = option->sortIndicator != QStyleOptionHeader::None;
    constexpr int kArrow = 14;
    const Qt::Alignment alignment = QStyle::visualAlignment(option->direction, option->textAlignment);
    const bool right = alignment & Qt::AlignRight;
    QRect rect = option->rect;
    const bool alone = option->position == QStyleOptionHeader::OnlyOneSection;
    if (option->orientation == Qt::Horizontal && (alone || option->position == QStyleOptionHeader::Beginning))
        rect.adjust(look::kCellEdge, 0, 0, 0);
    if (option->orientation == Qt::Horizontal && (alone || option->position == QStyleOptionHeader::End))
        rect.adjust(0, 0, -look::kCellEdge, 0);
    QRect arrow;
    if (sorted && right) {
        arrow = QRect(rect.left(), rect.top(), kArrow, rect.height());
        rect.adjust(kArrow, 0, 0, 0);
    }
    painter->save();
    QFont font = painter->font();
    font.setPixelSize(std::max(1, font.pixelSize() > 0 ? font.pixelSize() - 1 : 12));
    font.setWeight(QFont::Normal);
    painter->setFont(font);
    painter->setPen(sorted ? theme.text : theme.muted);
    const QFontMetrics metrics(font);
    const int room = rect.width() - (sorted && !right ? kArrow : 0);
    // A header that is high enough for two lines breaks its names.
    const bool isTall = rect.height() >= 2 * metrics.height() && !sorted;
    const QString text = isTall ? option->text : metrics.elidedText(option->text, Qt::ElideRight, room);
    const int lines = isTall ? int(Qt::AlignBottom) | Qt::TextWordWrap : int(Qt::AlignVCenter) | Qt::TextSingleLine;
    painter->drawText(isTall ? rect.adjusted(0, 0, 0, -6) : rect, int(alignment & Qt::AlignHorizontal_Mask) | lines,
                      text);
    if (sorted) {
        if (!right)
            arrow = QRect(rect.left() + metrics.horizontalAdvance(text) + 2, rect.top(), kArrow, rect.height());
        else
            arrow.moveLeft(std::max(arrow.left(), rect.right() - metrics.horizontalAdvance(text) - kArrow - 2));
        const bool up = option->sortIndicator == QStyleOptionHeader::SortUp;
        drawChevron(painter, QRectF(arrow).translated(0, 1), up ? Qt::UpArrow : Qt::DownArrow, theme.text);
    }
    painter->restore();
}

void drawItemPanel(QPainter *painter, const QStyleOptionViewItem *option, const QWidget *widget)
{
    const Theme &theme = Theme::of(option->palette);
    const QRect rect = option->rect;
    if (option->backgroundBrush.style() != Qt::NoBrush)
        painter->fillRect(rect, option->backgroundBrush);
    if (option->state & QStyle::State_Selected)
        painter->fillRect(rect, theme.rowSelected);
    else if ((option->state & QStyle::State_MouseOver) && (option->state & QStyle::State_Enabled))
        painter->fillRect(rect, theme.rowHover);
    if (widget && widget->property(kRowRulesProperty).toBool())
        painter->fillRect(QRect(rect.left(), rect.bottom(), rect.width(), 1), theme.lineSoft);
}

void drawTab(QPainter *painter, const QStyleOptionTab *option, const QStyle *style)
{
    const Theme &theme = Theme::of(option->palette);
    const bool selected = option->state & QStyle::State_Selected;
    const bool enabled = option->state & QStyle::State_Enabled;
    const bool hover = option->state & QStyle::State_MouseOver;
    painter->save();
    QFont font = painter->font();
    font.setWeight(selected ? QFont::DemiBold : QFont::Normal);
    painter->setFont(font);
    painter->setPen(!enabled ? theme.faint : selected || hover ? theme.text : theme.muted);
    painter->drawText(option->rect, Qt::AlignCenter | Qt::TextSingleLine | textFlags(option, style), option->text);
    if (selected) {
        const int width = QFontMetrics(font).size(Qt::TextShowMnemonic, option->text).width();
        painter->fillRect(QRect(option->rect.center().x() - width / 2, option->rect.bottom() - 1, width, 2),
                          theme.accent);
    }
    painter->restore();
    if (hasKeyboardFocus(option))
        drawFocusRing(painter, QRectF(option->rect).adjusted(1, 4, -1, -4), theme, look::kControlRadius);
}

void drawMenuItem(QPainter *painter, const QStyleOptionMenuItem *option)
{
    const Theme &theme = Theme::of(option->palette);
    const QRect rect = option->rect;
    painter->fillRect(rect, theme.surface);
    if (option->menuItemType == QStyleOptionMenuItem::Separator) {
        painter->fillRect(QRect(rect.left(), rect.center().y(), rect.width(), 1), theme.lineSoft);
        return;
    }
    const bool enabled = option->state & QStyle::State_Enabled;
    if ((option->state & QStyle::State_Selected) && enabled)
        drawBox(painter, QRectF(rect).adjusted(4, 0, -4, 0), theme.rowSelected, Qt::transparent, 4);
    const QColor ink = enabled ? theme.text : theme.faint;
    drawMenuMark(painter, option, ink);
    painter->save();
    painter->setFont(option->font);
    const int tab = int(option->text.indexOf(QLatin1Char('\t')));
    const QRect text = rect.adjusted(kMenuIconColumn, 0, -kMenuRightMargin, 0);
    painter->setPen(ink);
    painter->drawText(text, Qt::AlignVCenter | Qt::AlignLeft | Qt::TextSingleLine | Qt::TextShowMnemonic,
                      tab < 0 ? option->text : option->text.left(tab));
    if (tab >= 0) {
        painter->setPen(enabled ? theme.muted : theme.faint);
        painter->drawText(text, Qt::AlignVCenter | Qt::AlignRight | Qt::TextSingleLine, option->text.mid(tab + 1));
    }
    painter->restore();
    if (option->menuItemType == QStyleOptionMenuItem::SubMenu)
        drawChevron(painter, QRectF(rect.right() - 20, rect.top(), 14, rect.height()), Qt::RightArrow, theme.muted);
}

void drawMenuBarItem(QPainter *painter, const QStyleOptionMenuItem *option, const QStyle *style)
{
    const Theme &theme = Theme::of(option->palette);
    painter->fillRect(option->rect, theme.window);
    const bool open = option->state & QStyle::State_Sunken;
    const bool hover = option->state & QStyle::State_Selected;
    if (open || hover)
        drawBox(painter, QRectF(option->rect).adjusted(2, 3, -2, -3), theme.isDark ? theme.line : theme.lineSoft,
                Qt::transparent, look::kControlRadius - 2);
    painter->save();
    painter->setPen(option->state & QStyle::State_Enabled ? theme.text : theme.faint);
    painter->drawText(option->rect, Qt::AlignCenter | Qt::TextSingleLine | textFlags(option, style), option->text);
    painter->restore();
}

QSize menuItemSize(const QStyleOptionMenuItem *option, const QSize &size)
{
    if (option->menuItemType == QStyleOptionMenuItem::Separator)
        return {size.width(), 9};
    // QMenu leaves room for the icon and the shortcut columns itself; the margins are ours.
    const int shortcut = option->reservedShortcutWidth > 0 ? option->reservedShortcutWidth + 28 : 0;
    return {size.width() + kMenuIconColumn + kMenuRightMargin + shortcut, std::max(26, size.height() + 8)};
}

} // namespace krater::style
