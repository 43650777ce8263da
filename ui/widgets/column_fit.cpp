// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/column_fit.h"

#include "ui/theme/theme.h"
#include "ui/widgets/colour_swatch.h"
#include "ui/widgets/item_roles.h"

#include <QAbstractItemModel>
#include <QEvent>
#include <QHeaderView>
#include <QTableView>

#include <algorithm>
#include <numeric>

namespace krater {
namespace {

constexpr int kMostRows = 200; // that are measured
constexpr int kSlack = 2;      // of bold or fractional text
constexpr int kJitter = 24;    // a column that needs this much less than it has gives it back
constexpr int kLeastWidth = 24;

} // namespace

ColumnFit::ColumnFit(QTableView *table, int stretched) : QObject(table), m_table(table), m_stretched(stretched)
{
    m_soon.setSingleShot(true);
    m_soon.setInterval(0);
    connect(&m_soon, &QTimer::timeout, this, &ColumnFit::fit);
    table->horizontalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    table->horizontalHeader()->setStretchLastSection(false);
    table->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    table->viewport()->installEventFilter(this);
    watchModel();
    restart();
}

void ColumnFit::watchModel()
{
    const QAbstractItemModel *model = m_table->model();
    const auto soon = [this] { m_soon.start(); };
    connect(model, &QAbstractItemModel::dataChanged, this, soon);
    connect(model, &QAbstractItemModel::rowsInserted, this, soon);
    for (const auto started : {&QAbstractItemModel::columnsInserted, &QAbstractItemModel::columnsRemoved})
        connect(model, started, this, &ColumnFit::restart);
    connect(model, &QAbstractItemModel::modelReset, this, &ColumnFit::restart);
    connect(model, &QAbstractItemModel::headerDataChanged, this, &ColumnFit::restart);
}

void ColumnFit::setExtra(int column, int pixels)
{
    m_extra.emplace_back(column, pixels);
    restart();
}

void ColumnFit::setMostForStretched(int pixels)
{
    m_mostForStretched = pixels;
    restart();
}

void ColumnFit::setLeastWanted(const std::vector<int> &order)
{
    m_leastWanted = order;
    restart();
}

void ColumnFit::restart()
{
    m_widths.clear();
    m_soon.start();
}

int ColumnFit::neededWidth(int column) const
{
    const QAbstractItemModel *model = m_table->model();
    const QFontMetrics header = m_table->horizontalHeader()->fontMetrics();
    int width = header.horizontalAdvance(model->headerData(column, Qt::Horizontal).toString());
    const QFontMetrics cells = m_table->fontMetrics();
    for (int row = 0; row < std::min(model->rowCount(), kMostRows); ++row) {
        const QModelIndex index = model->index(row, column);
        int text = cells.horizontalAdvance(index.data().toString());
        if (const QString detail = index.data(DetailRole).toString(); !detail.isEmpty())
            text = std::max(text, cells.horizontalAdvance(detail));
        if (column == m_stretched && index.data(ColourRole).isValid())
            text += kSwatchSize + 8;
        for (const auto &[of, pixels] : m_extra)
            text += of == column ? pixels : 0;
        width = std::max(width, text);
    }
    return width + 2 * look::kCellMargin + kSlack;
}

void ColumnFit::setSpread()
{
    m_spread = true;
    m_table->setHorizontalScrollBarPolicy(Qt::ScrollBarAsNeeded);
    restart();
}

void ColumnFit::measure()
{
    m_widths.resize(std::size_t(m_table->model()->columnCount()), 0);
    for (std::size_t column = 0; column < m_widths.size(); ++column) {
        const int needed = neededWidth(int(column));
        if (needed > m_widths[column] || needed < m_widths[column] - kJitter)
            m_widths[column] = needed;
    }
}

std::vector<bool> ColumnFit::choose(const std::vector<int> &widths, int room) const
{
    const int columns = int(widths.size());
    std::vector<bool> hidden(widths.size(), false);
    int total = std::accumulate(widths.begin(), widths.end(), 0);
    for (const int wanted : m_leastWanted) {
        const int column = wanted < 0 ? columns + wanted : wanted;
        if (total <= room || column < 0 || column >= columns || hidden[std::size_t(column)])
            continue;
        hidden[std::size_t(column)] = true;
        total -= widths[std::size_t(column)];
    }
    return hidden;
}

void ColumnFit::spread(std::vector<int> &widths, int spare) const
{
    if (!m_spread) {
        widths[std::size_t(m_stretched)] += spare;
        return;
    }
    const int each = std::max(0, spare) / int(widths.size());
    for (int &width : widths)
        width += each;
    widths[std::size_t(m_stretched)] += std::max(0, spare - each * int(widths.size()));
}

void ColumnFit::fit()
{
    m_soon.stop();
    const int columns = m_table->model()->columnCount();
    if (columns <= m_stretched)
        return;
    measure();
    std::vector<int> widths = m_widths;
    widths[std::size_t(m_stretched)] = std::min(widths[std::size_t(m_stretched)], m_mostForStretched);
    const int room = m_table->viewport()->width() - 2 * look::kCellEdge;
    const std::vector<bool> hidden = choose(widths, room);
    int total = 0;
    for (std::size_t column = 0; column < widths.size(); ++column)
        total += hidden[column] ? 0 : widths[column];
    spread(widths, room - total);
    int last = columns - 1;
    while (last > 0 && hidden[std::size_t(last)])
        --last;
    widths[0] += look::kCellEdge;
    widths[std::size_t(last)] += look::kCellEdge;
    for (int column = 0; column < columns; ++column) {
        m_table->setColumnHidden(column, hidden[std::size_t(column)]);
        if (!hidden[std::size_t(column)])
            m_table->setColumnWidth(column, std::max(kLeastWidth, widths[std::size_t(column)]));
    }
}

bool ColumnFit::eventFilter(QObject *watched, QEvent *event)
{
    if (event->type() == QEvent::Resize)
        fit();
    else if (event->type() == QEvent::FontChange)
        restart();
    return QObject::eventFilter(watched, event);
}

} // namespace krater
