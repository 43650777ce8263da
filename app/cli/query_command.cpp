// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"
#include "app/cli/exit_code.h"
#include "app/cli/output.h"
#include "app/cli/runs.h"
#include "app/cli/table.h"
#include "app/cli/text_width.h"

#include <fmt/format.h>

#include <unistd.h>

#include <set>

namespace krater::cli {
namespace {

Json jsonValue(const SqlValue &value)
{
    if (const auto *integer = std::get_if<std::int64_t>(&value))
        return *integer;
    if (const auto *real = std::get_if<double>(&value))
        return *real;
    if (const auto *text = std::get_if<std::string>(&value))
        return *text;
    return nullptr;
}

std::string textValue(const SqlValue &value)
{
    if (const auto *integer = std::get_if<std::int64_t>(&value))
        return std::to_string(*integer);
    if (const auto *real = std::get_if<double>(&value))
        return fmt::format("{}", *real); // the shortest text that reads back as the same number
    if (const auto *text = std::get_if<std::string>(&value))
        return oneLine(*text);
    return {};
}

// Columns of one name would be one key in JSON: the later ones get a number.
std::vector<std::string> uniqueKeys(const std::vector<std::string> &columns)
{
    std::set<std::string> taken;
    std::vector<std::string> keys;
    for (const std::string &column : columns) {
        std::string key = column;
        for (int copy = 2; !taken.insert(key).second; ++copy)
            key = fmt::format("{}:{}", column, copy);
        keys.push_back(key);
    }
    return keys;
}

// Answers may be longer than memory: rows go out as they come, in pieces that are worth a call of the system.
class Stream {
public:
    void add(std::string_view text)
    {
        constexpr std::size_t kPieceBytes = 1 << 16;
        m_text += text;
        if (m_text.size() >= kPieceBytes)
            flush();
    }
    void flush()
    {
        print(m_text);
        m_text.clear();
    }

private:
    std::string m_text;
};

// An array of objects, laid out as one document.
class JsonRows : public QuerySink {
public:
    void columns(const std::vector<std::string> &names) override { m_keys = uniqueKeys(names); }
    bool row(const std::vector<SqlValue> &values) override
    {
        Json object = Json::object();
        for (std::size_t column = 0; column < m_keys.size(); ++column)
            object[m_keys[column]] = jsonValue(values[column]);
        m_stream.add(m_empty ? "[\n" : ",\n");
        m_stream.add(indented(object));
        m_empty = false;
        return true;
    }
    void finish()
    {
        m_stream.add(m_empty ? "[]\n" : "\n]\n");
        m_stream.flush();
    }

private:
    static std::string indented(const Json &object)
    {
        std::string text = "  ";
        for (const char c : jsonText(object))
            text += c == '\n' ? std::string("\n  ") : std::string(1, c);
        return text;
    }

    std::vector<std::string> m_keys;
    bool m_empty = true;
    Stream m_stream;
};

// For a pipe or a file: fields divided by tabs, the columns' names first.
class TabbedRows : public QuerySink {
public:
    void columns(const std::vector<std::string> &names) override
    {
        if (!names.empty())
            addLine({names.begin(), names.end()});
    }
    bool row(const std::vector<SqlValue> &values) override
    {
        addLine(values);
        return true;
    }
    void finish() { m_stream.flush(); }

private:
    void addLine(const std::vector<SqlValue> &values)
    {
        for (std::size_t column = 0; column < values.size(); ++column) {
            if (column > 0)
                m_stream.add("\t");
            m_stream.add(textValue(values[column]));
        }
        m_stream.add("\n");
    }

    Stream m_stream;
};

// For a terminal: columns can be aligned only once all rows are there, so there is a limit.
class TableRows : public QuerySink {
public:
    static constexpr std::size_t kMostRows = 10'000;

    void columns(const std::vector<std::string> &names) override { m_result.columns = names; }
    bool row(const std::vector<SqlValue> &values) override
    {
        m_result.truncated = m_result.rows.size() == kMostRows;
        if (!m_result.truncated)
            m_result.rows.push_back(values);
        return !m_result.truncated;
    }
    bool isTruncated() const { return m_result.truncated; }
    void finish() const
    {
        if (!m_result.columns.empty())
            print(table().text(terminalWidth(STDOUT_FILENO)));
    }

private:
    bool isNumeric(std::size_t column) const;
    Table table() const;

    QueryResult m_result;
};

bool TableRows::isNumeric(std::size_t column) const
{
    bool any = false;
    for (const auto &row : m_result.rows) {
        if (std::holds_alternative<std::string>(row[column]))
            return false;
        any = any || !std::holds_alternative<std::monostate>(row[column]);
    }
    return any;
}

Table TableRows::table() const
{
    std::vector<Table::Column> columns;
    for (std::size_t column = 0; column < m_result.columns.size(); ++column) {
        const bool numeric = isNumeric(column);
        columns.push_back(
            {oneLine(m_result.columns[column]), numeric ? Table::Align::Right : Table::Align::Left, !numeric});
    }
    Table table(std::move(columns));
    for (const auto &row : m_result.rows) {
        std::vector<std::string> cells;
        for (const SqlValue &value : row)
            cells.push_back(textValue(value));
        table.addRow(std::move(cells));
    }
    return table;
}

template<typename Rows>
void stream(RunReader &reader, const std::string &sql)
{
    Rows rows;
    reader.query(sql, rows);
    rows.finish();
}

int query(const std::string &sql, const Options &options)
{
    const auto reader = openStoreWithRuns(options);
    if (options.json) {
        stream<JsonRows>(*reader, sql);
        return kDone;
    }
    if (!::isatty(STDOUT_FILENO)) {
        stream<TabbedRows>(*reader, sql);
        return kDone;
    }
    TableRows rows;
    reader->query(sql, rows);
    rows.finish();
    if (!rows.isTruncated())
        return kDone;
    printWarning(fmt::format("Only the first {} rows are shown.", countText(double{TableRows::kMostRows})),
                 "Add LIMIT to the statement, or send all rows to a file with > FILE.");
    return kFailed;
}

} // namespace

void addQueryCommand(CLI::App &program, Options &options, Action &chosen)
{
    CLI::App *command = program.add_subcommand("query", "Ask the store a question in SQL (read-only)");
    const auto sql = std::make_shared<std::string>();
    command
        ->add_option("SQL", *sql,
                     "One statement; points(run, metric, domain, step, tokens, seconds, value) has every point")
        ->required();
    addOptions(*command, options, {Common::Store, Common::Json, Common::Quiet});
    command->footer(
        "On a terminal the rows are a table; in a pipe or a file fields are divided by tabs, and tabs, line ends "
        "and\nbackslashes in texts are written \\t, \\n, \\r and \\\\.\n\n"
        "Examples:\n"
        "  krater-cli query \"select id, name, state from runs\"\n"
        "  krater-cli query --json \"select step, domain, value from points where run = 3 and metric = "
        "'loss.held_out'\"\n"
        "  krater-cli query \"select metric, count(*) from points where run = 3 group by metric\"");
    command->callback([=, &options, &chosen] { chosen = [=, &options] { return query(*sql, options); }; });
}

} // namespace krater::cli
