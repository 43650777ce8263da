// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The part of ExperimentReader that reads single values.
#include "core/config/experiment_reader.h"

#include "core/config/toml_text.h"

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

} // namespace krater
