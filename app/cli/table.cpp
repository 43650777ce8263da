// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/table.h"

#include "app/cli/text_width.h"

#include <algorithm>
#include <numeric>
#include <sstream>

namespace krater::cli {
namespace {

constexpr int kGap = 2;            // columns between two columns of the table
constexpr int kSmallestColumn = 6; // what shrinking leaves

} // namespace

Table::Table(std::vector<Column> columns) : m_columns(std::move(columns))
{
    for (Column &column : m_columns)
        column.title = printable(column.title);
}

void Table::addRow(std::vector<std::string> cells)
{
    cells.resize(m_columns.size());
    for (std::string &cell : cells)
        cell = printable(cell);
    m_rows.push_back(std::move(cells));
}

std::vector<int> Table::widths(int maxWidth) const
{
    std::vector<int> widths;
    for (std::size_t column = 0; column < m_columns.size(); ++column) {
        int width = displayWidth(m_columns[column].title);
        for (const auto &row : m_rows)
            width = std::max(width, displayWidth(row[column]));
        widths.push_back(width);
    }
    if (maxWidth <= 0)
        return widths;
    const int gaps = kGap * (static_cast<int>(widths.size()) - 1);
    int excess = std::accumulate(widths.begin(), widths.end(), gaps) - maxWidth;
    while (excess > 0) {
        // The widest of the columns that may shrink gives way first.
        int *widest = nullptr;
        for (std::size_t column = 0; column < widths.size(); ++column) {
            const bool mayShrink = m_columns[column].shrinks || m_columns[column].wraps;
            if (mayShrink && widths[column] > kSmallestColumn && (!widest || widths[column] > *widest))
                widest = &widths[column];
        }
        if (!widest)
            break;
        --*widest;
        --excess;
    }
    return widths;
}

bool Table::fits(int maxWidth) const
{
    const std::vector<int> fitted = widths(maxWidth);
    return maxWidth <= 0
        || std::accumulate(fitted.begin(), fitted.end(), kGap * (static_cast<int>(fitted.size()) - 1)) <= maxWidth;
}

std::string Table::line(const std::vector<std::string> &cells, const std::vector<int> &widths) const
{
    std::string line;
    for (std::size_t column = 0; column < cells.size(); ++column) {
        if (column > 0)
            line.append(kGap, ' ');
        const std::string cell = truncated(cells[column], widths[column]);
        line += m_columns[column].align == Align::Right ? paddedLeft(cell, widths[column])
                                                        : paddedRight(cell, widths[column]);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    return line;
}

std::vector<std::string> Table::linesOf(const std::vector<std::string> &cells, const std::vector<int> &widths) const
{
    std::vector<std::vector<std::string>> rows(1, cells);
    for (std::size_t column = 0; column < cells.size(); ++column) {
        if (!m_columns[column].wraps)
            continue;
        std::istringstream parts(wrapped(cells[column], widths[column]));
        std::string part;
        for (std::size_t row = 0; std::getline(parts, part); ++row) {
            if (row == rows.size())
                rows.emplace_back(cells.size());
            rows[row][column] = part;
        }
    }
    std::vector<std::string> lines;
    for (const auto &row : rows)
        lines.push_back(line(row, widths));
    return lines;
}

std::vector<std::string> Table::lines(int maxWidth) const
{
    const std::vector<int> columnWidths = widths(maxWidth);
    std::vector<std::string> titles;
    for (const Column &column : m_columns)
        titles.push_back(column.title);
    std::vector<std::string> lines = {line(titles, columnWidths)};
    for (const auto &row : m_rows) {
        for (std::string &text : linesOf(row, columnWidths))
            lines.push_back(std::move(text));
    }
    if (maxWidth > 0) {
        for (std::string &text : lines)
            text = truncated(text, maxWidth);
    }
    return lines;
}

std::string Table::text(int maxWidth) const
{
    std::string text;
    for (const std::string &row : lines(maxWidth))
        text += row + '\n';
    return text;
}

} // namespace krater::cli
