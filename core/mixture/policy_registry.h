// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/issue.h"
#include "core/mixture/mixture_policy.h"

#include <span>
#include <string_view>

namespace krater {

// Every policy that Krater knows, in the order shown to people. An explicit table (a static library would drop self-registering objects).
std::span<const PolicyInfo> policies();
const PolicyInfo *findPolicy(std::string_view name); // nullptr if unknown

// Checks names, kinds and ranges against the specs; `domains` are the names that weights may use. Issues carry no file position.
Issues validateParameters(const PolicyInfo &info, const ParameterValues &values, const std::vector<std::string> &domains);

// The same for one value, so that a reader can say where it stands.
Issues validateParameter(const PolicyInfo &info, const std::string &name, const ParameterValue &value, const std::vector<std::string> &domains);

// Whether a run with these parameters cannot do without a reference model.
bool needsReference(const PolicyInfo &info, const ParameterValues &values);

// With the defaults of those that are not given.
ParameterValues completedParameters(const PolicyInfo &info, ParameterValues values);

// Parameters completed with defaults. Throws Error if they are invalid or the policy is unknown.
std::unique_ptr<MixturePolicy> createPolicy(std::string_view name, const PolicyContext &context, const ParameterValues &values);

// The nearest known spelling within an edit distance of a third of the length, empty if none: for "did you mean".
std::string nearestName(std::string_view name, std::span<const std::string> known);

} // namespace krater
