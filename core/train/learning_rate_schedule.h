// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/config/experiment.h"

namespace krater {

// The learning rate of a step, 1 to numSteps: it rises linearly to learningRate over the warm-up steps (a fraction of all, rounded), then
// stays (constant) or falls to minLearningRate x learningRate at the last step, in a straight line or along half a cosine
// (Loshchilov and Hutter 2017, SGDR, arXiv 1608.03983, without restarts). A pure function: resuming needs no state.
double learningRateAt(const TrainingConfig &training, std::uint64_t step, std::uint64_t numSteps);

} // namespace krater
