// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/config/experiment_reader.h"

#include "core/config/experiment_fields.h"
#include "core/config/toml_text.h"
#include "core/mixture/policy_registry.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace krater {

namespace {

std::vector<std::string> sectionList()
{
    const auto names = sectionNames();
    return {names.begin(), names.end()};
}

// "domain[2].where.text", "domain[2].where", "domain[2]", "domain"
std::vector<std::string> withTablesAround(const std::string &key)
{
    std::vector<std::string> keys{key};
    for (std::size_t end = key.find_last_of(".["); end != std::string::npos; end = keys.back().find_last_of(".["))
        keys.push_back(key.substr(0, end));
    return keys;
}

} // namespace

// Visits the fields of one table: reads those that are there, and knows afterwards which keys were not fields.
template <typename Config>
class ExperimentReader::Fields {
public:
    Fields(ExperimentReader &reader, const toml::table &table, std::string prefix)
        : m_reader(reader), m_table(table), m_prefix(std::move(prefix))
    {
    }

    template <typename Field>
    void operator()(const char *name, Field &&field)
    {
        known.emplace_back(name);
        if (const toml::node *node = m_table.get(name)) {
            const std::string key = m_prefix + name;
            m_reader.remember(key, node->source());
            readField(*node, key, field);
        }
    }

    std::vector<std::string> known;

private:
    template <typename Field>
    void readField(const toml::node &node, const std::string &key, Field &field)
    {
        if constexpr (std::is_enum_v<Field>) {
            const auto choices = words(field);
            std::string word;
            m_reader.readValue(node, key, word);
            const auto found = std::ranges::find(choices, word);
            if (found != choices.end())
                field = static_cast<Field>(found - choices.begin());
            else if (!m_reader.m_refused.contains(key))
                m_reader.refuse(key, fmt::format("{} is \"{}\"", key, word), fmt::format("use {}", fmt::join(choices, ", ")));
        } else if constexpr (std::is_same_v<Field, std::optional<MixtureConfig::Batching>>) {
            readField(node, key, field.emplace());
        } else if constexpr (std::is_same_v<Field, StageMixture>) {
            m_reader.readStageMixture(node, key, field);
        } else if constexpr (requires { field.keys; }) {
            m_reader.readOverrides(node, key, field);
        } else if constexpr (requires { visitFields(*this, field); }) {
            m_reader.readTable(node, key, field);
        } else if constexpr (std::is_same_v<Field, NumberPair<double>>) {
            const toml::array *pair = node.as_array();
            if (!pair || pair->size() != 2)
                return m_reader.refuse(key, fmt::format("{} is not a list of two numbers", key), "write [0.9, 0.95]");
            m_reader.readValue(*pair->get(0), key, field.first);
            m_reader.readValue(*pair->get(1), key, field.second);
        } else {
            m_reader.readValue(node, key, field);
        }
    }

    ExperimentReader &m_reader;
    const toml::table &m_table;
    std::string m_prefix;
};

ExperimentReader::ExperimentReader(std::string fileName, const Overrides &overrides)
    : m_file(std::move(fileName)), m_overrides(overrides)
{
}

Experiment ExperimentReader::read(const toml::table &root)
{
    Experiment experiment;
    checkSections(root);
    readSection(root, "experiment", experiment.info);
    readSection(root, "tokenizer", experiment.tokenizer);
    readDomains(root, experiment.domains);
    readSection(root, "model", experiment.model);
    readSection(root, "training", experiment.training);
    readMixture(root, experiment.mixture);
    completeParameters(experiment.mixture.policy, experiment.mixture.parameters);
    readStages(root, experiment);
    return experiment;
}

void ExperimentReader::checkSections(const toml::table &root)
{
    const std::vector<std::string> known = sectionList();
    for (const auto &[name, node] : root)
        if (std::ranges::find(known, name.str()) == known.end())
            unknown(std::string(name.str()), name.str(), name.source(), known, "section");
}

template <typename Config>
void ExperimentReader::readTable(const toml::node &node, const std::string &key, Config &config)
{
    const toml::table *table = node.as_table();
    if (!table)
        return refuseType(node, key, "a table", "{ key = value }");
    Fields<Config> fields(*this, *table, key + '.');
    visitFields(fields, config);
    for (const auto &[name, value] : *table)
        if (std::ranges::find(fields.known, name.str()) == fields.known.end())
            unknown(fmt::format("{}.{}", key, name.str()), name.str(), name.source(), fields.known, "key");
}

template <typename Config>
void ExperimentReader::readSection(const toml::table &root, const char *name, Config &config)
{
    const toml::node *node = root.get(name);
    if (!node)
        return;
    remember(name, node->source());
    if (node->is_array_of_tables())
        return refuse(name, fmt::format("[[{}]] is a list", name), fmt::format("there is one of it: write [{}]", name));
    readTable(*node, name, config);
}

void ExperimentReader::readDomains(const toml::table &root, std::vector<DomainConfig> &domains)
{
    const toml::node *node = root.get("domain");
    if (!node)
        return;
    remember("domain", node->source());
    const toml::array *list = node->as_array();
    if (!list)
        return refuse("domain", fmt::format("domain is {}", typeName(*node)), "write [[domain]] above the keys of each domain");
    for (std::size_t i = 0; i < list->size(); ++i) {
        const std::string key = fmt::format("domain[{}]", i);
        remember(key, list->get(i)->source());
        const toml::table *table = list->get(i)->as_table();
        m_domain = table ? (*table)["name"].value_or(std::string()) : std::string();
        if (m_domain.empty())
            m_domain = fmt::format("number {}", i + 1);
        readTable(*list->get(i), key, domains.emplace_back());
    }
    m_domain.clear();
}

void ExperimentReader::readMixture(const toml::table &root, MixtureConfig &mixture)
{
    const toml::node *node = root.get("mixture");
    if (!node)
        return;
    remember("mixture", node->source());
    const toml::table *table = node->as_table();
    if (!table)
        return refuse("mixture", "mixture is not a table", "write [mixture] above its keys");
    Fields<MixtureConfig> fields(*this, *table, "mixture.");
    visitFields(fields, mixture);
    readParameters(*table, "mixture", fields.known, mixture.policy, mixture.parameters);
}

void ExperimentReader::readStages(const toml::table &root, Experiment &experiment)
{
    const toml::node *node = root.get("stage");
    if (!node)
        return;
    remember("stage", node->source());
    const toml::array *list = node->as_array();
    if (!list)
        return refuse("stage", fmt::format("stage is {}", typeName(*node)), "write [[stage]] above the keys of each stage");
    m_policy = experiment.mixture.policy;
    for (std::size_t i = 0; i < list->size(); ++i) {
        const std::string key = fmt::format("stage[{}]", i);
        remember(key, list->get(i)->source());
        StageConfig &stage = experiment.stages.emplace_back();
        m_stage = fmt::format("number {}", i + 1);
        if (const toml::table *table = list->get(i)->as_table())
            readStage(*table, key, stage);
        else
            refuseType(*list->get(i), key, "a table", "[[stage]], then key = value lines");
    }
    m_stage.clear();
}

// A stage without a name is called as its role.
void ExperimentReader::readStage(const toml::table &table, const std::string &key, StageConfig &stage)
{
    const std::string role = table["role"].value_or(std::string());
    if (const std::string name = table["name"].value_or(role); !name.empty())
        m_stage = name;
    readTable(table, key, stage);
    if (!table.contains("role"))
        refuse(key + ".role", key + ".role is missing", fmt::format("write role = \"...\": {}", fmt::join(words(stage.role), ", ")));
    if (!table.contains("name"))
        stage.name = role;
}

template <typename Config>
void ExperimentReader::readOverrides(const toml::node &node, const std::string &key, SectionOverrides<Config> &overrides)
{
    readTable(node, key, overrides.values);
    if (const toml::table *table = node.as_table())
        for (const auto &[name, value] : *table)
            overrides.keys.emplace(name.str());
}

void ExperimentReader::readStageMixture(const toml::node &node, const std::string &key, StageMixture &mixture)
{
    const toml::table *table = node.as_table();
    if (!table)
        return refuseType(node, key, "a table", "mixture = { from = \"...\" }");
    Fields<StageMixture> fields(*this, *table, key + '.');
    visitFields(fields, mixture);
    readParameters(*table, key, fields.known, mixture.policy.empty() ? m_policy : mixture.policy, mixture.parameters);
    if (!mixture.policy.empty())
        completeParameters(mixture.policy, mixture.parameters);
}

void ExperimentReader::remember(const std::string &key, const toml::source_region &source)
{
    m_places[key] = {static_cast<int>(source.begin.line), static_cast<int>(source.begin.column)};
}

void ExperimentReader::unknown(const std::string &key, std::string_view name, const toml::source_region &source,
                               const std::vector<std::string> &known, const std::string &what)
{
    remember(key, source);
    const std::string nearest = nearestName(name, known);
    refuse(key, fmt::format("\"{}\" is not a {}", name, what == "key" || what == "section" ? "known " + what : what),
           nearest.empty() ? fmt::format("known are {}", fmt::join(known, ", ")) : fmt::format("did you mean \"{}\"?", nearest));
}

void ExperimentReader::refuse(const std::string &key, const std::string &message, const std::string &advice)
{
    Finding finding;
    finding.key = key;
    finding.issue.domain = m_domain;
    // The issue names the domain: "domain[2]." would only say it again.
    const std::size_t inDomain = key.starts_with("domain[") ? key.find("].") : std::string::npos;
    const bool shorten = !m_domain.empty() && inDomain != std::string::npos && message.starts_with(key.substr(0, inDomain + 2));
    finding.issue.message = shorten ? message.substr(inDomain + 2) : message;
    if (!m_stage.empty())
        finding.issue.message = fmt::format("stage \"{}\": {}", m_stage, message.substr(message.starts_with("stage[") ? message.find("].") + 2 : 0));
    finding.issue.advice = advice;
    report(std::move(finding));
    m_refused.insert(key);
}

LoadedExperiment::Place ExperimentReader::placeOf(const std::string &key) const
{
    for (const std::string &around : withTablesAround(key)) {
        const auto place = m_places.find(around);
        if (place != m_places.end() && place->second.line > 0)
            return place->second;
    }
    return {};
}

void ExperimentReader::report(Finding finding)
{
    if (!finding.issue.file.empty()) // it stands in a file that the experiment names
        return m_issues.push_back(std::move(finding.issue));
    const auto refused = m_refused.lower_bound(finding.key); // the key itself, or one below it
    if (refused != m_refused.end() && (*refused == finding.key || refused->starts_with(finding.key + '.')))
        return;
    finding.issue.file = m_file;
    finding.issue.line = 1;
    const std::vector<std::string> keys = withTablesAround(finding.key);
    const auto given = std::ranges::find_if(keys, [this](const std::string &key) { return m_overrides.contains(key); });
    const auto below = m_overrides.lower_bound(finding.key + '.');
    const Place place = placeOf(finding.key);
    if (given != keys.end()) {
        finding.issue.file = m_overrides.at(*given).shown;
        finding.issue.line = 0;
    } else if (below != m_overrides.end() && below->first.starts_with(finding.key + '.')) {
        finding.issue.file = below->second.shown;
        finding.issue.line = 0;
    } else if (place.line > 0) {
        finding.issue.line = place.line;
        finding.issue.column = place.column;
    }
    m_issues.push_back(std::move(finding.issue));
}

} // namespace krater
