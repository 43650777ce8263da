// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/policy_cost.h"

#include "core/mixture/policy_registry.h"

#include <fmt/format.h>

namespace krater {

namespace {

constexpr double kForward = 1.0 / 3.0; // of a step: its backward pass costs two of them
// What it takes to keep, compare and add up the gradient of a domain, and to pass its part of the batch through the model by itself, in tokens of a step.
// Measured: 62 to 96 in processor time on one thread, more on two.
constexpr double kTokensPerGradient = 90.0;

// Besides those that the experiment asks for.
double evaluationsPerStep(const PolicyInfo &info, const Experiment &experiment)
{
    if (!info.evaluationsPerStep)
        return 0.0;
    ParameterValues values = experiment.mixture.parameters;
    for (const ParamSpec &spec : info.parameters)
        values.emplace(spec.name, spec.defaultValue);
    return info.evaluationsPerStep(values, experiment.domains.size(), experiment.numSteps());
}

} // namespace

double extraTime(const Experiment &experiment)
{
    const PolicyInfo *info = findPolicy(experiment.mixture.policy);
    const double tokens = static_cast<double>(experiment.tokensPerStep());
    if (!info || tokens == 0.0)
        return 0.0;
    const double numDomains = static_cast<double>(experiment.domains.size());
    const double evaluated = static_cast<double>(experiment.training.evalTokens) * numDomains;
    double extra = evaluationsPerStep(*info, experiment) * kForward * evaluated / tokens;
    if (info->needs == PolicyNeeds::ReferenceLosses)
        extra += 2.0 * kForward; // of the model and of the reference
    if (info->needs == PolicyNeeds::DomainGradients)
        extra += numDomains * kTokensPerGradient / tokens + numDomains * (numDomains + 1.0) / (6.0 * tokens); // multiply and add, for every pair
    return extra;
}

std::string extraTimeInWords(const Experiment &experiment)
{
    const double extra = extraTime(experiment);
    if (extra < 0.01)
        return {};
    const PolicyInfo *info = findPolicy(experiment.mixture.policy);
    const char *why = info->needs == PolicyNeeds::ReferenceLosses   ? "every batch is measured by the model and by the reference first"
                      : info->needs == PolicyNeeds::DomainGradients ? "the gradients of all domains are taken one by one and compared in every step"
                                                                    : "it evaluates after every probe";
    return fmt::format("About {:.0f} % more time than a static mixture: {}.", 100.0 * extra, why);
}

} // namespace krater
