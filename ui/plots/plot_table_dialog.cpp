// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/plot_table_dialog.h"

#include "ui/widgets/value_table.h"

#include <QDialogButtonBox>
#include <QLocale>
#include <QVBoxLayout>

#include <cmath>

namespace krater {

PlotTableModel::PlotTableModel(PlotTable table, QObject *parent)
    : QAbstractTableModel(parent)
    , m_table(std::move(table))
{
}

int PlotTableModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_table.rows.size());
}

int PlotTableModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_table.columns.size());
}

QVariant PlotTableModel::data(const QModelIndex &index, int role) const
{
    if (role == Qt::TextAlignmentRole)
        return int(Qt::AlignRight | Qt::AlignVCenter);
    if (role != Qt::DisplayRole)
        return {};
    const std::vector<double> &row = m_table.rows[std::size_t(index.row())];
    const double value = row[std::size_t(index.column())];
    if (!std::isfinite(value))
        return QString();
    const bool whole = value == std::floor(value) && std::abs(value) < 1e15;
    return whole ? QLocale().toString(value, 'f', 0) : QLocale().toString(value, 'g', 6);
}

QVariant PlotTableModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (role == Qt::TextAlignmentRole)
        return int(Qt::AlignRight | Qt::AlignVCenter);
    if (role != Qt::DisplayRole || orientation != Qt::Horizontal)
        return {};
    return m_table.columns[section];
}

PlotTableDialog::PlotTableDialog(const QString &title, PlotTable table, QWidget *parent) : QDialog(parent)
{
    setWindowTitle(title);
    auto *view = new ValueTable(title);
    view->setModel(new PlotTableModel(std::move(table), this));
    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Close);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    auto *column = new QVBoxLayout(this);
    column->addWidget(view, 1);
    column->addWidget(buttons);
    resize(860, 560);
}

} // namespace krater
