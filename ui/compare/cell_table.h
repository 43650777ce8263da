// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/theme.h"

#include <QAbstractTableModel>
#include <QColor>

#include <optional>
#include <vector>

class QTableView;

namespace krater {

// What one cell of a small table shows. Plain value.
struct TableCell {
    QString text;
    Tone tone = Tone::Text;
    bool isNumber = false;        // right-aligned
    std::optional<QColor> colour; // of a swatch before the text
    QString badge;
    std::vector<double> shares; // a stacked bar instead of the text
    std::vector<QColor> shareColours;
    QString toolTip;

    bool operator==(const TableCell &) const = default;
};

TableCell textCell(const QString &text, Tone tone = Tone::Text);
TableCell numberCell(const QString &text, Tone tone = Tone::Text);
TableCell swatchCell(const QString &text, const QColor &colour);
// Below 0 is better; what reads 0.000 is neither.
Tone differenceTone(double lossDifference);

// As wide as headers and contents ask, within bounds; called when the table is made anew.
void fitColumns(QTableView *table, int maxWidth = 280);

// A small table that is made anew from a comparison whenever that changes, without taking away what the user has selected. UI thread only.
class CellTable : public QAbstractTableModel {
    Q_OBJECT

public:
    using Row = std::vector<TableCell>;

    explicit CellTable(QObject *parent = nullptr) : QAbstractTableModel(parent) { }

    void setContents(std::vector<TableCell> headers, std::vector<Row> rows); // rows as long as the headers

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    std::vector<TableCell> m_headers;
    std::vector<Row> m_rows;
};

} // namespace krater
