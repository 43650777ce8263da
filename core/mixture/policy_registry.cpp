// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/mixture/policy_registry.h"

#include "core/base/error.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

namespace krater {

// Each is defined in the file of its name.
PolicyInfo uniformPolicy();
PolicyInfo naturalPolicy();
PolicyInfo temperaturePolicy();
PolicyInfo manualPolicy();
PolicyInfo gibbsPolicy();

std::span<const PolicyInfo> policies()
{
    static const std::array kPolicies{uniformPolicy(), naturalPolicy(), temperaturePolicy(), manualPolicy(), gibbsPolicy()};
    return kPolicies;
}

const PolicyInfo *findPolicy(std::string_view name)
{
    const auto found = std::ranges::find(policies(), name, &PolicyInfo::name);
    return found == policies().end() ? nullptr : &*found;
}

namespace {

Issue problem(std::string message, std::string advice)
{
    Issue issue;
    issue.message = std::move(message);
    issue.advice = std::move(advice);
    return issue;
}

std::string withUnit(double number, const std::string &unit)
{
    return unit.empty() ? fmt::format("{:g}", number) : fmt::format("{:g} {}", number, unit);
}

void checkNumber(const ParamSpec &spec, const ParameterValue &value, std::size_t numDomains, Issues &issues)
{
    const double max = spec.overDomains && numDomains > 0 ? spec.max / static_cast<double>(numDomains) : spec.max;
    const std::string range = fmt::format("use a number from {} to {}", withUnit(spec.min, {}), withUnit(max, spec.unit));
    const auto *number = std::get_if<double>(&value);
    if (!number)
        return issues.push_back(problem(fmt::format("{} is not a number", spec.name), range));
    if (!std::isfinite(*number) || *number < spec.min || *number > max * (1.0 + 1e-12))
        return issues.push_back(problem(fmt::format("{} is {:g}", spec.name, *number), range));
    if (spec.kind == ParamSpec::Kind::Integer && *number != std::floor(*number))
        issues.push_back(problem(fmt::format("{} is {:g}, not a whole number", spec.name, *number), range));
}

void checkChoice(const ParamSpec &spec, const ParameterValue &value, Issues &issues)
{
    const auto *choice = std::get_if<std::string>(&value);
    const std::string advice = fmt::format("use {}", fmt::join(spec.choices, " or "));
    if (!choice)
        issues.push_back(problem(fmt::format("{} is not a string", spec.name), advice));
    else if (std::ranges::find(spec.choices, *choice) == spec.choices.end())
        issues.push_back(problem(fmt::format("{} is \"{}\"", spec.name, *choice), advice));
}

void checkWeights(const ParamSpec &spec, const Weights &weights, const std::vector<std::string> &domains, Issues &issues)
{
    double sum = 0.0;
    for (const auto &[domain, weight] : weights) {
        if (std::ranges::find(domains, domain) == domains.end()) {
            const std::string nearest = nearestName(domain, domains);
            issues.push_back(problem(fmt::format("{} names the domain \"{}\", which is not in the experiment", spec.name, domain),
                                     nearest.empty() ? fmt::format("the domains are {}", fmt::join(domains, ", ")) : fmt::format("did you mean \"{}\"?", nearest)));
        }
        if (!std::isfinite(weight) || weight < 0.0 || weight > spec.max)
            issues.push_back(problem(fmt::format("{} gives domain \"{}\" the weight {:g}", spec.name, domain, weight), "weights are numbers from 0 up"));
        else
            sum += weight;
    }
    if (sum == 0.0)
        issues.push_back(problem(fmt::format("{} has no weight above 0", spec.name), "give at least one domain a weight, as in { a = 0.7, b = 0.3 }"));
}

void checkMixture(const ParamSpec &spec, const ParameterValue &value, const std::vector<std::string> &domains, Issues &issues)
{
    if (const auto *weights = std::get_if<Weights>(&value))
        return checkWeights(spec, *weights, domains, issues);
    const auto *name = std::get_if<std::string>(&value);
    const bool named = spec.kind == ParamSpec::Kind::Mixture && name && (*name == "uniform" || *name == "natural");
    if (!named)
        issues.push_back(problem(name ? fmt::format("{} is \"{}\"", spec.name, *name) : fmt::format("{} is a number", spec.name),
                                 spec.kind == ParamSpec::Kind::Mixture ? "use \"uniform\", \"natural\" or weights such as { a = 0.7, b = 0.3 }"
                                                                       : "use weights such as { a = 0.7, b = 0.3 }"));
}

void checkValue(const ParamSpec &spec, const ParameterValue &value, const std::vector<std::string> &domains, Issues &issues)
{
    switch (spec.kind) {
    case ParamSpec::Kind::Number:
    case ParamSpec::Kind::Integer: return checkNumber(spec, value, domains.size(), issues);
    case ParamSpec::Kind::Choice: return checkChoice(spec, value, issues);
    case ParamSpec::Kind::Weights:
    case ParamSpec::Kind::Mixture: return checkMixture(spec, value, domains, issues);
    }
}

std::vector<std::string> namesOf(std::span<const ParamSpec> specs)
{
    std::vector<std::string> names;
    std::ranges::transform(specs, std::back_inserter(names), &ParamSpec::name);
    return names;
}

ParameterValues completed(const PolicyInfo &info, ParameterValues values)
{
    for (const ParamSpec &spec : info.parameters)
        values.emplace(spec.name, spec.defaultValue);
    return values;
}

// Insertions, deletions, substitutions and exchanges of two neighbours cost 1 each ("lsit" is one from "list").
std::size_t editDistance(std::string_view a, std::string_view b)
{
    std::vector<std::size_t> beforeLast(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < a.size(); ++i) {
        beforeLast.swap(last);
        last.swap(row);
        row[0] = i + 1;
        for (std::size_t j = 0; j < b.size(); ++j) {
            row[j + 1] = std::min({last[j + 1] + 1, row[j] + 1, last[j] + (a[i] == b[j] ? 0 : 1)});
            if (i > 0 && j > 0 && a[i] == b[j - 1] && a[i - 1] == b[j])
                row[j + 1] = std::min(row[j + 1], beforeLast[j - 1] + 1);
        }
    }
    return row[b.size()];
}

} // namespace

Issues validateParameter(const PolicyInfo &info, const std::string &name, const ParameterValue &value, const std::vector<std::string> &domains)
{
    Issues issues;
    if (const auto spec = std::ranges::find(info.parameters, name, &ParamSpec::name); spec != info.parameters.end()) {
        checkValue(*spec, value, domains, issues);
        return issues;
    }
    const std::vector<std::string> known = namesOf(info.parameters);
    const std::string nearest = nearestName(name, known);
    const std::string all = known.empty() ? fmt::format("{} has no parameters", info.name) : fmt::format("{} has {}", info.name, fmt::join(known, ", "));
    issues.push_back(problem(fmt::format("the policy {} has no parameter \"{}\"", info.name, name),
                             nearest.empty() ? all : fmt::format("did you mean \"{}\"?", nearest)));
    return issues;
}

Issues validateParameters(const PolicyInfo &info, const ParameterValues &values, const std::vector<std::string> &domains)
{
    Issues issues;
    for (const auto &[name, value] : completed(info, values))
        for (Issue &issue : validateParameter(info, name, value, domains))
            issues.push_back(std::move(issue));
    return issues;
}

std::unique_ptr<MixturePolicy> createPolicy(std::string_view name, const PolicyContext &context, const ParameterValues &values)
{
    const PolicyInfo *info = findPolicy(name);
    if (!info)
        throw Error(fmt::format("There is no policy \"{}\".", name), "krater-cli policies lists them.");
    if (context.domains.empty() || context.tokens.size() != context.domains.size())
        throw Error(fmt::format("The policy {} was given {} domains and {} sizes.", name, context.domains.size(), context.tokens.size()),
                    "Add a domain.");
    const Issues issues = validateParameters(*info, values, context.domains);
    if (hasErrors(issues))
        throw Error(fmt::format("The policy {} cannot be used: {}.", name, issues.front().message), issues.front().advice);
    return info->create(context, completed(*info, values));
}

std::string nearestName(std::string_view name, std::span<const std::string> known)
{
    constexpr std::size_t kLongest = 64; // bytes; longer input is no misspelling of a short name
    std::string nearest;
    std::size_t least = name.size() > kLongest ? 0 : name.size() / 3 + 1;
    for (const std::string &candidate : known) {
        if (candidate.size() > kLongest)
            continue;
        const std::size_t distance = editDistance(name, candidate);
        if (distance < least) {
            least = distance;
            nearest = candidate;
        }
    }
    return nearest;
}

} // namespace krater
