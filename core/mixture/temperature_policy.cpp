// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/mixture/policy_support.h"
#include "core/mixture/static_policy.h"

namespace krater {

PolicyInfo temperaturePolicy()
{
    static const ParamSpec kTemperature =
        numberParam("temperature", "Temperature T", 2.0, 0.01, 1e6, "",
                    "1 is the natural mixture; above 1 small domains gain; very large is uniform; below 1 large domains gain.");
    return {.name = "temperature",
            .label = "Temperature",
            .summary = "Between natural and uniform: sizes are flattened, so that small domains gain without taking over.",
            .formula = "p_k = n_k^(1/T) / sum_j n_j^(1/T), n in training tokens",
            .reference = "Arivazhagan et al. 2019, arXiv 1907.05019 (temperature sampling); compared with UniMax in Chung et al. 2023, arXiv 2304.09151.",
            .adaptive = false,
            .parameters = {kTemperature},
            .create = [](const PolicyContext &context, const ParameterValues &values) -> std::unique_ptr<MixturePolicy> {
                return std::make_unique<StaticPolicy>(context, Mixture::temperature(context.tokens, numberOf(values, kTemperature)));
            }};
}

} // namespace krater
