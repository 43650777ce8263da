// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/rng.h"
#include "core/train/language_model.h"

#include <numeric>

namespace krater::test {

// A model that trains in milliseconds, large enough for two threads to have work.
inline LanguageModelSpec smallSpec()
{
    LanguageModelSpec spec;
    spec.model = {.layers = 2, .width = 32, .heads = 4, .context = 24};
    spec.training.device = "cpu";
    spec.training.threads = 2;
    spec.vocabulary = 61;
    spec.seed = 3;
    return spec;
}

// Sequences in which each token follows from the one before, from random starts: something to learn.
inline Batch countingBatch(const LanguageModelSpec &spec, std::size_t numSequences, Rng &rng)
{
    Batch batch;
    batch.numSequences = numSequences;
    batch.context = static_cast<std::size_t>(spec.model.context);
    batch.domains.assign(numSequences, 0);
    const auto vocabulary = static_cast<std::uint64_t>(spec.vocabulary);
    for (std::size_t i = 0; i < numSequences; ++i) {
        const std::uint64_t start = rng.below(vocabulary);
        for (std::size_t t = 0; t <= batch.context; ++t)
            batch.tokens.push_back(static_cast<TokenId>((start + 7 * t) % vocabulary));
    }
    return batch;
}

inline double mean(const std::vector<double> &values)
{
    return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

inline const NamedTensor *find(const std::vector<NamedTensor> &tensors, std::string_view name)
{
    for (const NamedTensor &tensor : tensors)
        if (tensor.name == name)
            return &tensor;
    return nullptr;
}

} // namespace krater::test
