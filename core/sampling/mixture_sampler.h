// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/rng.h"
#include "core/config/experiment.h"
#include "core/corpus/tokenized_corpus.h"
#include "core/mixture/mixture.h"
#include "core/sampling/batch.h"

#include <memory>

namespace krater {

// Hands out windows of context + 1 tokens of one domain: every non-overlapping window (stride context) once per epoch in shuffled order, reshuffled
// for each epoch from the domain's own random stream. State is (epoch, position): resuming repeats nothing and skips nothing.
class DomainSampler {
public:
    struct State {
        std::uint64_t epoch = 0;
        std::uint64_t position = 0; // windows handed out in this epoch

        bool operator==(const State &) const = default;
    };

    DomainSampler(std::span<const TokenId> tokens, std::size_t context, std::uint64_t seed, std::string_view domain);

    std::span<const TokenId> next(); // [context + 1]
    std::uint64_t numWindows() const;

    State state() const;
    void setState(const State &state);

private:
    void reshuffle();

    std::span<const TokenId> m_tokens;
    std::size_t m_context;
    std::uint64_t m_seed;
    std::string m_stream;
    State m_state;
    std::vector<std::uint32_t> m_order; // permutation of the windows, of m_state.epoch
};

// Draws batches by a mixture. `random`: each sequence's domain is drawn independently (multinomial). `stratified`: largest remainder, the
// error carried over to the next batch, so that counts follow the mixture to within one sequence however long the run; a domain whose
// weight becomes 0 keeps the part of a sequence that it is owed and gets it when it returns. The trainer's thread; the corpus must outlive it.
class MixtureSampler {
public:
    struct State {
        Rng::State rng{};                          // the domain draw
        std::vector<double> carry;                 // K, stratified: sequences owed
        std::vector<std::uint64_t> sequencesDrawn; // K
        std::vector<DomainSampler::State> domains; // K

        bool operator==(const State &) const = default;
    };

    MixtureSampler(const TokenizedCorpus &corpus, std::size_t context, std::size_t sequencesPerStep, MixtureConfig::Batching batching,
                   std::uint64_t seed, const std::vector<std::string> &domainNames);

    Batch next(const Mixture &mixture);

    std::vector<std::uint64_t> tokensDrawn() const; // K, sequences x context
    std::vector<double> epochs() const;             // K, tokens drawn / training tokens

    State state() const;
    void setState(const State &state); // throws Error if it does not fit the corpus

private:
    std::vector<std::uint32_t> drawAtRandom(const Mixture &mixture);
    std::vector<std::uint32_t> drawStratified(const Mixture &mixture);
    std::size_t mostOwed(const Mixture &mixture) const;

    std::size_t m_context;
    std::size_t m_sequencesPerStep;
    MixtureConfig::Batching m_batching;
    Rng m_rng;
    std::vector<double> m_carry;
    std::vector<std::uint64_t> m_sequencesDrawn;
    std::vector<double> m_trainingTokens;
    std::vector<DomainSampler> m_domains;
};

} // namespace krater
