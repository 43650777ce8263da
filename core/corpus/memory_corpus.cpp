// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/base/hash.h"
#include "core/corpus/tokenized_corpus.h"

#include <fmt/format.h>

#include <algorithm>

namespace krater {

namespace {

using Tokens = std::vector<std::vector<TokenId>>;

class MemoryCorpus : public TokenizedCorpus {
public:
    MemoryCorpus(Tokens training, Tokens heldOut)
        : m_training(std::move(training))
        , m_heldOut(std::move(heldOut))
        , m_tokenizer(makeByteTokenizer())
    {
        if (m_training.size() != m_heldOut.size())
            throw Error(fmt::format("{} domains have training tokens and {} have held-out ones", m_training.size(),
                                    m_heldOut.size()));
        Hasher hasher;
        for (std::size_t i = 0; i < m_training.size(); ++i) {
            DomainReport &domain = m_report.domains.emplace_back();
            domain.name = fmt::format("domain {}", i + 1);
            domain.heldOutDocuments = numDocuments(m_heldOut[i]);
            domain.documents = numDocuments(m_training[i]) + domain.heldOutDocuments;
            domain.heldOutBytes = m_heldOut[i].size() - domain.heldOutDocuments;
            domain.bytes = m_training[i].size() + m_heldOut[i].size() - domain.documents;
            domain.tokens = static_cast<double>(m_training[i].size());
            domain.heldOutTokens = static_cast<double>(m_heldOut[i].size());
            domain.exact = true;
            addTo(hasher, m_training[i]);
            addTo(hasher, m_heldOut[i]);
        }
        m_report.shared.assign(m_training.size(), std::vector<std::uint64_t>(m_training.size(), 0));
        m_hash = hasher.digest().hex();
    }

    std::size_t numDomains() const override { return m_training.size(); }
    DomainTokens domain(std::size_t index) const override
    {
        const DomainReport &report = m_report.domains.at(index);
        return {m_training[index], m_heldOut[index], report.bytes - report.heldOutBytes, report.heldOutBytes};
    }
    const Tokenizer &tokenizer() const override { return *m_tokenizer; }
    const CorpusReport &report() const override { return m_report; }
    std::string hash() const override { return m_hash; }

private:
    std::uint64_t numDocuments(const std::vector<TokenId> &tokens) const
    {
        return static_cast<std::uint64_t>(std::ranges::count(tokens, m_tokenizer->endOfDocument()));
    }

    static void addTo(Hasher &hasher, const std::vector<TokenId> &tokens)
    {
        hasher.add(std::string_view(reinterpret_cast<const char *>(tokens.data()), tokens.size() * sizeof(TokenId)));
    }

    Tokens m_training;
    Tokens m_heldOut;
    std::unique_ptr<Tokenizer> m_tokenizer;
    CorpusReport m_report;
    std::string m_hash;
};

} // namespace

std::shared_ptr<const TokenizedCorpus> makeTokenizedCorpus(Tokens training, Tokens heldOut)
{
    return std::make_shared<const MemoryCorpus>(std::move(training), std::move(heldOut));
}

} // namespace krater
