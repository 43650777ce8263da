// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/config/csv_graph.h"

#include "core/corpus/utf8.h"
#include "core/mixture/policy_registry.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <set>

namespace krater {

namespace {

constexpr std::size_t kMostIssues = 20; // then the rest of the table is not looked at
constexpr std::string_view kBlanks = " \t\r";

std::string trimmed(std::string_view text)
{
    const std::size_t first = text.find_first_not_of(kBlanks);
    if (first == std::string_view::npos)
        return {};
    return std::string(text.substr(first, text.find_last_not_of(kBlanks) - first + 1));
}

// A quote within quotes is written twice. A quote that is not closed ends with the line.
std::vector<std::string> cellsOf(std::string_view line)
{
    std::vector<std::string> cells{{}};
    bool isQuoted = false;
    for (const char c : line) {
        if (c == '"')
            isQuoted = !isQuoted;
        if (c == ',' && !isQuoted)
            cells.emplace_back();
        else
            cells.back() += c;
    }
    for (std::string &cell : cells) {
        cell = trimmed(cell);
        if (cell.size() < 2 || !cell.starts_with('"') || !cell.ends_with('"'))
            continue;
        std::string unquoted;
        for (std::size_t i = 1; i + 1 < cell.size(); ++i) {
            unquoted += cell[i];
            if (cell[i] == '"' && cell[i + 1] == '"')
                ++i;
        }
        cell = std::move(unquoted);
    }
    return cells;
}

class GraphTable {
public:
    GraphTable(const std::string &file, const ParamSpec &spec, const std::vector<std::string> &domains, Issues &issues)
        : m_file(file)
        , m_spec(spec)
        , m_domains(domains)
        , m_issues(issues)
    {
    }

    void add(std::string_view line)
    {
        ++m_line;
        if (trimmed(line).empty() || m_numIssues >= kMostIssues)
            return;
        if (!isValidUtf8(line))
            return refuse("this line is not valid UTF-8", "save the file as UTF-8");
        std::vector<std::string> cells = cellsOf(line);
        if (m_columns.empty())
            addHeader(std::move(cells));
        else
            addRow(cells);
    }

    Graph finish()
    {
        if (m_columns.empty() && m_numIssues == 0)
            refuse("the file holds no table", "write a line with the names of the domains, then one for each domain");
        return std::move(m_graph);
    }

private:
    void addHeader(std::vector<std::string> cells)
    {
        std::set<std::string> names;
        for (std::size_t i = 1; i < cells.size(); ++i)
            checkName(cells[i], names);
        m_columns = std::move(cells);
    }

    void addRow(const std::vector<std::string> &cells)
    {
        checkName(cells[0], m_rows);
        if (cells.size() != m_columns.size())
            return refuse(fmt::format("the line of \"{}\" has {} cells, the first line {}", cells[0], cells.size(), m_columns.size()),
                          "give every line a cell for each column");
        for (std::size_t i = 1; i < cells.size(); ++i)
            if (!cells[i].empty())
                addNumber(cells[0], m_columns[i], cells[i]);
    }

    // What is 0 is so without being written, but for what a domain does to itself.
    void addNumber(const std::string &row, const std::string &column, const std::string &cell)
    {
        double number = 0.0;
        const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), number);
        const bool isNumber = error == std::errc() && end == cell.data() + cell.size();
        if (!isNumber || !(number >= m_spec.min && number <= m_spec.max))
            return refuse(fmt::format("\"{}\" in the column of \"{}\" is \"{}\"", row, column, cell),
                          fmt::format("use a number from {:g} to {:g}", m_spec.min, m_spec.max));
        if (number != 0.0 || row == column)
            m_graph[row][column] = number;
    }

    void checkName(const std::string &name, std::set<std::string> &before)
    {
        if (!before.insert(name).second)
            return refuse(fmt::format("\"{}\" is there already", name), "give each domain one line and one column");
        if (std::ranges::find(m_domains, name) != m_domains.end())
            return;
        const std::string nearest = nearestName(name, m_domains);
        refuse(fmt::format("\"{}\" is not a domain of the experiment", name),
               nearest.empty() ? fmt::format("the domains are {}", fmt::join(m_domains, ", ")) : fmt::format("did you mean \"{}\"?", nearest));
    }

    void refuse(std::string message, std::string advice)
    {
        Issue issue;
        issue.file = m_file;
        issue.line = std::max(m_line, 1);
        issue.message = std::move(message);
        issue.advice = std::move(advice);
        m_issues.push_back(std::move(issue));
        ++m_numIssues;
    }

    const std::string &m_file;
    const ParamSpec &m_spec;
    const std::vector<std::string> &m_domains;
    Issues &m_issues;
    std::size_t m_numIssues = 0;
    int m_line = 0;
    std::vector<std::string> m_columns; // the first cell has no meaning; empty before the first line
    std::set<std::string> m_rows;
    Graph m_graph;
};

} // namespace

Graph graphOfCsv(std::string_view text, const std::string &file, const ParamSpec &spec, const std::vector<std::string> &domains, Issues &issues)
{
    constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
    if (text.starts_with(kByteOrderMark))
        text.remove_prefix(kByteOrderMark.size());
    GraphTable table(file, spec, domains, issues);
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        table.add(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return table.finish();
}

} // namespace krater
