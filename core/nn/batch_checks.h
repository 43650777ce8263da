// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/sampling/batch.h"

namespace krater {

class ParameterLayout;

// Whether a model can work with what it is given: each throws Error if not. Any thread.
void requireBatch(const Batch &batch, const ParameterLayout &layout);
void requireWeights(std::span<const double> sequenceWeights, const Batch &batch);   // [B] or none
void requireDomains(const Batch &batch, std::size_t numDomains);                    // each sequence's is < numDomains
void requireTokens(std::span<const TokenId> tokens, const ParameterLayout &layout); // 1 to context

} // namespace krater
