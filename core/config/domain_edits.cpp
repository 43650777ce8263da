// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/config/domain_edits.h"

#include "core/mixture/policy_registry.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <set>

namespace krater {

namespace fs = std::filesystem;

namespace {

bool hasDomain(const Experiment &experiment, const std::string &name)
{
    return std::ranges::any_of(experiment.domains, [&](const DomainConfig &domain) { return domain.name == name; });
}

// As a source of the experiment: relative where the file lies below its folder, with `/` even on a folder's end gone.
std::string sourceOf(const Experiment &experiment, const fs::path &path)
{
    const fs::path normal = path.lexically_normal();
    if (!experiment.folder.empty()) {
        const fs::path relative = normal.lexically_relative(experiment.folder.lexically_normal());
        if (!relative.empty() && *relative.begin() != "..")
            return relative.generic_string();
    }
    return normal.generic_string();
}

struct PolicyParameters {
    std::string policy;
    ParameterValues &values;
};

// Of the experiment and of each of its stages.
std::vector<PolicyParameters> allParameters(Experiment &experiment)
{
    std::vector<PolicyParameters> all{{experiment.mixture.policy, experiment.mixture.parameters}};
    for (StageConfig &stage : experiment.stages) {
        const std::string &own = stage.mixture.policy;
        all.push_back({own.empty() ? experiment.mixture.policy : own, stage.mixture.parameters});
    }
    return all;
}

template<typename Change>
void changeSchedule(ParameterValue &value, Change change)
{
    if (auto *schedule = std::get_if<Schedule>(&value))
        for (MixturePoint &point : *schedule)
            if (auto *weights = std::get_if<Weights>(&point.mixture))
                change(*weights);
}

// Calls change(map) for every map of the policies' parameters whose keys are domains.
template<typename Change>
void changeByDomain(Experiment &experiment, Change change)
{
    for (const PolicyParameters &parameters : allParameters(experiment)) {
        for (auto &[name, value] : parameters.values) {
            if (auto *weights = std::get_if<Weights>(&value))
                change(*weights);
            if (auto *graph = std::get_if<Graph>(&value)) {
                change(*graph);
                for (auto &[from, row] : *graph)
                    change(row);
            }
            changeSchedule(value, change);
        }
    }
}

// The same for shares alone, which add up when domains become one; losses and effects do not.
template<typename Change>
void changeShares(Experiment &experiment, Change change)
{
    for (const PolicyParameters &parameters : allParameters(experiment)) {
        const PolicyInfo *policy = findPolicy(parameters.policy);
        for (auto &[name, value] : parameters.values) {
            const auto isNumbers = [&](const ParamSpec &spec) {
                return spec.name == name && spec.kind == ParamSpec::Kind::Numbers;
            };
            if (auto *weights = std::get_if<Weights>(&value);
                weights && !(policy && std::ranges::any_of(policy->parameters, isNumbers)))
                change(*weights);
            changeSchedule(value, change);
        }
    }
}

// The part of a glob before its first wild card, as a folder.
fs::path fixedFolder(const std::string &glob)
{
    const auto wild = glob.find_first_of("*?[");
    const fs::path fixed = glob.substr(0, wild);
    return wild == std::string::npos ? fixed : fixed.parent_path();
}

} // namespace

std::string unusedDomainName(const Experiment &experiment, const std::string &wanted)
{
    std::string base = wanted.empty() ? "domain" : wanted;
    for (char &c : base)
        if (std::isspace(static_cast<unsigned char>(c)) || std::iscntrl(static_cast<unsigned char>(c)) || c == '"'
            || c == '\'' || c == '.')
            c = '-';
    std::string name = base;
    for (int number = 2; hasDomain(experiment, name); ++number)
        name = fmt::format("{}-{}", base, number);
    return name;
}

Experiment withDomain(const Experiment &experiment, const std::string &name, const std::vector<fs::path> &sources)
{
    Experiment changed = experiment;
    DomainConfig domain;
    domain.name = unusedDomainName(experiment, name);
    changed.domains.push_back(domain);
    return withSources(changed, changed.domains.size() - 1, sources);
}

Experiment withSources(const Experiment &experiment, std::size_t domain, const std::vector<fs::path> &sources)
{
    Experiment changed = experiment;
    auto &known = changed.domains[domain].sources;
    for (const fs::path &path : sources)
        if (const std::string source = sourceOf(experiment, path); std::ranges::find(known, source) == known.end())
            known.push_back(source);
    return changed;
}

Experiment withoutDomains(const Experiment &experiment, const std::vector<std::size_t> &domains)
{
    Experiment changed = experiment;
    const std::set<std::size_t, std::greater<>> fromTheEnd(domains.begin(), domains.end());
    for (std::size_t domain : fromTheEnd) {
        changeByDomain(changed, [&](auto &byDomain) { byDomain.erase(changed.domains[domain].name); });
        changed.domains.erase(changed.domains.begin() + std::ptrdiff_t(domain));
    }
    return changed;
}

Experiment withDomainRenamed(const Experiment &experiment, std::size_t domain, const std::string &name)
{
    Experiment changed = experiment;
    const std::string old = changed.domains[domain].name;
    changed.domains[domain].name = name;
    changeByDomain(changed, [&](auto &byDomain) {
        if (auto entry = byDomain.extract(old)) {
            entry.key() = name;
            byDomain.insert(std::move(entry));
        }
    });
    return changed;
}

Experiment withDomainMoved(const Experiment &experiment, std::size_t from, std::size_t to)
{
    Experiment changed = experiment;
    const auto begin = changed.domains.begin();
    if (from < to)
        std::rotate(begin + std::ptrdiff_t(from), begin + std::ptrdiff_t(from) + 1, begin + std::ptrdiff_t(to) + 1);
    else
        std::rotate(begin + std::ptrdiff_t(to), begin + std::ptrdiff_t(from), begin + std::ptrdiff_t(from) + 1);
    return changed;
}

Experiment withDomainsMerged(const Experiment &experiment, const std::vector<std::size_t> &domains)
{
    const std::set<std::size_t> sorted(domains.begin(), domains.end());
    if (sorted.size() < 2)
        return experiment;
    const std::size_t first = *sorted.begin();
    Experiment changed = experiment;
    std::vector<std::size_t> gone;
    for (std::size_t domain : sorted) {
        if (domain == first)
            continue;
        gone.push_back(domain);
        auto &target = changed.domains[first].sources;
        for (const std::string &source : experiment.domains[domain].sources)
            if (std::ranges::find(target, source) == target.end())
                target.push_back(source);
        changeShares(changed, [&](Weights &weights) {
            if (const auto moved = weights.find(experiment.domains[domain].name); moved != weights.end())
                weights[experiment.domains[first].name] += moved->second;
        });
    }
    return withoutDomains(changed, gone);
}

Experiment withDomainSplitByFolder(const Experiment &experiment, std::size_t domain)
{
    std::map<fs::path, std::vector<std::string>> sourcesOfFolder;
    std::error_code ignored; // an unreadable folder simply gives no parts
    for (const std::string &source : experiment.domains[domain].sources) {
        const fs::path fixed = fixedFolder(source);
        const fs::path pattern = fs::path(source).lexically_relative(fixed); // "**/*.py", "." for a plain folder
        for (const auto &entry :
             fs::directory_iterator(fixed.is_absolute() ? fixed : experiment.folder / fixed, ignored))
            if (entry.is_directory(ignored))
                sourcesOfFolder[entry.path()].push_back(
                    sourceOf(experiment, pattern == "." ? entry.path() : entry.path() / pattern));
    }
    if (sourcesOfFolder.empty())
        return experiment;
    Experiment changed = withoutDomains(experiment, {domain});
    for (const auto &[folder, sources] : sourcesOfFolder) {
        DomainConfig part = experiment.domains[domain];
        part.name = unusedDomainName(changed, folder.filename().string());
        part.sources = sources;
        part.colour.clear();
        changed.domains.push_back(part);
    }
    return changed;
}

} // namespace krater
