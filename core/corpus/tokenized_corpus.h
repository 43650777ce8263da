// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/corpus/corpus_scan.h"
#include "core/corpus/tokenizer.h"

#include <memory>
#include <span>

namespace krater {

// The tokens of one domain: documents one after the other, each closed by the tokenizer's end-of-document token.
struct DomainTokens {
    std::span<const TokenId> training;
    std::span<const TokenId> heldOut;
    std::uint64_t trainingBytes = 0; // of text, for bits per byte
    std::uint64_t heldOutBytes = 0;
};

// All domains of an experiment as tokens, memory-mapped from the cache. Immutable; share it freely between threads.
class TokenizedCorpus {
public:
    virtual ~TokenizedCorpus() = default;

    virtual std::size_t numDomains() const = 0;
    virtual DomainTokens domain(std::size_t index) const = 0;
    virtual const Tokenizer &tokenizer() const = 0;
    virtual const CorpusReport &report() const = 0;
    virtual std::string hash() const = 0; // of all tokens and domain bounds; stored with a run
};

// Loads the experiment's corpus from `cacheFolder`, or reads and tokenises it and writes the cache. The key is made of what
// the file system says of the source files (path, size, times of modification and change, inode), not of their bytes, and of filters,
// splits, split seed and tokenizer. A corrupt cache is rebuilt, and so is one that lacks a file which can be read by now. Throws
// Error: cancelled ("cancelled" via stop), a domain with fewer training or held-out tokens than one sequence (context + 1), nothing
// readable.
std::shared_ptr<const TokenizedCorpus> openTokenizedCorpus(const Experiment &experiment,
                                                           const std::filesystem::path &cacheFolder,
                                                           std::stop_token stop = {},
                                                           const CorpusProgressSink &progress = {});

// For tests and previews: a corpus from tokens in memory.
std::shared_ptr<const TokenizedCorpus> makeTokenizedCorpus(std::vector<std::vector<TokenId>> training,
                                                           std::vector<std::vector<TokenId>> heldOut);

} // namespace krater
