// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/mixture/static_policy.h"

namespace krater {

PolicyInfo naturalPolicy()
{
    return {.name = "natural",
            .label = "Natural",
            .summary = "Every domain gets the share that it has of the corpus's tokens: all are repeated equally often.",
            .formula = "p_k = n_k / sum_j n_j, n in training tokens",
            .reference = "The corpus as it is; the second baseline.",
            .adaptive = false,
            .parameters = {},
            .create = [](const PolicyContext &context, const ParameterValues &) -> std::unique_ptr<MixturePolicy> {
                return std::make_unique<StaticPolicy>(context, Mixture::natural(context.tokens));
            }};
}

} // namespace krater
