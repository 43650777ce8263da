// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/delegates.h"

#include "ui/theme/style_painter.h"
#include "ui/theme/theme.h"
#include "ui/widgets/colour_swatch.h"
#include "ui/widgets/item_roles.h"
#include "ui/widgets/mixture_bar.h"

#include <QApplication>
#include <QHeaderView>
#include <QPainter>
#include <QTableView>

#include <algorithm>
#include <vector>

namespace krater {
namespace {

constexpr int kMargin = look::kCellMargin;

QColor toneOf(const QStyleOptionViewItem &option, const QModelIndex &index)
{
    const Theme &theme = Theme::of(option.palette);
    if (!(option.state & QStyle::State_Enabled))
        return theme.faint;
    const QVariant tone = index.data(ToneRole);
    return tone.isValid() ? theme.tone(Tone(tone.toInt())) : theme.text;
}

// The first and the last column keep as far from the edge as a card's heading.
QRect insideOf(const QStyleOptionViewItem &option, const QModelIndex &index)
{
    QRect inside = option.rect.adjusted(kMargin, 0, -kMargin, -1);
    if (const auto *table = qobject_cast<const QTableView *>(option.widget)) {
        const QHeaderView *header = table->horizontalHeader();
        const int place = header->visualIndex(index.column());
        int last = header->count() - 1;
        while (last > place && header->isSectionHidden(header->logicalIndex(last)))
            --last;
        if (place == 0)
            inside.setLeft(inside.left() + look::kCellEdge);
        if (place == last)
            inside.setRight(inside.right() - look::kCellEdge);
    }
    return inside;
}

std::vector<QColor> coloursOf(const QModelIndex &index)
{
    std::vector<QColor> colours;
    const QVariantList list = index.data(MixtureColoursRole).toList();
    colours.reserve(std::size_t(list.size()));
    for (const QVariant &entry : list)
        colours.push_back(entry.value<QColor>());
    return colours;
}

} // namespace

void ToneDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    QStyleOptionViewItem item = option;
    initStyleOption(&item, index);
    const QStyle *style = item.widget ? item.widget->style() : QApplication::style();
    style->drawPrimitive(QStyle::PE_PanelItemViewItem, &item, painter, item.widget);
    painter->save();
    painter->setFont(item.font);
    painter->setPen(toneOf(item, index));
    paintContent(painter, item, insideOf(item, index), index);
    painter->restore();
}

void ToneDelegate::paintContent(QPainter *painter, const QStyleOptionViewItem &option, const QRect &inside,
                                const QModelIndex &) const
{
    const QString text = QFontMetrics(painter->font()).elidedText(option.text, option.textElideMode, inside.width());
    painter->drawText(inside, int(option.displayAlignment | Qt::AlignVCenter) | Qt::TextSingleLine, text);
}

QSize ColourDelegate::sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    QSize size = QStyledItemDelegate::sizeHint(option, index);
    size.rwidth() += kSwatchSize + 2 * kMargin;
    if (!index.data(DetailRole).toString().isEmpty())
        size.setHeight(44);
    return size;
}

void ColourDelegate::paintContent(QPainter *painter, const QStyleOptionViewItem &option, const QRect &inside,
                                  const QModelIndex &index) const
{
    const Theme &theme = Theme::of(option.palette);
    const QString detail = index.data(DetailRole).toString();
    const QVariant colour = index.data(ColourRole);
    QRect text = inside;
    const int line = detail.isEmpty() ? inside.height() : QFontMetrics(option.font).height() + 2;
    if (!detail.isEmpty())
        text.setTop(inside.center().y() - line + 2);
    text.setHeight(line);
    if (colour.isValid()) {
        const QRectF swatch(text.left(), text.center().y() - kSwatchSize / 2.0 + 1, kSwatchSize, kSwatchSize);
        paintSwatch(painter, swatch, colour.value<QColor>());
        text.setLeft(text.left() + kSwatchSize + 8);
    }
    if (!detail.isEmpty())
        painter->setFont(textFont(TextRole::Strong, option.font));
    const QFontMetrics metrics(painter->font());
    const QString name = metrics.elidedText(option.text, Qt::ElideRight, text.width());
    painter->drawText(text, Qt::AlignVCenter | Qt::AlignLeft | Qt::TextSingleLine, name);
    painter->setPen(theme.muted);
    const QFont small = textFont(TextRole::Small, option.font);
    const QString badge = index.data(BadgeRole).toString();
    if (!badge.isEmpty()) {
        painter->setFont(small);
        painter->drawText(text.adjusted(metrics.horizontalAdvance(name) + 10, 0, 0, 0),
                          Qt::AlignVCenter | Qt::AlignLeft | Qt::TextSingleLine, badge);
    }
    if (!detail.isEmpty()) {
        painter->setFont(small);
        const QRect below(text.left(), text.bottom(), text.width(), line);
        painter->drawText(below, Qt::AlignVCenter | Qt::AlignLeft | Qt::TextSingleLine,
                          QFontMetrics(small).elidedText(detail, Qt::ElideMiddle, below.width()));
    }
}

ShareBarDelegate::ShareBarDelegate(Form form, QObject *parent) : ToneDelegate(parent), m_form(form) { }

void ShareBarDelegate::setFullScale(double share)
{
    m_fullScale = share > 0 ? share : 1.0;
}

void ShareBarDelegate::paintContent(QPainter *painter, const QStyleOptionViewItem &option, const QRect &inside,
                                    const QModelIndex &index) const
{
    const Theme &theme = Theme::of(option.palette);
    const QColor fill = theme.area(index.data(ColourRole).value<QColor>());
    const double share = std::clamp(index.data(ShareRole).toDouble() / m_fullScale, 0.0, 1.0);
    const QFontMetrics metrics(painter->font());
    const int number = metrics.horizontalAdvance(QStringLiteral("100.0 %"));
    constexpr int kBarHeight = 7;
    const double top = inside.center().y() - kBarHeight / 2.0 + 0.5;
    if (m_form == Form::Compact) {
        const int figures =
            std::max(metrics.horizontalAdvance(option.text), metrics.horizontalAdvance(QStringLiteral("00.0")));
        const double room = std::max(0, inside.width() - figures - 7);
        const double width = share > 0 ? std::max(2.0, room * share) : 0;
        style::drawBox(painter, QRectF(inside.left() + room - width, top, width, kBarHeight), fill, Qt::transparent, 2);
        painter->drawText(inside, Qt::AlignRight | Qt::AlignVCenter | Qt::TextSingleLine, option.text);
        return;
    }
    const double room = std::max(0, inside.width() - number - 8);
    const double width = share > 0 ? std::max(2.0, room * share) : 0;
    style::drawBox(painter, QRectF(inside.left(), top, width, kBarHeight), fill, Qt::transparent, 2);
    painter->drawText(inside.adjusted(int(width) + 7, 0, 0, 0), Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine,
                      option.text);
}

QSize MixtureBarDelegate::sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    QSize size = QStyledItemDelegate::sizeHint(option, index);
    size.setWidth(std::max(size.width(), 160));
    return size;
}

void MixtureBarDelegate::paintContent(QPainter *painter, const QStyleOptionViewItem &option, const QRect &inside,
                                      const QModelIndex &index) const
{
    std::vector<double> shares;
    for (const QVariant &share : index.data(MixtureRole).toList())
        shares.push_back(share.toDouble());
    constexpr int kBarHeight = 10;
    const QRectF bar(inside.left(), inside.center().y() - kBarHeight / 2.0 + 0.5, inside.width(), kBarHeight);
    paintMixtureBar(painter, bar, shares, coloursOf(index), option.palette);
}

} // namespace krater
