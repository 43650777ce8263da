// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QTimer>

#include <vector>

class QTableView;

namespace krater {

// Keeps the columns of a table as wide as what stands in them, and gives one of them the rest. Where that does not fit, the columns that are wanted least
// are hidden: a figure is never cut. Widths of live figures grow at once and shrink only by much, so that nothing jitters.
class ColumnFit : public QObject {
    Q_OBJECT

public:
    ColumnFit(QTableView *table, int stretched);

    void setExtra(int column, int pixels);             // besides the text: a bar
    void setMostForStretched(int pixels);              // longer texts of the stretched column are elided before others are hidden
    void setLeastWanted(const std::vector<int> &order); // hidden first to last; columns counted from the end are negative
    void setSpread(); // what is left goes to all columns, and what does not fit scrolls
    void fit();

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void watchModel();
    void restart();
    void measure();
    std::vector<bool> choose(const std::vector<int> &widths, int room) const; // true: hidden
    void spread(std::vector<int> &widths, int spare) const;
    int neededWidth(int column) const;

    QTableView *m_table;
    int m_stretched;
    int m_mostForStretched = 168;
    bool m_spread = false;
    std::vector<std::pair<int, int>> m_extra; // column, pixels
    std::vector<int> m_leastWanted;
    std::vector<int> m_widths; // [columns]
    QTimer m_soon;
};

} // namespace krater
