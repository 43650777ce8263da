// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/mixture/policy_registry.h"

#include "core/base/error.h"
#include "core/mixture/constrained_policy.h"
#include "core/mixture/parameter_checks.h"

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
PolicyInfo unimaxPolicy();
PolicyInfo schedulePolicy();
PolicyInfo gibbsPolicy();
PolicyInfo odmPolicy();
PolicyInfo shearedLlamaPolicy();
PolicyInfo skillItPolicy();
PolicyInfo adoPolicy();
PolicyInfo aioliPolicy();
PolicyInfo doremiPolicy();
PolicyInfo dogePolicy();

std::span<const PolicyInfo> policies()
{
    static const std::array kPolicies = [] {
        std::array all{uniformPolicy(), naturalPolicy(), temperaturePolicy(),  unimaxPolicy(),  manualPolicy(), schedulePolicy(),
                       gibbsPolicy(),   odmPolicy(),     shearedLlamaPolicy(), skillItPolicy(), adoPolicy(), aioliPolicy(), doremiPolicy(), dogePolicy()};
        for (PolicyInfo &info : all)
            info = withConstraints(std::move(info));
        return all;
    }();
    return kPolicies;
}

const PolicyInfo *findPolicy(std::string_view name)
{
    const auto found = std::ranges::find(policies(), name, &PolicyInfo::name);
    return found == policies().end() ? nullptr : &*found;
}

namespace {

std::vector<std::string> namesOf(std::span<const ParamSpec> specs)
{
    std::vector<std::string> names;
    std::ranges::transform(specs, std::back_inserter(names), &ParamSpec::name);
    return names;
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

bool needsReference(const PolicyInfo &info, const ParameterValues &values)
{
    return info.needs == PolicyNeeds::ReferenceLosses || (info.lacksReference && info.lacksReference(completedParameters(info, values)));
}

ParameterValues completedParameters(const PolicyInfo &info, ParameterValues values)
{
    for (const ParamSpec &spec : info.parameters)
        values.emplace(spec.name, spec.defaultValue);
    return values;
}

Issues validateParameter(const PolicyInfo &info, const std::string &name, const ParameterValue &value, const std::vector<std::string> &domains)
{
    if (const auto spec = std::ranges::find(info.parameters, name, &ParamSpec::name); spec != info.parameters.end())
        return checkParameter(*spec, value, domains);
    const std::vector<std::string> known = namesOf(info.parameters);
    const std::string nearest = nearestName(name, known);
    const std::string all = known.empty() ? fmt::format("{} has no parameters", info.name) : fmt::format("{} has {}", info.name, fmt::join(known, ", "));
    Issue unknown;
    unknown.message = fmt::format("the policy {} has no parameter \"{}\"", info.name, name);
    unknown.advice = nearest.empty() ? all : fmt::format("did you mean \"{}\"?", nearest);
    return {std::move(unknown)};
}

Issues validateParameters(const PolicyInfo &info, const ParameterValues &values, const std::vector<std::string> &domains)
{
    Issues issues;
    for (const auto &[name, value] : completedParameters(info, values))
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
    return info->create(context, completedParameters(*info, values));
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
