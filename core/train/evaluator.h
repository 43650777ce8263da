// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/corpus/tokenized_corpus.h"
#include "core/train/domain_losses.h"
#include "core/train/language_model.h"

#include <functional>
#include <optional>

namespace krater {

// Measures the held-out loss of every domain on fixed windows: evenly spaced over its held-out tokens, as many as evalTokens asks for and there
// are, the same at every evaluation and in every run of the same corpus. A domain without a whole window has no loss. The trainer's thread;
// the corpus must outlive it.
class Evaluator {
public:
    Evaluator(const TokenizedCorpus &corpus, std::size_t context, std::uint64_t evalTokens, std::size_t sequencesPerBatch);

    // goOn is asked between batches; nothing comes back when it says no.
    std::optional<DomainLosses> evaluate(LanguageModel &model, const std::function<bool()> &goOn) const;
    std::size_t numWindows() const { return m_windows.size(); }

private:
    struct Window {
        std::uint32_t domain = 0;
        std::span<const TokenId> tokens; // [context + 1]
    };

    std::size_t m_numDomains;
    std::size_t m_context;
    std::size_t m_sequencesPerBatch;
    std::vector<Window> m_windows;
};

} // namespace krater
