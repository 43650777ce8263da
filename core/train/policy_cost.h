// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/config/experiment.h"

#include <string>

namespace krater {

// What a policy adds to the time of a run, as a fraction of that of a static mixture: 0.67 for two thirds more. By operations counted: a forward
// pass takes a third of a step, a dot product of two gradients one operation a weight where a step takes 6 a weight and token; what each domain's gradient takes
// besides is measured on a CPU. 0 for policies that only
// look at losses, and for one that is not known.
double extraTime(const Experiment &experiment);

// "About 67 % more time than a static mixture: ..."; empty below 1 %.
std::string extraTimeInWords(const Experiment &experiment);

} // namespace krater
