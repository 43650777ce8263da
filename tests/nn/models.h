// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/base/rng.h"
#include "core/train/language_model.h"

#include <QString>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
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

inline double largestDifference(const std::vector<double> &a, const std::vector<double> &b)
{
    double largest = a.size() == b.size() ? 0 : std::numeric_limits<double>::infinity();
    for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i)
        largest = std::max(largest, std::abs(a[i] - b[i]));
    return largest;
}

inline std::vector<float> floatsOf(const NamedTensor &tensor)
{
    std::vector<float> values(tensor.bytes.size() / sizeof(float));
    std::memcpy(values.data(), tensor.bytes.data(), tensor.bytes.size());
    return values;
}

inline void setFloats(NamedTensor &tensor, const std::vector<float> &values)
{
    std::memcpy(tensor.bytes.data(), values.data(), tensor.bytes.size());
}

inline bool sameBytes(const std::vector<NamedTensor> &a, const std::vector<NamedTensor> &b)
{
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const NamedTensor &x, const NamedTensor &y) {
        return x.name == y.name && x.type == y.type && x.shape == y.shape && x.bytes == y.bytes;
    });
}

// The message and the advice of the Error that `action` throws.
template<typename Action>
inline QString errorOf(const Action &action)
{
    try {
        action();
    } catch (const Error &error) {
        return QString::fromStdString(std::string(error.what()) + " | " + error.advice());
    }
    return {};
}

} // namespace krater::test
