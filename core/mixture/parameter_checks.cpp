// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/mixture/parameter_checks.h"

#include "core/mixture/policy_registry.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

namespace krater {

namespace {

constexpr const char *kNumbersExample = "use one number for each domain, as in { a = 2.1, b = 1.7 }";
constexpr const char *kGraphExample =
    "use \"identity\", \"probes\", a .csv or .toml file, or weights from domain to domain, as in { a = { b = 0.5 }, b = { a = 0.2 } }";
constexpr const char *kScheduleExample = "use points such as { at = 0.5, mixture = { a = 0.7, b = 0.3 } }";

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
    const std::string range =
        fmt::format("use a number from {} to {}", withUnit(spec.min, {}), withUnit(max, spec.unit));
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

void checkName(const std::string &what, const std::string &domain, const std::vector<std::string> &domains,
               Issues &issues)
{
    if (std::ranges::find(domains, domain) != domains.end())
        return;
    const std::string nearest = nearestName(domain, domains);
    issues.push_back(problem(fmt::format("{} names the domain \"{}\", which is not in the experiment", what, domain),
                             nearest.empty() ? fmt::format("the domains are {}", fmt::join(domains, ", "))
                                             : fmt::format("did you mean \"{}\"?", nearest)));
}

// `what`: the parameter, or the part of it that holds these weights.
void checkWeights(const std::string &what, double max, const Weights &weights, const std::vector<std::string> &domains,
                  Issues &issues)
{
    double sum = 0.0;
    for (const auto &[domain, weight] : weights) {
        checkName(what, domain, domains, issues);
        if (!std::isfinite(weight) || weight < 0.0 || weight > max)
            issues.push_back(problem(fmt::format("{} gives domain \"{}\" the weight {:g}", what, domain, weight),
                                     "weights are numbers from 0 up"));
        else
            sum += weight;
    }
    if (sum == 0.0)
        issues.push_back(problem(fmt::format("{} has no weight above 0", what),
                                 "give at least one domain a weight, as in { a = 0.7, b = 0.3 }"));
}

void checkMixture(const ParamSpec &spec, const ParameterValue &value, const std::vector<std::string> &domains,
                  Issues &issues)
{
    if (const auto *weights = std::get_if<Weights>(&value))
        return checkWeights(spec.name, spec.max, *weights, domains, issues);
    const auto *name = std::get_if<std::string>(&value);
    const bool named = spec.kind == ParamSpec::Kind::Mixture && name && (*name == "uniform" || *name == "natural");
    if (!named)
        issues.push_back(
            problem(name ? fmt::format("{} is \"{}\"", spec.name, *name) : fmt::format("{} is a number", spec.name),
                    spec.kind == ParamSpec::Kind::Mixture
                        ? "use \"uniform\", \"natural\" or weights such as { a = 0.7, b = 0.3 }"
                        : "use weights such as { a = 0.7, b = 0.3 }"));
}

// Every number within the spec's range; `what` names the parameter, or a row of it.
void checkRange(const ParamSpec &spec, const std::string &what, const Weights &numbers,
                const std::vector<std::string> &domains, Issues &issues)
{
    for (const auto &[domain, number] : numbers) {
        checkName(what, domain, domains, issues);
        if (!std::isfinite(number) || number < spec.min || number > spec.max)
            issues.push_back(
                problem(fmt::format("{} gives domain \"{}\" the number {:g}", what, domain, number),
                        fmt::format("use a number from {:g} to {}", spec.min, withUnit(spec.max, spec.unit))));
    }
}

void checkNumbers(const ParamSpec &spec, const ParameterValue &value, const std::vector<std::string> &domains,
                  Issues &issues)
{
    const auto *numbers = std::get_if<Weights>(&value);
    if (!numbers)
        return issues.push_back(problem(fmt::format("{} holds no numbers", spec.name), kNumbersExample));
    checkRange(spec, spec.name, *numbers, domains, issues);
    for (const std::string &domain : domains)
        if (!numbers->empty() && !numbers->contains(domain))
            issues.push_back(
                problem(fmt::format("{} has no number for domain \"{}\"", spec.name, domain), kNumbersExample));
}

void checkGraph(const ParamSpec &spec, const ParameterValue &value, const std::vector<std::string> &domains,
                Issues &issues)
{
    const auto *name = std::get_if<std::string>(&value);
    const auto *none = std::get_if<Weights>(&value); // what an empty table is read as
    if ((name && (*name == kIdentityGraph || *name == kProbedGraph || namesGraphFile(*name))) || (none && none->empty()))
        return;
    const auto *graph = std::get_if<Graph>(&value);
    if (!graph)
        return issues.push_back(problem(fmt::format("{} is no graph of domains", spec.name), kGraphExample));
    for (const auto &[from, row] : *graph) {
        checkName(spec.name, from, domains, issues);
        checkRange(spec, spec.name + '.' + from, row, domains, issues);
    }
}

void checkPoint(const std::string &what, const MixturePoint &point, double max, const std::vector<std::string> &domains,
                Issues &issues)
{
    if (!(point.at >= 0.0 && point.at <= 1.0))
        issues.push_back(
            problem(fmt::format("{}.at is {:g}", what, point.at), "use a fraction of the token budget, from 0 to 1"));
    if (const auto *weights = std::get_if<Weights>(&point.mixture))
        return checkWeights(what + ".mixture", max, *weights, domains, issues);
    const std::string &name = std::get<std::string>(point.mixture);
    if (name != "uniform" && name != "natural")
        issues.push_back(problem(fmt::format("{}.mixture is \"{}\"", what, name),
                                 "use \"uniform\", \"natural\" or weights such as { a = 0.7, b = 0.3 }"));
}

void checkSchedule(const ParamSpec &spec, const ParameterValue &value, const std::vector<std::string> &domains,
                   Issues &issues)
{
    const auto *points = std::get_if<Schedule>(&value);
    if (!points || points->empty())
        return issues.push_back(problem(fmt::format("{} holds no points", spec.name), kScheduleExample));
    for (std::size_t i = 0; i < points->size(); ++i) {
        checkPoint(fmt::format("{}[{}]", spec.name, i), (*points)[i], spec.max, domains, issues);
        if (i > 0 && !((*points)[i].at > (*points)[i - 1].at))
            issues.push_back(
                problem(fmt::format("{}[{}].at is {:g}, not after the point before it", spec.name, i, (*points)[i].at),
                        "write the points in the order of the run"));
    }
}

} // namespace

Issues checkParameter(const ParamSpec &spec, const ParameterValue &value, const std::vector<std::string> &domains)
{
    Issues issues;
    switch (spec.kind) {
    case ParamSpec::Kind::Number:
    case ParamSpec::Kind::Integer:
        checkNumber(spec, value, domains.size(), issues);
        break;
    case ParamSpec::Kind::Choice:
        checkChoice(spec, value, issues);
        break;
    case ParamSpec::Kind::Weights:
    case ParamSpec::Kind::Mixture:
        checkMixture(spec, value, domains, issues);
        break;
    case ParamSpec::Kind::Numbers:
        checkNumbers(spec, value, domains, issues);
        break;
    case ParamSpec::Kind::Graph:
        checkGraph(spec, value, domains, issues);
        break;
    case ParamSpec::Kind::Schedule:
        checkSchedule(spec, value, domains, issues);
        break;
    }
    return issues;
}

} // namespace krater
