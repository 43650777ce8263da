// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The part of ExperimentReader that reads single values, a policy's parameters among them.
#include "core/config/experiment_reader.h"

#include "core/config/toml_text.h"
#include "core/mixture/policy_registry.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace krater {

namespace {

constexpr double kLargest = 9.2e18; // under 2^63, the largest whole number of TOML

} // namespace

void ExperimentReader::readValue(const toml::node &node, const std::string &key, std::string &value)
{
    if (const auto text = node.value_exact<std::string>())
        value = *text;
    else if (const auto given = m_overrides.find(key); given != m_overrides.end())
        value = given->second.value; // --set experiment.name=5 means the text
    else
        refuseType(node, key, "a string", "\"...\"");
}

void ExperimentReader::readValue(const toml::node &node, const std::string &key, double &value)
{
    if (node.is_number())
        value = node.value_or(0.0);
    else
        refuseType(node, key, "a number", "0.5");
}

std::optional<double> ExperimentReader::wholeNumber(const toml::node &node, const std::string &key, double max)
{
    if (!node.is_number()) {
        refuseType(node, key, "a whole number", "100");
        return {};
    }
    const double number = node.value_or(0.0);
    if (number >= 0.0 && number <= max && number == std::floor(number))
        return number;
    refuse(key, fmt::format("{} is {:.10g}", key, number), "use a whole number from 0 up");
    return {};
}

void ExperimentReader::readValue(const toml::node &node, const std::string &key, int &value)
{
    if (const auto number = wholeNumber(node, key, std::numeric_limits<int>::max()))
        value = static_cast<int>(*number);
}

void ExperimentReader::readValue(const toml::node &node, const std::string &key, std::uint64_t &value)
{
    if (const auto exact = node.value_exact<std::int64_t>(); exact && *exact >= 0)
        value = static_cast<std::uint64_t>(*exact);
    else if (const auto number = wholeNumber(node, key, kLargest))
        value = static_cast<std::uint64_t>(*number);
}

void ExperimentReader::readValue(const toml::node &node, const std::string &key, std::optional<std::uint64_t> &value)
{
    std::uint64_t number = 0;
    readValue(node, key, number);
    if (!m_refused.contains(key))
        value = number;
}

void ExperimentReader::readValue(const toml::node &node, const std::string &key, std::vector<std::string> &value)
{
    const toml::array *list = node.as_array();
    const bool texts = list && std::ranges::all_of(*list, [](const toml::node &element) { return element.is_string(); });
    if (!texts)
        return refuseType(node, key, "a list of strings", "[\"...\", \"...\"]");
    value.clear();
    for (const toml::node &element : *list)
        value.push_back(element.value_or(std::string()));
}

void ExperimentReader::refuseType(const toml::node &node, const std::string &key, const char *wanted, const char *example)
{
    refuse(key, fmt::format("{} is {}, not {}", key, typeName(node), wanted), fmt::format("write it as {}", example));
}

// What is not a key of a mixture's table itself is a parameter of the policy, or a misspelling of either.
void ExperimentReader::readParameters(const toml::table &table, const std::string &key, const std::vector<std::string> &ownKeys,
                                      const std::string &policy, ParameterValues &parameters)
{
    const PolicyInfo *info = findPolicy(policy);
    std::vector<std::string> known = ownKeys;
    if (info)
        std::ranges::transform(info->parameters, std::back_inserter(known), &ParamSpec::name);
    for (const auto &[name, value] : table) {
        const std::string parameterKey = fmt::format("{}.{}", key, name.str());
        if (std::ranges::find(ownKeys, name.str()) != ownKeys.end())
            continue;
        if (info && std::ranges::find(known, name.str()) == known.end()) {
            unknown(parameterKey, name.str(), name.source(), known, fmt::format("key of the policy {}", info->name));
        } else {
            remember(parameterKey, value.source());
            readParameter(value, parameterKey, parameters[std::string(name.str())]);
        }
    }
}

// Parameters at their default are part of an experiment, too: a frozen copy must not change when a default does.
void ExperimentReader::completeParameters(const std::string &policy, ParameterValues &parameters)
{
    if (const PolicyInfo *info = findPolicy(policy))
        parameters = completedParameters(*info, std::move(parameters));
}

// The kind of a parameter shows in its form; whether it is the one that the policy wants is checked with its range.
void ExperimentReader::readParameter(const toml::node &node, const std::string &key, ParameterValue &value)
{
    const toml::table *table = node.as_table();
    if (const auto text = node.value_exact<std::string>()) {
        value = *text;
    } else if (node.is_number()) {
        value = node.value_or(0.0);
    } else if (table && !table->empty() && std::ranges::all_of(*table, [](const auto &entry) { return entry.second.is_table(); })) {
        Graph graph;
        for (const auto &[name, row] : *table)
            graph[std::string(name.str())] = readWeights(*row.as_table(), fmt::format("{}.{}", key, name.str()));
        value = std::move(graph);
    } else if (table) {
        value = readWeights(*table, key);
    } else if (const toml::array *list = node.as_array()) {
        Schedule points(list->size());
        for (std::size_t i = 0; i < points.size(); ++i)
            readPoint(*list->get(i), fmt::format("{}[{}]", key, i), points[i]);
        value = std::move(points);
    } else {
        refuse(key, fmt::format("{} is {}", key, typeName(node)), "use a number, a word in quotes, or weights such as { a = 0.7, b = 0.3 }");
    }
}

Weights ExperimentReader::readWeights(const toml::table &table, const std::string &key)
{
    Weights weights;
    for (const auto &[name, weight] : table) {
        const std::string weightKey = fmt::format("{}.{}", key, name.str());
        remember(weightKey, weight.source());
        readValue(weight, weightKey, weights[std::string(name.str())]);
    }
    return weights;
}

void ExperimentReader::readPoint(const toml::node &node, const std::string &key, MixturePoint &point)
{
    constexpr const char *kExample = "{ at = 0.5, mixture = { a = 0.7, b = 0.3 } }";
    remember(key, node.source());
    const toml::table *table = node.as_table();
    if (!table)
        return refuseType(node, key, "a table", kExample);
    const std::vector<std::string> known{"at", "mixture"};
    for (const auto &[name, value] : *table)
        if (std::ranges::find(known, name.str()) == known.end())
            return unknown(fmt::format("{}.{}", key, name.str()), name.str(), name.source(), known, "key");
    const toml::node *mixture = table->get("mixture");
    if (!table->contains("at") || !mixture)
        return refuse(key, fmt::format("{} has no {}", key, mixture ? "at" : "mixture"), fmt::format("write {}", kExample));
    readValue(*table->get("at"), key + ".at", point.at);
    if (const toml::table *weights = mixture->as_table()) {
        point.mixture = readWeights(*weights, key + ".mixture");
    } else {
        std::string name;
        readValue(*mixture, key + ".mixture", name);
        point.mixture = std::move(name);
    }
}

} // namespace krater
