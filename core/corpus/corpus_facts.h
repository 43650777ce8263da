// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/corpus/tokenized_corpus.h"

#include <string>
#include <vector>

namespace krater {

// What a run keeps of its corpus. Plain value.
struct CorpusFacts {
    std::string hash;                  // of all tokens and domain bounds
    std::vector<double> domainTokens;  // K, for training
    std::vector<double> bytesPerToken; // K, of the held-out text: nats/token / (this x ln 2) are bits per byte; 0 where that is not known
};

CorpusFacts factsOf(const TokenizedCorpus &corpus);

} // namespace krater
