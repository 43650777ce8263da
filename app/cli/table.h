// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

namespace krater::cli {

// Rows of text in aligned columns, measured in terminal columns (UTF-8 aware). Numbers stand right, words left; a column that
// `shrinks` gives way when the table is wider than the terminal.
class Table {
public:
    enum class Align { Left, Right };
    struct Column {
        std::string title;
        Align align = Align::Left;
        bool shrinks = false;
        bool wraps = false; // shrinks without losing anything: the cell goes on below
    };

    explicit Table(std::vector<Column> columns);

    void addRow(std::vector<std::string> cells); // as many as columns; made printable here
    bool isEmpty() const { return m_rows.empty(); }
    bool fits(int maxWidth) const; // without a cut at the end of the lines

    // With a header line; lines end in '\n'. maxWidth in columns, 0: as wide as it needs.
    std::string text(int maxWidth = 0) const;
    std::vector<std::string> lines(int maxWidth = 0) const;

private:
    std::vector<int> widths(int maxWidth) const;
    std::string line(const std::vector<std::string> &cells, const std::vector<int> &widths) const;
    std::vector<std::string> linesOf(const std::vector<std::string> &cells, const std::vector<int> &widths) const;

    std::vector<Column> m_columns;
    std::vector<std::vector<std::string>> m_rows;
};

} // namespace krater::cli
