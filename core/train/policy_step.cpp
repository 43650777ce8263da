// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/policy_step.h"

#include "core/base/error.h"

#include <algorithm>
#include <cmath>

namespace krater {

namespace {

template<typename Values>
bool allFinite(const Values &values)
{
    return std::ranges::all_of(values, [](auto value) { return std::isfinite(value); });
}

TrainStepResult stepOnWeightedLoss(const PolicyStep &step, const Batch &batch, double learningRate)
{
    const std::vector<float> losses = step.model.tokenLosses(batch);
    const std::vector<float> reference = step.reference->tokenLosses(batch);
    if (!allFinite(reference))
        throw Error("The reference model's loss is not a number.", "Take the reference model from a run that has not diverged.");
    if (!allFinite(losses))
        return step.model.trainStep(batch, learningRate); // finds the same, and leaves the weights alone
    const std::vector<double> weights = step.policy.weighSequences({.step = step.step,
                                                                    .context = batch.context,
                                                                    .domains = batch.domains,
                                                                    .losses = losses,
                                                                    .referenceLosses = reference,
                                                                    .samplingShares = step.mixture.weights()});
    return step.model.trainStep(batch, learningRate, weights);
}

TrainStepResult stepOnWeightedGradients(const PolicyStep &step, const Batch &batch, double learningRate)
{
    const std::size_t numDomains = step.mixture.numDomains();
    const DomainGradients gradients = step.model.domainGradients(batch, numDomains, step.policy.gradientClip());
    if (!allFinite(gradients.norms) || !allFinite(gradients.sequenceLosses))
        return {gradients.sequenceLosses, *std::ranges::max_element(gradients.norms)};
    std::vector<double> weights =
        step.policy.weighGradients({.step = step.step, .learningRate = learningRate, .products = gradients.dotProducts});
    for (std::size_t k = 0; k < numDomains; ++k) // a gradient of an earlier batch explains, it does not train
        if (std::ranges::find(batch.domains, static_cast<std::uint32_t>(k)) == batch.domains.end())
            weights[k] = 0.0;
    return step.model.applyDomainGradients(weights, learningRate);
}

} // namespace

TrainStepResult trainStep(const PolicyStep &step, const Batch &batch, double learningRate)
{
    switch (step.needs) {
    case PolicyNeeds::ReferenceLosses:
        return stepOnWeightedLoss(step, batch, learningRate);
    case PolicyNeeds::DomainGradients:
        return stepOnWeightedGradients(step, batch, learningRate);
    case PolicyNeeds::Losses:
        break;
    }
    return step.model.trainStep(batch, learningRate);
}

} // namespace krater
