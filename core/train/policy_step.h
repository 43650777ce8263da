// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/mixture/mixture_policy.h"
#include "core/train/language_model.h"

namespace krater {

// Who takes part in a step: the model that is trained, the reference model (null where there is none) and the policy that may weigh the loss.
struct PolicyStep {
    LanguageModel &model;
    LanguageModel *reference;
    MixturePolicy &policy;
    PolicyNeeds needs;
    const Mixture &mixture; // the batch was drawn by
    std::uint64_t step;     // from 1
};

// One optimiser step on the batch, its loss weighted as the policy wants. A loss that is not finite is in the result, and neither weights nor policy
// have moved. Throws Error, also for a reference model whose losses are no numbers.
TrainStepResult trainStep(const PolicyStep &step, const Batch &batch, double learningRate);

} // namespace krater
