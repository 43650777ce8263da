// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/run_filter.h"
#include "app/run_table_model.h"

#include <QSortFilterProxyModel>

namespace krater {

class RunSelection;

// The table of runs as people see it: filtered, sorted, with numbers in words of the locale, tones, colours and bars. UI thread only.
class RunListModel : public QSortFilterProxyModel {
    Q_OBJECT

public:
    explicit RunListModel(RunTableModel &model, QObject *parent = nullptr);

    void setFilter(const RunFilter &filter);
    void showColoursOf(const RunSelection *selection); // which outlives this model

    RunId runAt(const QModelIndex &index) const;
    QModelIndex indexOf(RunId run) const; // invalid if it is filtered out
    RunTableModel::Kind kindOf(int column) const;

    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

protected:
    bool filterAcceptsRow(int sourceRow, const QModelIndex &sourceParent) const override;
    bool lessThan(const QModelIndex &left, const QModelIndex &right) const override;

private:
    QString text(const RunRow &row, const RunTableModel::Column &column, const QVariant &value) const;
    QString toolTip(const RunRow &row, RunTableModel::Kind kind) const;
    QVariant tone(const RunRow &row, RunTableModel::Kind kind) const;
    QVariant nameData(const RunRow &row, int role) const;
    QVariant mixtureData(const RunRow &row, int role) const;
    QString headerText(const RunTableModel::Column &column, const QString &title) const;
    QString headerToolTip(const RunTableModel::Column &column) const;

    RunTableModel &m_model;
    RunFilter m_filter;
    const RunSelection *m_selection = nullptr;
};

// "natural", "uniform" or "chosen weights": the fixed mixture in a word, for headings.
QString scoreMixtureName(const ScoreMixture &mixture);
// Domain and share, one a line: for tool tips and screen readers.
QString mixtureText(const RunRow &row, const std::vector<double> &shares, const QString &separator);

} // namespace krater
