// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/mixture/policy_support.h"
#include "core/mixture/static_policy.h"

namespace krater {

PolicyInfo manualPolicy()
{
    static const ParamSpec kWeights =
        weightsParam("weights", "Weights",
                     "One weight for each domain, in any unit: they are divided by their sum. A domain that is not named gets 0.");
    return {.name = "manual",
            .label = "Manual",
            .summary = "The shares that you set, kept for the whole run.",
            .formula = "p_k = w_k / sum_j w_j",
            .reference = "Your own design, or weights out of a paper or an earlier run.",
            .adaptive = false,
            .parameters = {kWeights},
            .create = [](const PolicyContext &context, const ParameterValues &values) -> std::unique_ptr<MixturePolicy> {
                return std::make_unique<StaticPolicy>(context, mixtureOf(values, kWeights, context));
            }};
}

} // namespace krater
