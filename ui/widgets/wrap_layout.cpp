// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/wrap_layout.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QStyle>
#include <QWidget>

#include <algorithm>

namespace krater {
namespace {

bool grows(const QLayoutItem *item)
{
    return item->expandingDirections().testFlag(Qt::Horizontal);
}

int wantedWidth(const QLayoutItem *item)
{
    return grows(item) ? item->minimumSize().width() : item->sizeHint().width();
}

int heightOf(const std::vector<QLayoutItem *> &items)
{
    int height = 0;
    for (const QLayoutItem *item : items)
        height = std::max(height, item->sizeHint().height());
    return height;
}

} // namespace

WrapLayout::WrapLayout(QWidget *parent) : QLayout(parent)
{
    setContentsMargins(0, 0, 0, 0);
    setSpacing(8);
}

WrapLayout::~WrapLayout()
{
    for (QLayoutItem *item : m_items)
        delete item;
}

void WrapLayout::beginEndGroup()
{
    m_numStart = count();
}

void WrapLayout::addCaptioned(const QString &caption, QWidget *control)
{
    auto *both = new QWidget;
    auto *row = new QHBoxLayout(both);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(8);
    auto *label = new QLabel(caption);
    label->setForegroundRole(QPalette::PlaceholderText);
    label->setBuddy(control);
    row->addWidget(label);
    row->addWidget(control);
    both->setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    addWidget(both);
}

void WrapLayout::addOptional(QWidget *widget)
{
    addWidget(widget);
    m_optional.push_back(m_items.back());
}

void WrapLayout::addItem(QLayoutItem *item)
{
    m_items.push_back(item);
}

QLayoutItem *WrapLayout::itemAt(int index) const
{
    return index >= 0 && index < count() ? m_items[std::size_t(index)] : nullptr;
}

QLayoutItem *WrapLayout::takeAt(int index)
{
    if (index < 0 || index >= count())
        return nullptr;
    QLayoutItem *item = m_items[std::size_t(index)];
    std::erase(m_optional, item);
    m_items.erase(m_items.begin() + index);
    if (index < m_numStart)
        --m_numStart;
    return item;
}

std::vector<QLayoutItem *> WrapLayout::group(bool end, bool withOptional) const
{
    std::vector<QLayoutItem *> items;
    for (int index = 0; index < count(); ++index) {
        QLayoutItem *item = m_items[std::size_t(index)];
        const bool atEnd = m_numStart >= 0 && index >= m_numStart;
        if (atEnd == end && !item->isEmpty() && (withOptional || std::ranges::count(m_optional, item) == 0))
            items.push_back(item);
    }
    return items;
}

int WrapLayout::widthOf(const std::vector<QLayoutItem *> &items) const
{
    int width = items.empty() ? 0 : int(items.size() - 1) * spacing();
    for (const QLayoutItem *item : items)
        width += wantedWidth(item);
    return width;
}

std::vector<WrapLayout::Line> WrapLayout::linesFor(int width) const
{
    std::vector<Line> lines = linesFor(width, true);
    return lines.size() > 1 && !m_optional.empty() ? linesFor(width, false) : lines;
}

std::vector<WrapLayout::Line> WrapLayout::linesFor(int width, bool withOptional) const
{
    std::vector<Line> lines{Line()};
    const auto fill = [&](const std::vector<QLayoutItem *> &items) {
        for (QLayoutItem *item : items) {
            std::vector<QLayoutItem *> tried = lines.back().start;
            tried.push_back(item);
            if (!lines.back().start.empty() && widthOf(tried) > width)
                lines.push_back({{item}, {}});
            else
                lines.back().start = std::move(tried);
        }
    };
    fill(group(false, withOptional));
    const std::vector<QLayoutItem *> end = group(true, withOptional);
    if (end.empty())
        return lines;
    const int taken = widthOf(lines.back().start);
    if ((taken > 0 ? taken + spacing() : 0) + widthOf(end) <= width) {
        lines.back().end = end;
    } else {
        lines.push_back({});
        fill(end);
    }
    return lines;
}

int WrapLayout::heightForWidth(int width) const
{
    const QMargins margins = contentsMargins();
    int height = -spacing();
    for (const Line &line : linesFor(width - margins.left() - margins.right()))
        height += std::max(heightOf(line.start), heightOf(line.end)) + spacing();
    return std::max(0, height) + margins.top() + margins.bottom();
}

QSize WrapLayout::sizeHint() const
{
    std::vector<QLayoutItem *> all = group(false, true);
    const std::vector<QLayoutItem *> end = group(true, true);
    all.insert(all.end(), end.begin(), end.end());
    const QMargins margins = contentsMargins();
    return {widthOf(all) + margins.left() + margins.right(), heightOf(all) + margins.top() + margins.bottom()};
}

QSize WrapLayout::minimumSize() const
{
    int width = 0;
    for (const QLayoutItem *item : m_items)
        if (!item->isEmpty())
            width = std::max(width, wantedWidth(item));
    const QMargins margins = contentsMargins();
    return {width + margins.left() + margins.right(), sizeHint().height()};
}

void WrapLayout::setGeometry(const QRect &rect)
{
    QLayout::setGeometry(rect);
    QRect inside = rect.marginsRemoved(contentsMargins());
    for (int index = 0; index < count(); ++index)
        if (std::ranges::count(m_optional, m_items[std::size_t(index)]) > 0)
            m_items[std::size_t(index)]->setGeometry({}); // unless a line has it
    for (const Line &line : linesFor(inside.width())) {
        inside.setHeight(std::max(heightOf(line.start), heightOf(line.end)));
        place(line, inside);
        inside.translate(0, inside.height() + spacing());
    }
}

void WrapLayout::place(const Line &line, const QRect &rect) const
{
    const int endWidth = widthOf(line.end);
    const int between = line.end.empty() || line.start.empty() ? 0 : spacing();
    place(line.start, rect.left(), rect.width() - endWidth - between, rect);
    place(line.end, rect.right() + 1 - endWidth, endWidth, rect);
}

// From x on; those that want to grow share what the line leaves, up to their maximum.
void WrapLayout::place(const std::vector<QLayoutItem *> &items, int x, int room, const QRect &rect) const
{
    int spare = std::max(0, room - widthOf(items));
    for (QLayoutItem *item : items) {
        int width = std::min(wantedWidth(item), rect.width());
        if (grows(item)) {
            const int more = std::min(spare, item->maximumSize().width() - width);
            width += more;
            spare -= more;
        }
        const int height = std::min(item->sizeHint().height(), rect.height());
        const QRect left(x, rect.top() + (rect.height() - height) / 2, width, height);
        const auto direction = parentWidget() ? parentWidget()->layoutDirection() : Qt::LeftToRight;
        item->setGeometry(QStyle::visualRect(direction, rect, left));
        x += width + spacing();
    }
}

} // namespace krater
