// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/evaluator.h"

#include <algorithm>

namespace krater {

Evaluator::Evaluator(const TokenizedCorpus &corpus, std::size_t context, std::uint64_t evalTokens, std::size_t sequencesPerBatch)
    : m_numDomains(corpus.numDomains()), m_context(context), m_sequencesPerBatch(sequencesPerBatch)
{
    const std::uint64_t wanted = evalTokens / context + (evalTokens % context == 0 ? 0 : 1);
    for (std::size_t k = 0; k < m_numDomains; ++k) {
        const std::span<const TokenId> tokens = corpus.domain(k).heldOut;
        const std::uint64_t available = tokens.empty() ? 0 : (tokens.size() - 1) / context;
        const std::uint64_t taken = std::min(wanted, available);
        for (std::uint64_t i = 0; i < taken; ++i) {
            // i * available / taken, without overflow: taken <= available
            const std::uint64_t window = available / taken * i + available % taken * i / taken;
            m_windows.push_back({static_cast<std::uint32_t>(k), tokens.subspan(window * context, context + 1)});
        }
    }
}

std::optional<DomainLosses> Evaluator::evaluate(LanguageModel &model, const std::function<bool()> &goOn) const
{
    DomainLosses losses(m_numDomains);
    for (std::size_t first = 0; first < m_windows.size(); first += m_sequencesPerBatch) {
        if (first > 0 && !goOn())
            return std::nullopt;
        Batch batch;
        batch.numSequences = std::min(m_sequencesPerBatch, m_windows.size() - first);
        batch.context = m_context;
        for (std::size_t row = 0; row < batch.numSequences; ++row) {
            const Window &window = m_windows[first + row];
            batch.tokens.insert(batch.tokens.end(), window.tokens.begin(), window.tokens.end());
            batch.domains.push_back(window.domain);
        }
        losses.add(batch, model.evaluate(batch));
    }
    return losses;
}

} // namespace krater
