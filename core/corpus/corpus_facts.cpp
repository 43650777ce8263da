// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/corpus/corpus_facts.h"

namespace krater {

CorpusFacts factsOf(const TokenizedCorpus &corpus)
{
    CorpusFacts facts;
    facts.hash = corpus.hash();
    for (std::size_t k = 0; k < corpus.numDomains(); ++k) {
        const DomainTokens domain = corpus.domain(k);
        facts.domainTokens.push_back(static_cast<double>(domain.training.size()));
        facts.bytesPerToken.push_back(domain.heldOut.empty() ? 0.0 : static_cast<double>(domain.heldOutBytes) / static_cast<double>(domain.heldOut.size()));
    }
    return facts;
}

} // namespace krater
