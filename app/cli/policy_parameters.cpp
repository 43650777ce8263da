// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/policy_parameters.h"

#include "app/cli/exit_code.h"
#include "app/cli/options.h"

#include <fmt/format.h>

namespace krater::cli {
namespace {

constexpr std::string_view kTable = "mixture."; // as in an experiment file; may be left out here

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

std::vector<std::string> policyOverrides(const std::string &policy, const std::vector<std::string> &words)
{
    std::vector<std::string> overrides;
    for (const std::string &word : words) {
        const std::string parameter = word.starts_with(kTable) ? word.substr(kTable.size()) : word;
        const std::string name = parameter.substr(0, parameter.find('='));
        if (name == "policy" || name == "batching")
            throw UsageError(fmt::format("{} has no parameter '{}'.", policy, name),
                             fmt::format("See krater-cli policies {}.", policy));
        overrides.push_back(std::string(kTable) + parameter);
    }
    return overrides;
}

} // namespace krater::cli
