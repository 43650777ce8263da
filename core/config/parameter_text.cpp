// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/config/parameter_text.h"

#include "core/base/error.h"
#include "core/config/experiment_reader.h"
#include "core/config/text_checks.h"
#include "core/config/toml_text.h"

#include <fmt/format.h>

#include <cmath>

namespace krater {

namespace {

// A policy's number may be whole by nature (steps): 1, not 1.0.
std::string textOf(double number)
{
    const std::string text = tomlText(number);
    return text.ends_with(".0") ? text.substr(0, text.size() - 2) : text;
}

std::string textOf(const std::string &text)
{
    return tomlText(text);
}

std::string textOf(const MixturePoint &point);

template<typename Value>
std::string textOf(const std::map<std::string, Value> &byDomain)
{
    std::string out;
    for (const auto &[domain, value] : byDomain)
        out += fmt::format("{} {} = {}", out.empty() ? "" : ",", tomlKey(domain), textOf(value));
    return out.empty() ? "{}" : '{' + out + " }";
}

std::string textOf(const Schedule &points)
{
    std::string out;
    for (const MixturePoint &point : points)
        out += (out.empty() ? "" : ", ") + textOf(point);
    return '[' + out + ']';
}

std::string textOf(const MixturePoint &point)
{
    return fmt::format("{{ at = {}, mixture = {} }}", textOf(point.at),
                       std::visit([](const auto &held) { return textOf(held); }, point.mixture));
}

} // namespace

std::string tomlText(const std::string &text)
{
    if (!hasControlCharacters(text) && text.find_first_of("\"\\") != std::string::npos
        && text.find('\'') == std::string::npos)
        return '\'' + text + '\'';
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\')
            out.append(1, '\\').append(1, c);
        else if (c == '\n')
            out += "\\n";
        else if (c == '\t')
            out += "\\t";
        else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
            out += fmt::format("\\u{:04X}", static_cast<unsigned char>(c));
        else
            out += c;
    }
    return out + '"';
}

std::string tomlText(double number)
{
    if (std::isnan(number))
        return "nan";
    std::string text = fmt::format("{}", number); // the shortest that reads back the same
    if (text.find_first_of(".eni") == std::string::npos)
        text += ".0";
    return text;
}

std::string tomlKey(const std::string &key)
{
    constexpr std::string_view kBare = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
    const bool isBare = !key.empty() && key.find_first_not_of(kBare) == std::string::npos;
    return isBare ? key : tomlText(key);
}

std::string parameterText(const ParameterValue &value)
{
    return std::visit([](const auto &held) { return textOf(held); }, value);
}

ParameterValue parameterFromText(std::string_view text)
{
    const std::string kName = "value";
    Issues issues;
    const auto table = parseToml(fmt::format("{} = {}", kName, text), {}, issues);
    if (!table || table->size() != 1 || !table->contains(kName))
        throw Error(fmt::format("\"{}\" is not a value", text),
                    issues.empty() ? "write one value" : issues.front().message);
    const Overrides none;
    ExperimentReader reader({}, none);
    ParameterValue value;
    reader.readParameter(*table->get(kName), kName, value);
    if (const Issues found = reader.takeIssues(); !found.empty())
        throw Error(found.front().message, found.front().advice);
    return value;
}

} // namespace krater
