// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compare/configuration.h"

#include "core/base/error.h"
#include "core/config/toml_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <sstream>
#include <type_traits>

namespace krater {

namespace {

std::string joined(const std::string &prefix, std::string_view key)
{
    return prefix.empty() ? std::string(key) : fmt::format("{}.{}", prefix, key);
}

void flatten(const toml::table &table, const std::string &prefix, Configuration &out);

// Tables of an array by their name where they have one: a domain stays the same when others move.
void flattenTables(const toml::array &tables, const std::string &prefix, Configuration &out)
{
    std::set<std::string> used;
    for (std::size_t i = 0; i < tables.size(); ++i) {
        const toml::table &table = *tables[i].as_table();
        std::string name = table["name"].value_or(std::string());
        if (name.empty() || !used.insert(name).second)
            name = std::to_string(i + 1);
        flatten(table, joined(prefix, name), out);
    }
}

void flatten(const toml::table &table, const std::string &prefix, Configuration &out)
{
    for (const auto &[key, node] : table) {
        const std::string path = joined(prefix, key.str());
        if (const toml::table *inner = node.as_table()) {
            flatten(*inner, path, out);
        } else if (const toml::array *array = node.as_array(); array != nullptr && array->is_array_of_tables()) {
            flattenTables(*array, path, out);
        } else {
            std::ostringstream text;
            node.visit([&text](const auto &value) { text << value; });
            out.emplace_back(path, text.str());
        }
    }
}

bool changesNoNumber(std::string_view key)
{
    return key == "experiment.name" || key == "experiment.notes" || key == "experiment.tags"
        || (key.starts_with("domain.") && key.ends_with(".colour"));
}

const std::string *find(const Configuration &configuration, const std::string &key)
{
    const auto place = std::find_if(configuration.begin(), configuration.end(),
                                    [&key](const auto &entry) { return entry.first == key; });
    return place == configuration.end() ? nullptr : &place->second;
}

} // namespace

Configuration flattenToml(std::string_view text)
{
    Issues issues;
    const std::optional<toml::table> table = parseToml(text, {}, issues);
    if (!table)
        throw Error(issues.empty() ? "The text is not TOML"
                                   : fmt::format("The text is not TOML: {}", issues.front().message));
    Configuration out;
    flatten(*table, {}, out);
    return out;
}

std::vector<ConfigurationDifference> differencesOf(const std::vector<Configuration> &configurations)
{
    std::vector<ConfigurationDifference> differences;
    std::set<std::string_view> seen;
    for (const Configuration &configuration : configurations) {
        for (const auto &[key, value] : configuration) {
            if (changesNoNumber(key) || !seen.insert(key).second)
                continue;
            ConfigurationDifference difference{key, {}};
            bool differs = false;
            for (const Configuration &other : configurations) {
                const std::string *theirs = find(other, key);
                differs |= theirs == nullptr || *theirs != value;
                difference.values.push_back(theirs == nullptr ? std::string() : *theirs);
            }
            if (differs)
                differences.push_back(std::move(difference));
        }
    }
    return differences;
}

Configuration withoutSeed(const Configuration &configuration)
{
    Configuration rest = configuration;
    std::erase_if(rest,
                  [](const auto &entry) { return entry.first == "experiment.seed" || changesNoNumber(entry.first); });
    std::sort(rest.begin(), rest.end());
    return rest;
}

} // namespace krater
