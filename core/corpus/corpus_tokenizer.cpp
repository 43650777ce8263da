// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/corpus/corpus_tokenizer.h"

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/corpus/path_glob.h"
#include "core/corpus/token_cache.h"
#include "core/corpus/tokenizer_training.h"

namespace krater {

namespace {

constexpr std::size_t kSampleBytes = 4 << 20; // enough for 65,536 pieces, some seconds of training
constexpr std::uint64_t kMaxModelsBytes = 256 << 20;

} // namespace

CorpusTokenizer::CorpusTokenizer(const Experiment &experiment, const std::filesystem::path &cacheFolder,
                                 const std::string &key)
    : m_experiment(experiment)
    , m_model(cacheFolder / "tokenizers" / (key + ".model"))
{
}

std::unique_ptr<Tokenizer> CorpusTokenizer::make(DocumentStream &stream, const std::string &fingerprint) const
{
    const TokenizerConfig &config = m_experiment.tokenizer;
    if (config.kind == TokenizerConfig::Kind::Bytes)
        return makeByteTokenizer();
    if (!config.model.empty())
        return loadSentencePiece(resolvePath(config.model, m_experiment.folder));
    std::error_code failure;
    if (std::filesystem::exists(m_model, failure)) {
        try {
            std::unique_ptr<Tokenizer> cached = loadSentencePiece(m_model);
            if (fingerprint.empty() || cached->fingerprint() == fingerprint)
                return cached;
        } catch (const Error &) {
            // A damaged cache is made again.
        }
    }
    return train(stream);
}

std::unique_ptr<Tokenizer> CorpusTokenizer::train(DocumentStream &stream) const
{
    if (!stream.findLeaks())
        return nullptr;
    LineSample sample(kSampleBytes);
    stream.beginPhase(CorpusProgress::Phase::TrainingTokenizer);
    for (std::size_t i = 0; i < stream.numDomains(); ++i) {
        const bool isWhole = stream.read(i, [&](const StreamedDocument &document) {
            if (document.kept && !document.heldOut)
                sample.add(document.text, document.hash);
            return true;
        });
        if (!isWhole)
            return nullptr;
    }
    writeFileAtomically(m_model, trainSentencePiece(sample.take(), m_experiment.tokenizer.vocabulary));
    trimCacheFolder(m_model.parent_path(), m_model, kMaxModelsBytes);
    return stream.stopRequested() ? nullptr : loadSentencePiece(m_model);
}

} // namespace krater
