// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/corpus/token_estimate.h"

#include "core/base/error.h"
#include "core/corpus/path_glob.h"
#include "core/corpus/tokenizer.h"
#include "core/corpus/utf8.h"

#include <algorithm>
#include <cmath>

namespace krater {

namespace {

constexpr std::size_t kSampleBytes = 256 << 10; // of each domain

// Measured with models trained on the quick start: 2.2 (Chinese) to 2.9 (code) with 4,096 pieces, 2.9 to 3.5 with 32,768.
double usualBytesPerToken(int vocabulary)
{
    return std::max(1.0, 2.7 + 0.2 * (std::log2(std::max(vocabulary, 2)) - 12));
}

} // namespace

TokenEstimate::TokenEstimate(const Experiment &experiment) : m_experiment(experiment)
{
    if (experiment.tokenizer.kind == TokenizerConfig::Kind::SentencePiece && !experiment.tokenizer.model.empty())
        m_samples.resize(experiment.domains.size());
}

void TokenEstimate::add(const StreamedDocument &document)
{
    if (m_samples.empty() || !document.kept)
        return;
    std::string &sample = m_samples[document.domain];
    if (sample.size() < kSampleBytes)
        sample += headOf(document.text, kSampleBytes - sample.size());
}

void TokenEstimate::apply(CorpusReport &report) const
{
    std::unique_ptr<Tokenizer> tokenizer;
    if (!m_samples.empty()) {
        const auto model = resolvePath(m_experiment.tokenizer.model, m_experiment.folder);
        try {
            tokenizer = loadSentencePiece(model);
        } catch (const Error &error) {
            report.issues.push_back(
                domainIssue(Issue::Severity::Error, {}, model.string(), error.what(), error.advice()));
        }
    }
    const bool isExact = m_experiment.tokenizer.kind == TokenizerConfig::Kind::Bytes;
    for (std::size_t i = 0; i < report.domains.size(); ++i) {
        DomainReport &domain = report.domains[i];
        domain.exact = isExact;
        if (isExact)
            continue;
        double bytesPerToken = usualBytesPerToken(m_experiment.tokenizer.vocabulary);
        if (tokenizer && !m_samples[i].empty()) {
            std::vector<TokenId> tokens;
            tokenizer->encode(m_samples[i], tokens);
            bytesPerToken =
                static_cast<double>(m_samples[i].size()) / static_cast<double>(std::max<std::size_t>(tokens.size(), 1));
        }
        // Each document has an end besides its text.
        const auto estimate = [bytesPerToken](std::uint64_t bytes, std::uint64_t documents) {
            return std::round(static_cast<double>(bytes) / bytesPerToken) + static_cast<double>(documents);
        };
        domain.tokens = estimate(domain.bytes - domain.heldOutBytes, domain.documents - domain.heldOutDocuments);
        domain.heldOutTokens = estimate(domain.heldOutBytes, domain.heldOutDocuments);
    }
}

} // namespace krater
