// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/nn/batch_checks.h"

#include "core/base/error.h"
#include "core/nn/parameter_layout.h"

#include <fmt/format.h>

#include <algorithm>

namespace krater {
namespace {

void requireKnown(const char *what, std::span<const TokenId> tokens, const ParameterLayout &layout)
{
    const TokenId largest = *std::max_element(tokens.begin(), tokens.end());
    if (largest >= layout.vocabulary())
        throw Error(fmt::format("{} holds the token {}, but the model's vocabulary has {}.", what, largest,
                                layout.vocabulary()),
                    "The corpus was made with another tokenizer than the model; scan it again.");
}

} // namespace

void requireBatch(const Batch &batch, const ParameterLayout &layout)
{
    const auto context = static_cast<std::size_t>(layout.model().context);
    if (batch.numSequences == 0 || batch.context == 0 || batch.context > context)
        throw Error(fmt::format("A batch of {} sequences of {} tokens does not fit a model with a context of {}.",
                                batch.numSequences, batch.context, context));
    if (batch.tokens.size() != batch.numSequences * (batch.context + 1))
        throw Error(fmt::format("A batch of {} sequences of {} tokens has {} tokens in all.", batch.numSequences,
                                batch.context + 1, batch.tokens.size()));
    requireKnown("A batch", batch.tokens, layout);
}

void requireWeights(std::span<const double> sequenceWeights, const Batch &batch)
{
    if (!sequenceWeights.empty() && sequenceWeights.size() != batch.numSequences)
        throw Error(fmt::format("A batch of {} sequences has {} weights.", batch.numSequences, sequenceWeights.size()));
}

void requireDomains(const Batch &batch, std::size_t numDomains)
{
    if (batch.domains.size() != batch.numSequences)
        throw Error(
            fmt::format("A batch of {} sequences has the domains of {}.", batch.numSequences, batch.domains.size()));
    const std::uint32_t last = *std::max_element(batch.domains.begin(), batch.domains.end());
    if (last >= numDomains)
        throw Error(fmt::format("A batch holds a sequence of domain {}, but there are {} domains.", last, numDomains));
}

void requireTokens(std::span<const TokenId> tokens, const ParameterLayout &layout)
{
    const auto context = static_cast<std::size_t>(layout.model().context);
    if (tokens.empty() || tokens.size() > context)
        throw Error(fmt::format("{} tokens do not fit a model with a context of {}.", tokens.size(), context));
    requireKnown("A text", tokens, layout);
}

} // namespace krater
