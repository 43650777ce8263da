// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/mixture/mixture_policy.h"

#include <string>
#include <string_view>
#include <vector>

namespace krater {

// What several policies need. Pure functions, any thread.

// Throws Error if the input does not fit the context, or names the first domain whose loss is NaN or infinite.
void checkInput(const PolicyContext &context, const PolicyInput &input);

// The mixture that a parameter of kind Mixture or Weights stands for.
Mixture mixtureOf(const ParameterValues &values, const ParamSpec &spec, const PolicyContext &context);

// Specs, as a policy lists them. A floor holds for K domains at once, so its maximum is 1/K.
ParamSpec numberParam(std::string name, std::string label, double value, double min, double max, std::string unit, std::string help);
ParamSpec integerParam(std::string name, std::string label, double value, double min, double max, std::string unit, std::string help);
ParamSpec choiceParam(std::string name, std::string label, std::vector<std::string> choices, std::string help); // default: the first
ParamSpec mixtureParam(std::string name, std::string label, std::string help);                                  // default: uniform
ParamSpec weightsParam(std::string name, std::string label, std::string help);
ParamSpec floorParam(std::string help);

// The spec of that name; it must be there (a policy looks up its own).
const ParamSpec &specOf(const PolicyInfo &info, std::string_view name);

} // namespace krater
