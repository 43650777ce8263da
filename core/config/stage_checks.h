// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/config/experiment_checks.h"

namespace krater {

// What can be judged about the stages of a plan without running one: what they take from each other, and each as the run that it will be.
std::vector<Finding> checkStages(const Experiment &plan);

} // namespace krater
