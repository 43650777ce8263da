// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/config/experiment_toml.h"

#include "core/base/files.h"
#include "core/config/experiment_fields.h"
#include "core/config/text_checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace krater {

namespace {

bool isBareKey(std::string_view key)
{
    constexpr std::string_view kBare = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
    return !key.empty() && key.find_first_not_of(kBare) == std::string_view::npos;
}

// Literal strings where they are easier to read (regexes), basic strings with escapes for all else.
std::string textOf(const std::string &text)
{
    if (!hasControlCharacters(text) && text.find_first_of("\"\\") != std::string::npos && text.find('\'') == std::string::npos)
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

std::string textOf(double number)
{
    if (std::isnan(number))
        return "nan";
    std::string text = fmt::format("{}", number); // the shortest that reads back the same
    if (text.find_first_of(".eni") == std::string::npos)
        text += ".0";
    return text;
}

std::string textOf(std::uint64_t number)
{
    std::string text = std::to_string(number);
    if (text.size() > 4)
        for (std::size_t at = text.size() - 3; at > 0 && at < text.size(); at = at > 3 ? at - 3 : 0)
            text.insert(at, 1, '_');
    return text;
}

std::string textOf(int number)
{
    return number < 0 ? '-' + textOf(std::uint64_t(-std::int64_t(number))) : textOf(std::uint64_t(number));
}

std::string textOf(const std::optional<std::uint64_t> &number)
{
    return number ? textOf(*number) : std::string();
}

std::string textOf(const std::vector<std::string> &list)
{
    std::string out;
    for (const std::string &text : list)
        out += (out.empty() ? "" : ", ") + textOf(text);
    return '[' + out + ']';
}

std::string textOf(NumberPair<const double> pair)
{
    return fmt::format("[{}, {}]", textOf(pair.first), textOf(pair.second));
}

// A policy's number may be whole by nature (steps): 1, not 1.0.
std::string parameterText(double number)
{
    const std::string text = textOf(number);
    return text.ends_with(".0") ? text.substr(0, text.size() - 2) : text;
}

std::string parameterText(const std::string &text)
{
    return textOf(text);
}

std::string parameterText(const Weights &weights)
{
    std::string out;
    for (const auto &[domain, weight] : weights)
        out += fmt::format("{} {} = {}", out.empty() ? "" : ",", isBareKey(domain) ? domain : textOf(domain), parameterText(weight));
    return out.empty() ? "{}" : '{' + out + " }";
}

struct Line {
    std::string key;
    std::string text; // of the value
};

template <typename Config>
std::vector<Line> linesOf(const Config &config);

std::string inlineTable(const std::vector<Line> &lines)
{
    std::string out;
    for (const Line &line : lines)
        out += fmt::format("{} {} = {}", out.empty() ? "" : ",", line.key, line.text);
    return '{' + out + " }";
}

std::string textOf(const DomainFilter &where)
{
    return where == DomainFilter{} ? std::string() : inlineTable(linesOf(where));
}

std::string textOf(const StopConfig &stop)
{
    return inlineTable(linesOf(stop));
}

class Collector {
public:
    template <typename Field>
    void operator()(const char *key, const Field &field)
    {
        if constexpr (std::is_enum_v<Field>)
            lines.push_back({key, fmt::format("\"{}\"", words(field)[static_cast<std::size_t>(field)])});
        else
            lines.push_back({key, textOf(field)});
    }

    std::vector<Line> lines;
};

// Every key, its default written out too, except those that are unset (no text, an empty list) in a fresh Config as well.
template <typename Config>
std::vector<Line> linesOf(const Config &config)
{
    Collector mine, defaults;
    visitFields(mine, config);
    const Config fresh;
    visitFields(defaults, fresh);
    std::vector<Line> lines;
    for (std::size_t i = 0; i < mine.lines.size(); ++i) {
        const std::string &text = mine.lines[i].text;
        const bool unset = text.empty() || text == "\"\"" || text == "[]";
        if (!unset || text != defaults.lines[i].text)
            lines.push_back(mine.lines[i]);
    }
    return lines;
}

std::string sectionOf(std::string_view header, const std::vector<Line> &lines)
{
    std::string out = fmt::format("{}\n", header);
    for (const Line &line : lines)
        out += fmt::format("{} = {}\n", line.key, line.text);
    return out + '\n';
}

std::vector<Line> mixtureLines(const MixtureConfig &mixture)
{
    std::vector<Line> lines = linesOf(mixture);
    for (const auto &[name, value] : mixture.parameters)
        lines.push_back({isBareKey(name) ? name : textOf(name), std::visit([](const auto &held) { return parameterText(held); }, value)});
    return lines;
}

} // namespace

std::string toToml(const Experiment &experiment)
{
    std::string out = sectionOf("[experiment]", linesOf(experiment.info)) + sectionOf("[tokenizer]", linesOf(experiment.tokenizer));
    for (const DomainConfig &domain : experiment.domains)
        out += sectionOf("[[domain]]", linesOf(domain));
    out += sectionOf("[model]", linesOf(experiment.model));
    out += sectionOf("[training]", linesOf(experiment.training));
    out += sectionOf("[mixture]", mixtureLines(experiment.mixture));
    out.pop_back();
    return out;
}

void saveExperiment(const Experiment &experiment, const std::filesystem::path &file)
{
    writeFileAtomically(file, toToml(experiment));
}

} // namespace krater
