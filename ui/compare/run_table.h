// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/run_table_model.h"
#include "ui/widgets/value_table.h"

#include <vector>

class QMenu;

namespace krater {

class RunListModel;
class Settings;

// The table of saved runs: chosen columns, widths and order are kept in the layout, names are edited in place. Until the user chooses, as many losses
// are shown as the width has room for. UI thread only.
class RunTable : public ValueTable {
    Q_OBJECT

public:
    RunTable(RunListModel &list, RunTableModel &model, Settings &settings, QWidget *parent = nullptr);

    std::vector<RunId> selectedRuns() const; // in the order on the screen
    RunId currentRun() const;                // 0: none
    void select(const std::vector<RunId> &runs);
    void editName(RunId run);

    void restoreLayout(); // from the settings; defaults where they have nothing
    void fillColumnsMenu(QMenu *menu);
    bool isColumnShown(const RunTableModel::Column &column) const;
    void showColumn(const RunTableModel::Column &column, bool shown);

signals:
    void chosenRunsChanged(); // selectedRuns() or currentRun()

protected:
    void selectionChanged(const QItemSelection &selected, const QItemSelection &deselected) override;
    void currentChanged(const QModelIndex &current, const QModelIndex &previous) override;
    void resizeEvent(QResizeEvent *event) override;

private:
    void createHeader();
    void prepareColumns(int first, int last);
    int defaultWidth(int column) const;
    int wantedWidth(int column) const;
    bool hasOwnWidth(int column) const; // the user's
    void fitColumns();
    void hideColumns();
    int roomForLosses() const;
    void resetColumns();
    bool isShownAtFirst(const RunTableModel::Column &column) const;

    RunListModel &m_list;
    RunTableModel &m_model;
    Settings &m_settings;
    QStringList m_hidden, m_shown; // keys of columns, where the user has changed them
    int m_lossRoom = 0;            // how many losses fit in without being asked for
    bool m_restoring = false;      // widths are not the user's now
};

} // namespace krater
