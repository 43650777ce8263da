// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/mixture/static_policy.h"

namespace krater {

PolicyInfo uniformPolicy()
{
    return {.name = "uniform",
            .label = "Uniform",
            .summary = "Every domain gets the same share, whatever its size: small domains are repeated most.",
            .formula = "p_k = 1 / K",
            .reference = "The baseline that adaptive rules are measured against (Chen et al. 2025, Aioli, arXiv 2411.05735: \"stratified\").",
            .adaptive = false,
            .parameters = {},
            .create = [](const PolicyContext &context, const ParameterValues &) -> std::unique_ptr<MixturePolicy> {
                return std::make_unique<StaticPolicy>(context, Mixture::uniform(context.numDomains()));
            }};
}

} // namespace krater
