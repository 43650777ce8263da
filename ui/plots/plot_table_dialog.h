// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/plots/time_plot.h"

#include <QAbstractTableModel>
#include <QDialog>

namespace krater {

// A chart's data as a table that can be read, searched by eye and copied; as it was when it was opened.
class PlotTableDialog : public QDialog {
    Q_OBJECT

public:
    PlotTableDialog(const QString &title, PlotTable table, QWidget *parent = nullptr);
};

class PlotTableModel : public QAbstractTableModel {
    Q_OBJECT

public:
    PlotTableModel(PlotTable table, QObject *parent);

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    PlotTable m_table;
};

} // namespace krater
