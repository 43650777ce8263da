// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/config/experiment.h"

#include <algorithm>
#include <iterator>

namespace krater {

std::uint64_t Experiment::tokensPerStep() const
{
    return static_cast<std::uint64_t>(std::max(training.sequencesPerStep, 0)) * static_cast<std::uint64_t>(std::max(model.context, 0));
}

std::uint64_t Experiment::numSteps() const
{
    const std::uint64_t perStep = tokensPerStep();
    if (perStep == 0)
        return 0;
    return training.tokenBudget / perStep + (training.tokenBudget % perStep == 0 ? 0 : 1);
}

std::vector<std::string> Experiment::domainNames() const
{
    std::vector<std::string> names;
    std::ranges::transform(domains, std::back_inserter(names), &DomainConfig::name);
    return names;
}

bool Experiment::operator==(const Experiment &other) const
{
    return info == other.info && tokenizer == other.tokenizer && domains == other.domains && model == other.model && training == other.training
        && mixture == other.mixture && stages == other.stages;
}

} // namespace krater
