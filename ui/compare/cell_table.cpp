// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/compare/cell_table.h"

#include "ui/widgets/item_roles.h"

#include <QHeaderView>
#include <QTableView>

#include <algorithm>
#include <utility>

namespace krater {
namespace {

int alignment(const TableCell &cell)
{
    return int(Qt::AlignVCenter | (cell.isNumber ? Qt::AlignRight : Qt::AlignLeft));
}

QVariantList variants(const std::vector<double> &values)
{
    QVariantList list;
    for (const double value : values)
        list << value;
    return list;
}

} // namespace

TableCell textCell(const QString &text, Tone tone)
{
    TableCell cell;
    cell.text = text;
    cell.tone = tone;
    return cell;
}

TableCell numberCell(const QString &text, Tone tone)
{
    TableCell cell = textCell(text, tone);
    cell.isNumber = true;
    return cell;
}

TableCell swatchCell(const QString &text, const QColor &colour)
{
    TableCell cell = textCell(text);
    cell.colour = colour;
    return cell;
}

Tone differenceTone(double lossDifference)
{
    constexpr double kShown = 0.0005; // half of the third decimal, nats per token
    return lossDifference <= -kShown ? Tone::Good : lossDifference >= kShown ? Tone::Bad : Tone::Muted;
}

void fitColumns(QTableView *table, int maxWidth)
{
    constexpr int kPadding = 20; // what delegates keep free, and a badge or an ellipsis not needed for a pixel
    for (int column = 0; column < table->model()->columnCount(); ++column) {
        int widest = 0;
        for (int row = 0; row < table->model()->rowCount(); ++row)
            widest = std::max(widest, table->sizeHintForIndex(table->model()->index(row, column)).width());
        const int header = table->horizontalHeader()->sectionSizeHint(column);
        table->setColumnWidth(column, std::min(maxWidth, std::max(widest + kPadding, header)));
    }
}

void CellTable::setContents(std::vector<TableCell> headers, std::vector<Row> rows)
{
    if (headers.size() == m_headers.size() && rows.size() == m_rows.size()) {
        if (headers == m_headers && rows == m_rows)
            return;
        m_headers = std::move(headers);
        m_rows = std::move(rows);
        if (columnCount() > 0)
            emit headerDataChanged(Qt::Horizontal, 0, columnCount() - 1);
        if (rowCount() > 0)
            emit dataChanged(index(0, 0), index(rowCount() - 1, columnCount() - 1));
        return;
    }
    beginResetModel();
    m_headers = std::move(headers);
    m_rows = std::move(rows);
    endResetModel();
}

int CellTable::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_rows.size());
}

int CellTable::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_headers.size());
}

QVariant CellTable::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const TableCell &cell = m_rows[std::size_t(index.row())][std::size_t(index.column())];
    switch (role) {
    case Qt::DisplayRole:
        return cell.shares.empty() ? cell.text : QString();
    case Qt::AccessibleTextRole:
        return cell.text;
    case Qt::TextAlignmentRole:
        return alignment(cell);
    case Qt::ToolTipRole:
        return cell.toolTip;
    case ToneRole:
        return int(cell.tone);
    case ColourRole:
        return cell.colour ? QVariant(*cell.colour) : QVariant();
    case BadgeRole:
        return cell.badge;
    case MixtureRole:
        return variants(cell.shares);
    case MixtureColoursRole: {
        QVariantList list;
        for (const QColor &colour : cell.shareColours)
            list << colour;
        return list;
    }
    default:
        return {};
    }
}

QVariant CellTable::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section < 0 || section >= columnCount())
        return {};
    const TableCell &cell = m_headers[std::size_t(section)];
    switch (role) {
    case Qt::DisplayRole:
        return cell.text;
    case Qt::TextAlignmentRole:
        return alignment(cell);
    case Qt::ToolTipRole:
        return cell.toolTip;
    default:
        return {};
    }
}

} // namespace krater
