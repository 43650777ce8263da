// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/learning_rate_schedule.h"

#include <cmath>
#include <numbers>

namespace krater {

double learningRateAt(const TrainingConfig &training, std::uint64_t step, std::uint64_t numSteps)
{
    const double warmupSteps = std::round(training.warmup * static_cast<double>(numSteps));
    const double at = static_cast<double>(step);
    if (at <= warmupSteps)
        return training.learningRate * at / warmupSteps;
    const double progress = (at - warmupSteps) / (static_cast<double>(numSteps) - warmupSteps); // (0, 1]
    double height = 1.0; // of the way from the final rate to the peak
    switch (training.schedule) {
    case TrainingConfig::Schedule::Constant: return training.learningRate;
    case TrainingConfig::Schedule::Linear: height = 1.0 - progress; break;
    case TrainingConfig::Schedule::Cosine: height = 0.5 * (1.0 + std::cos(std::numbers::pi * progress)); break;
    }
    return training.learningRate * (training.minLearningRate + (1.0 - training.minLearningRate) * height);
}

} // namespace krater
