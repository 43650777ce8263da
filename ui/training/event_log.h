// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/widgets/value_table.h"

#include <QTimer>

#include <set>

namespace krater {

// The table of events: a narrow column of steps, the mark that the event has on the plots, and its text, on as many lines as it needs. A text that
// has lines of its own, or very many, is one line until it is unfolded (Enter, Space or a double click).
class EventLog : public ValueTable {
    Q_OBJECT

public:
    explicit EventLog(QAbstractItemModel &model, QWidget *parent = nullptr);

    bool isFolded(int row) const;
    void setFolded(int row, bool folded); // nothing if its text is short

protected:
    void resizeEvent(QResizeEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;

private:
    void fit();
    void fitRow(int row);
    bool canFold(const QString &text) const;
    int fullHeightOf(const QString &text) const;
    int ageOf(int row) const; // 0: the oldest; stays when newer events come

    QTimer m_soon;
    int m_fittedRows = 0;
    int m_fittedWidth = 0;
    std::set<int> m_unfolded; // by age
};

} // namespace krater
