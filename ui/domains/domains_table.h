// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/widgets/card.h"

#include <vector>

namespace krater {

class DomainsModel;
class ShareBarDelegate;
class ValueTable;

// The table of domains with its totals: select, rename in place, drag to reorder or Alt with the arrow keys, drop files on a row, Delete. Reports what a person
// wants; the page edits.
class DomainsTable : public Card {
    Q_OBJECT

public:
    explicit DomainsTable(DomainsModel &model, QWidget *parent = nullptr);

    int currentRow() const; // -1: none
    std::vector<std::size_t> selectedRows() const;
    void selectRow(int row);     // and no other
    void keepSelection(int row); // selects it if nothing is
    void showTotals();

signals:
    void selectionChanged();
    void removeRequested();
    void moveRequested(int from, int to);

private:
    void moveBy(int offset);

    DomainsModel &m_model;
    ValueTable *m_table;
    ShareBarDelegate *m_shareBars;
    ElidedLabel *m_total;
};

} // namespace krater
