// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/policy_parameters.h"

#include "app/cli/exit_code.h"
#include "app/cli/options.h"

#include <fmt/format.h>

#include <algorithm>

namespace krater::cli {
namespace {

constexpr std::string_view kTable = "mixture."; // as in an experiment file; may be left out here

Weights parseWeights(const std::string &text, const std::string &option)
{
    Weights weights;
    std::size_t start = 0;
    while (start <= text.size()) {
        const std::size_t comma = std::min(text.find(',', start), text.size());
        const NamedNumber weight = parseNamedNumber(text.substr(start, comma - start), option);
        weights[weight.name] = weight.value;
        start = comma + 1;
    }
    return weights;
}

ParameterValue parseValue(const ParamSpec &spec, const std::string &text)
{
    const std::string option = "--set " + spec.name;
    switch (spec.kind) {
    case ParamSpec::Kind::Number:
    case ParamSpec::Kind::Integer:
        return parseNumber(text, option);
    case ParamSpec::Kind::Choice:
        return text;
    case ParamSpec::Kind::Mixture:
        if (text.find('=') == std::string::npos)
            return text;
        return parseWeights(text, option);
    case ParamSpec::Kind::Weights:
        return parseWeights(text, option);
    }
    return text;
}

} // namespace

const PolicyInfo &policyNamed(const std::string &name)
{
    if (const PolicyInfo *policy = findPolicy(name))
        return *policy;
    std::vector<std::string> known;
    for (const PolicyInfo &policy : policies())
        known.push_back(policy.name);
    const std::string hint = didYouMean(name, known);
    throw UsageError(fmt::format("There is no policy '{}'.", name),
                     hint.empty() ? "krater-cli policies lists them." : hint);
}

ParameterValues parseParameters(const PolicyInfo &policy, const std::vector<std::string> &words,
                                const std::vector<std::string> &domains)
{
    std::vector<std::string> known;
    for (const ParamSpec &spec : policy.parameters)
        known.push_back(spec.name);
    ParameterValues values;
    for (const std::string &word : words) {
        const std::size_t equals = word.find('=');
        if (equals == std::string::npos)
            throw UsageError(fmt::format("--set {}: a parameter, '=' and a value are needed.", word));
        std::string name = word.substr(0, equals);
        if (name.starts_with(kTable))
            name.erase(0, kTable.size());
        const auto spec = std::find_if(policy.parameters.begin(), policy.parameters.end(),
                                       [&name](const ParamSpec &s) { return s.name == name; });
        if (spec == policy.parameters.end()) {
            const std::string hint = didYouMean(name, known);
            throw UsageError(fmt::format("{} has no parameter '{}'.", policy.name, name),
                             hint.empty() ? fmt::format("See krater-cli policies {}.", policy.name) : hint);
        }
        values[name] = parseValue(*spec, word.substr(equals + 1));
    }
    const Issues issues = validateParameters(policy, values, domains);
    std::string problems;
    std::string advice;
    for (const Issue &issue : issues) {
        if (issue.severity != Issue::Severity::Error)
            continue;
        problems += (problems.empty() ? "" : "\n  ") + issue.message;
        advice += (advice.empty() || issue.advice.empty() ? "" : "\n  ") + issue.advice;
    }
    if (!problems.empty())
        throw UsageError(problems, advice);
    return values;
}

} // namespace krater::cli
