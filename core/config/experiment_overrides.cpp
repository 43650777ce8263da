// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/config/experiment_overrides.h"

#include "core/base/error.h"
#include "core/config/experiment_fields.h"
#include "core/config/toml_text.h"
#include "core/corpus/utf8.h"
#include "core/mixture/policy_registry.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace krater {

namespace {

// Where an override goes: a table, the name in it, and the key that the reader will know it by.
struct Target {
    toml::table *table = nullptr;
    std::string name;
    std::string key;
};

toml::table &tableIn(toml::table &parent, const std::string &name)
{
    if (!parent.contains(name))
        parent.insert(name, toml::table());
    if (toml::table *table = parent.get_as<toml::table>(name))
        return *table;
    throw Error(fmt::format("\"{}\" is not a table in the file", name), "correct the file first");
}

std::string nameIn(const toml::table &element)
{
    return element["name"].value_or(element["role"].value_or(std::string())); // a stage may go by its role
}

// domain.NAME.key, stage.NAME.key: names may hold dots, so the list is searched rather than the text divided.
Target listTarget(toml::table &root, const std::string &section, const std::string &rest)
{
    toml::array *list = root.get_as<toml::array>(section);
    std::vector<std::string> names;
    for (std::size_t i = 0; list && i < list->size(); ++i) {
        toml::table *table = list->get_as<toml::table>(i);
        if (!table)
            continue;
        const std::string name = nameIn(*table);
        if (!name.empty() && rest.starts_with(name + '.') && rest.size() > name.size() + 1)
            return {table, rest.substr(name.size() + 1), fmt::format("{}[{}]", section, i)};
        names.push_back(name);
    }
    const std::string wanted = rest.substr(0, rest.find('.'));
    const std::string nearest = nearestName(wanted, names);
    throw Error(fmt::format("there is no {} \"{}\"", section, wanted),
                !nearest.empty() ? fmt::format("did you mean \"{}\"?", nearest)
                                 : fmt::format("write {0}.NAME.key; the {0}s are {1}", section, fmt::join(names, ", ")));
}

Target targetOf(toml::table &root, const std::string &key)
{
    const std::size_t dot = key.find('.');
    const std::string section = key.substr(0, dot);
    const auto known = sectionNames();
    if (std::ranges::find(known, section) == known.end()) {
        const std::string nearest = nearestName(section, std::vector<std::string>(known.begin(), known.end()));
        throw Error(fmt::format("there is no section \"{}\"", section), nearest.empty() ? fmt::format("the sections are {}", fmt::join(known, ", "))
                                                                                                 : fmt::format("did you mean \"{}\"?", nearest));
    }
    if (dot == std::string::npos || dot + 1 == key.size())
        throw Error(fmt::format("\"{}\" names no key", key), "write section.key=value, such as training.token_budget=1e6");
    const std::string rest = key.substr(dot + 1);
    const bool isList = section == "domain" || section == "stage";
    Target target = isList ? listTarget(root, section, rest) : Target{&tableIn(root, section), rest, section};

    int depth = section == "stage" ? 2 : 1; // training.stop.patience, mixture.weights.NAME, stage.NAME.training.token_budget
    bool inMixture = section == "mixture";
    for (; depth > 0 && target.name.find('.') != std::string::npos; --depth) {
        const std::size_t end = target.name.find('.');
        const std::string outer = target.name.substr(0, end);
        if (inMixture && target.table->get_as<std::string>(outer))
            target.table->erase(outer); // prior = "natural" in the file gives way to prior.NAME
        target = {&tableIn(*target.table, outer), target.name.substr(end + 1), target.key + '.' + outer};
        inMixture = inMixture || outer == "mixture";
    }
    if (target.name.empty())
        throw Error(fmt::format("\"{}\" names no key", key), "write section.key=value, such as training.token_budget=1e6");
    target.key += '.' + target.name;
    return target;
}

// "a=0.7,b=0.3": weights without the braces and quotes that a shell would want quoted again. Names hold neither commas nor equals signs.
std::optional<toml::table> weightsIn(const std::string &text)
{
    toml::table weights;
    std::size_t start = 0;
    while (start <= text.size()) {
        const std::size_t comma = std::min(text.find(',', start), text.size());
        const std::string part = text.substr(start, comma - start);
        const std::size_t equals = part.rfind('=');
        double weight = 0;
        if (equals == std::string::npos || equals == 0)
            return {};
        const auto [end, error] = std::from_chars(part.data() + equals + 1, part.data() + part.size(), weight);
        if (error != std::errc() || end != part.data() + part.size())
            return {};
        weights.insert_or_assign(part.substr(0, equals), weight);
        start = comma + 1;
    }
    return weights;
}

bool isOfMixture(const std::string &key)
{
    return key.starts_with("mixture.") || (key.starts_with("stage[") && key.find("].mixture.") != std::string::npos);
}

void insertValue(const Target &target, const std::string &value)
{
    Issues none;
    if (auto parsed = parseToml("value = " + value, {}, none); parsed && parsed->size() == 1 && parsed->contains("value"))
        parsed->get("value")->visit([&](auto &node) { target.table->insert_or_assign(target.name, std::move(node)); });
    else if (auto weights = isOfMixture(target.key) ? weightsIn(value) : std::nullopt)
        target.table->insert_or_assign(target.name, *std::move(weights));
    else
        target.table->insert_or_assign(target.name, value);
}

// The file's parameters belong to the file's policy, but for the limits that every policy has.
void dropParameters(toml::table &root, const std::string &before, const Overrides &overrides, Issues &issues)
{
    toml::table *mixture = root.get_as<toml::table>("mixture");
    const auto given = overrides.find("mixture.policy");
    if (!mixture || given == overrides.end() || (*mixture)["policy"].value_or(std::string()) == before)
        return;
    std::vector<std::string> dropped;
    for (const auto &[name, node] : *mixture) {
        const std::string key = fmt::format("mixture.{}", name.str());
        const bool overridden = std::ranges::any_of(overrides, [&](const auto &entry) { return entry.first == key || entry.first.starts_with(key + '.'); });
        const bool limits = (name.str() == "floor" || name.str() == "max_epochs") && node.value_or(0.0) != 0.0;
        if (name.str() != "policy" && name.str() != "batching" && !limits && !overridden)
            dropped.emplace_back(name.str());
    }
    for (const std::string &name : dropped)
        mixture->erase(name);
    if (!dropped.empty())
        issues.push_back({Issue::Severity::Note, given->second.shown, 0, 0, {},
                          fmt::format("the file's parameters of {} are left out: {}", before, fmt::join(dropped, ", ")), {}});
}

} // namespace

Overrides applyOverrides(toml::table &root, const std::vector<std::string> &texts, Issues &issues)
{
    Overrides overrides;
    const toml::node_view<toml::node> policy = root["mixture"]["policy"];
    const std::string policyBefore = policy.value_or(MixtureConfig{}.policy);
    for (const std::string &text : texts) {
        const std::string shown = "--set " + (isValidUtf8(text) ? text : std::string("..."));
        try {
            const std::size_t equals = text.find('=');
            if (!isValidUtf8(text))
                throw Error("it is not valid UTF-8", "write it as UTF-8");
            if (equals == std::string::npos)
                throw Error("it has no value", "write section.key=value, such as training.token_budget=1e6");
            const Target target = targetOf(root, text.substr(0, equals));
            insertValue(target, text.substr(equals + 1));
            overrides[target.key] = {shown, text.substr(equals + 1)};
        } catch (const Error &error) {
            issues.push_back({Issue::Severity::Error, shown, 0, 0, {}, error.what(), error.advice()});
        }
    }
    dropParameters(root, policyBefore, overrides, issues);
    return overrides;
}

} // namespace krater
