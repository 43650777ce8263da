// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/compare/run_comparison.h"
#include "ui/compare/cell_table.h"
#include "ui/compare/comparison_tab.h"

namespace krater {

class ValueTable;

// Mean and final mixture of each run as stacked bars with their numbers.
class MixturesTab : public ComparisonTab {
    Q_OBJECT

public:
    explicit MixturesTab(RunSelection &selection, QWidget *parent = nullptr);

    QString title() const override;
    QWidget *chart() override;

protected:
    void showNumbers() override;

private:
    CellTable::Row makeRow(const Comparison &comparison, std::size_t run, bool isMean,
                           const std::vector<QColor> &colours) const;

    CellTable *m_cells;
    ValueTable *m_table;
};

} // namespace krater
