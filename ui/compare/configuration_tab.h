// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/compare/comparison_tab.h"

class QStackedWidget;

namespace krater {

class CellTable;
class EmptyState;
class MessageBar;
class SectionHeader;
class ValueTable;

// Only the keys of the frozen experiments that are not the same in all selected runs, and what makes the comparison doubtful.
class ConfigurationTab : public ComparisonTab {
    Q_OBJECT

public:
    explicit ConfigurationTab(RunSelection &selection, QWidget *parent = nullptr);

    QString title() const override;

protected:
    void showNumbers() override;

private:
    void showIssues();

    SectionHeader *m_header;
    MessageBar *m_issues;
    QStackedWidget *m_stack;
    EmptyState *m_empty;
    CellTable *m_cells;
    ValueTable *m_table;
};

} // namespace krater
