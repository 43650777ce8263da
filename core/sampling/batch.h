// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/corpus/tokenizer.h"

#include <cstdint>
#include <span>
#include <vector>

namespace krater {

// B sequences of T + 1 tokens each: inputs are the first T of a row, targets the last T. The language model copies what it needs.
struct Batch {
    std::size_t numSequences = 0; // B
    std::size_t context = 0;      // T
    std::vector<TokenId> tokens;  // [B, T + 1], row-major
    std::vector<std::uint32_t> domains; // [B], the domain of each sequence

    std::span<const TokenId> sequence(std::size_t row) const {
        return std::span(tokens).subspan(row * (context + 1), context + 1);
    }
};

} // namespace krater
