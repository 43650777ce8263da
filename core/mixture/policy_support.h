// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/mixture/mixture_policy.h"

#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace krater {

// What several policies need. Pure functions, any thread.

// The loss, reward or target of a domain that has none yet.
inline constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

// Throws Error if the input does not fit the context, or names the first domain whose loss is NaN or infinite.
void checkInput(const PolicyContext &context, const PolicyInput &input);

// The mixture that a parameter of kind Mixture or Weights stands for, or a point of a schedule.
Mixture mixtureOf(const MixturePoint &point, const PolicyContext &context);
Mixture mixtureOf(const ParameterValues &values, const ParamSpec &spec, const PolicyContext &context);

// K numbers of a parameter of kind Numbers; NaN where it holds none.
std::vector<double> numbersOf(const ParameterValues &values, const ParamSpec &spec, const PolicyContext &context);

// [K, K], row: the domain that is trained on. A graph without an entry from a domain to itself has 1 there, without another one 0.
std::vector<std::vector<double>> graphOf(const ParameterValues &values, const ParamSpec &spec, const PolicyContext &context);

std::uint64_t stepsOf(const ParameterValues &values, const ParamSpec &spec);
PolicyInput::Signal signalOf(const ParameterValues &values, const ParamSpec &spec);

// Losses as K numbers where every domain has one: an absent domain keeps its value in `last`, and without one gets the mean of those that
// have one. `last` then holds what is known: NaN for domains that were never measured. Nothing if no domain was ever measured.
std::optional<std::vector<double>> knownLosses(const PolicyInput &input, std::vector<double> &last);
// NaN is replaced by the mean of the others, which must not all be NaN. Values up to 1e308 do not overflow.
std::vector<double> withMeanForUnknown(std::vector<double> values);

// Logits without infinities, so that a sum of them is a number: what is beyond 1e300 is cut off there. -inf (a weight of 0) stays.
void boundLogits(std::vector<double> &logits);

// Specs, as a policy lists them. A floor holds for K domains at once, so its maximum is 1/K.
ParamSpec numberParam(std::string name, std::string label, double value, double min, double max, std::string unit, std::string help);
ParamSpec integerParam(std::string name, std::string label, double value, double min, double max, std::string unit, std::string help);
ParamSpec choiceParam(std::string name, std::string label, std::vector<std::string> choices, std::string help); // default: the first
ParamSpec mixtureParam(std::string name, std::string label, std::string help);                                  // default: uniform
ParamSpec weightsParam(std::string name, std::string label, std::string help);
ParamSpec floorParam(std::string help);
ParamSpec withZero(ParamSpec spec, std::string meaning); // what 0 stands for
ParamSpec numbersParam(std::string name, std::string label, double min, double max, std::string unit, std::string help); // default: none
ParamSpec graphParam(std::string name, std::string label, double min, double max, std::string help);                     // default: identity
ParamSpec scheduleParam(std::string name, std::string label, Schedule points, std::string help);
ParamSpec signalParam(std::string help); // training | held_out

// The spec of that name; it must be there (a policy looks up its own).
const ParamSpec &specOf(const PolicyInfo &info, std::string_view name);

} // namespace krater
