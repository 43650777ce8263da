// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/mixture/policy_registry.h"

namespace krater::cli {

// The policy of that name. Throws UsageError with the nearest one.
const PolicyInfo &policyNamed(const std::string &name);

// Parameters from words like "temperature=2", "mixture.signal=held_out", "prior=natural" or "prior=a=0.3,b=0.7", checked against the policy's
// specs and the domains. Throws UsageError that names every problem.
ParameterValues parseParameters(const PolicyInfo &policy, const std::vector<std::string> &words,
                                const std::vector<std::string> &domains);

} // namespace krater::cli
