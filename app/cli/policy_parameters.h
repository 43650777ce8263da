// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/mixture/policy_registry.h"

namespace krater::cli {

// The policy of that name. Throws UsageError with the nearest one.
const PolicyInfo &policyNamed(const std::string &name);

// Overrides of an experiment file from words that may leave out "mixture.": "temperature=2", "prior=a=0.3,b=0.7". Throws UsageError for
// what stands in [mixture] but is no parameter of the policy.
std::vector<std::string> policyOverrides(const std::string &policy, const std::vector<std::string> &words);

} // namespace krater::cli
