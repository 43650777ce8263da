// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/mixture/state_json.h"

#include "core/base/error.h"

#include <cmath>
#include <limits>

namespace krater {

namespace {

[[noreturn]] void refuse(const std::string &what)
{
    throw Error("The saved policy state cannot be read: " + what + '.', "Resume from another checkpoint, or start the run again.");
}

} // namespace

nlohmann::json toJson(const std::vector<double> &values)
{
    nlohmann::json array = nlohmann::json::array();
    for (const double value : values)
        array.push_back(std::isnan(value) ? nlohmann::json() : nlohmann::json(value));
    return array;
}

nlohmann::json toJson(const std::vector<PolicyTerm> &terms)
{
    nlohmann::json array = nlohmann::json::array();
    for (const PolicyTerm &term : terms)
        array.push_back({{"name", term.name}, {"values", toJson(term.values)}});
    return array;
}

std::vector<double> doublesFrom(const nlohmann::json &array, std::size_t size)
{
    if (!array.is_array() || array.size() != size)
        refuse("a list of " + std::to_string(size) + " numbers is missing");
    std::vector<double> values;
    values.reserve(size);
    for (const auto &value : array) {
        if (!value.is_number() && !value.is_null())
            refuse("a number is not one");
        values.push_back(value.is_null() ? std::numeric_limits<double>::quiet_NaN() : value.get<double>());
    }
    return values;
}

std::vector<double> doublesFrom(const nlohmann::json &state, const char *name, std::size_t size)
{
    return doublesFrom(state.value(name, nlohmann::json()), size);
}

std::vector<PolicyTerm> termsFrom(const nlohmann::json &state, std::size_t numDomains)
{
    const nlohmann::json array = state.value("terms", nlohmann::json());
    if (!array.is_array())
        refuse("its terms are missing");
    std::vector<PolicyTerm> terms;
    for (const auto &term : array) {
        if (!term.is_object() || !term.contains("name") || !term["name"].is_string() || !term.contains("values"))
            refuse("a term has no name");
        terms.push_back({term["name"].get<std::string>(), doublesFrom(term["values"], numDomains)});
    }
    return terms;
}

std::string stringFrom(const nlohmann::json &state, const char *name)
{
    const nlohmann::json value = state.value(name, nlohmann::json());
    if (!value.is_string())
        refuse("a text is missing");
    return value.get<std::string>();
}

nlohmann::json parseState(const std::string &text)
{
    nlohmann::json state = nlohmann::json::parse(text, nullptr, false);
    if (!state.is_object())
        refuse("it is not a JSON object");
    return state;
}

} // namespace krater
