// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/config/experiment_toml.h"

#include "core/base/files.h"
#include "core/config/experiment_fields.h"
#include "core/config/parameter_text.h"

#include <fmt/format.h>

#include <algorithm>

namespace krater {

namespace {

std::string textOf(const std::string &text)
{
    return tomlText(text);
}

std::string textOf(double number)
{
    return tomlText(number);
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

std::string textOf(const std::optional<MixtureConfig::Batching> &batching)
{
    return batching ? fmt::format("\"{}\"", words(*batching)[static_cast<std::size_t>(*batching)]) : std::string();
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

std::string textOf(const SampleConfig &sample)
{
    return sample == SampleConfig{} ? std::string() : inlineTable(linesOf(sample));
}

std::string textOf(const StageSource &source)
{
    return source.from.empty() ? std::string() : inlineTable(linesOf(source));
}

// These stand in tables of their own below the stage.
std::string textOf(const StageMixture &)
{
    return {};
}

template <typename Config>
std::string textOf(const SectionOverrides<Config> &)
{
    return {};
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

template <typename Mixture>
std::vector<Line> mixtureLines(const Mixture &mixture)
{
    std::vector<Line> lines = linesOf(mixture);
    for (const auto &[name, value] : mixture.parameters)
        lines.push_back({tomlKey(name), parameterText(value)});
    return lines;
}

template <typename Config>
std::string overridesText(std::string_view header, const SectionOverrides<Config> &overrides)
{
    Collector all;
    visitFields(all, overrides.values);
    std::erase_if(all.lines, [&](const Line &line) { return !overrides.keys.contains(line.key); });
    return overrides.keys.empty() ? std::string() : sectionOf(header, all.lines);
}

std::string stageText(const StageConfig &stage)
{
    std::string out = sectionOf("[[stage]]", linesOf(stage));
    out += overridesText("[stage.model]", stage.model) + overridesText("[stage.training]", stage.training);
    std::vector<Line> mixture = mixtureLines(stage.mixture);
    if (stage.mixture.from.empty())
        std::erase_if(mixture, [](const Line &line) { return line.key == "take"; });
    return mixture.empty() ? out : out + sectionOf("[stage.mixture]", mixture);
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
    for (const StageConfig &stage : experiment.stages)
        out += stageText(stage);
    out.pop_back();
    return out;
}

void saveExperiment(const Experiment &experiment, const std::filesystem::path &file)
{
    writeFileAtomically(file, toToml(experiment));
}

} // namespace krater
