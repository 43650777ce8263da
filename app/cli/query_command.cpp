// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"
#include "app/cli/exit_code.h"
#include "app/cli/output.h"
#include "app/cli/runs.h"
#include "app/cli/table.h"

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
        return *text;
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

Json resultJson(const QueryResult &result)
{
    const std::vector<std::string> keys = uniqueKeys(result.columns);
    Json array = Json::array();
    for (const auto &row : result.rows) {
        Json object = Json::object();
        for (std::size_t column = 0; column < keys.size(); ++column)
            object[keys[column]] = jsonValue(row[column]);
        array.push_back(std::move(object));
    }
    return array;
}

bool isNumeric(const QueryResult &result, std::size_t column)
{
    bool any = false;
    for (const auto &row : result.rows) {
        if (std::holds_alternative<std::string>(row[column]))
            return false;
        any = any || !std::holds_alternative<std::monostate>(row[column]);
    }
    return any;
}

Table resultTable(const QueryResult &result)
{
    std::vector<Table::Column> columns;
    for (std::size_t column = 0; column < result.columns.size(); ++column) {
        const bool numeric = isNumeric(result, column);
        columns.push_back({result.columns[column], numeric ? Table::Align::Right : Table::Align::Left, !numeric});
    }
    Table table(std::move(columns));
    for (const auto &row : result.rows) {
        std::vector<std::string> cells;
        for (const SqlValue &value : row)
            cells.push_back(textValue(value));
        table.addRow(std::move(cells));
    }
    return table;
}

int query(const std::string &sql, const Options &options)
{
    const auto reader = openStoreWithRuns(options);
    const QueryResult result = reader->query(sql);
    if (options.json)
        printJson(resultJson(result));
    else if (!result.columns.empty())
        print(resultTable(result).text(terminalWidth(STDOUT_FILENO)));
    return kDone;
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
    command->footer("Examples:\n"
                    "  krater-cli query \"select id, name, state from runs\"\n"
                    "  krater-cli query --json \"select step, domain, value from points where run = 3 and metric = "
                    "'loss.held_out'\"\n"
                    "  krater-cli query \"select metric, count(*) from points where run = 3 group by metric\"");
    command->callback([=, &options, &chosen] { chosen = [=, &options] { return query(*sql, options); }; });
}

} // namespace krater::cli
