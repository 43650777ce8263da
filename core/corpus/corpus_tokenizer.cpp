// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/corpus/corpus_tokenizer.h"

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/corpus/path_glob.h"
#include "core/corpus/token_cache.h"
#include "core/corpus/tokenizer_training.h"

#include <fmt/format.h>

namespace krater {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kSampleBytes = 4 << 20; // enough for 65,536 pieces, some seconds of training
constexpr std::uint64_t kMaxModelsBytes = 256 << 20;
constexpr std::string_view kExtension = ".model";
constexpr const char *kPartial = "-partial-"; // trained while some files could not be read

std::string hashIn(const std::string &name)
{
    return name.substr(name.rfind('-') + 1);
}

} // namespace

CorpusTokenizer::CorpusTokenizer(const Experiment &experiment, const fs::path &cacheFolder, std::string key)
    : m_experiment(experiment)
    , m_folder(cacheFolder / "tokenizers")
    , m_key(std::move(key))
{
}

std::unique_ptr<Tokenizer> CorpusTokenizer::make(DocumentStream &stream, const std::string &fingerprint,
                                                 Issues &issues) const
{
    const TokenizerConfig &config = m_experiment.tokenizer;
    if (config.kind == TokenizerConfig::Kind::Bytes)
        return makeByteTokenizer();
    if (!config.model.empty())
        return loadSentencePiece(resolvePath(config.model, m_experiment.folder));
    std::unique_ptr<Tokenizer> cached = findCached(fingerprint, issues);
    return cached ? std::move(cached) : train(stream);
}

std::unique_ptr<Tokenizer> CorpusTokenizer::findCached(const std::string &fingerprint, Issues &issues) const
{
    std::error_code failure;
    for (fs::directory_iterator entry(m_folder, failure); !failure && entry != fs::directory_iterator();
         entry.increment(failure)) {
        const std::string name = entry->path().stem().string();
        const bool isPartial = name.starts_with(m_key + kPartial);
        if (entry->path().extension() != kExtension || !name.starts_with(m_key + "-")
            || (fingerprint.empty() ? isPartial : !fingerprint.ends_with(hashIn(name))))
            continue;
        std::string damage = "its checksum is wrong";
        try {
            std::unique_ptr<Tokenizer> tokenizer = loadSentencePiece(entry->path());
            if (tokenizer->fingerprint().ends_with(hashIn(name))) {
                fs::last_write_time(entry->path(), fs::file_time_type::clock::now(), failure); // for trimCacheFolder
                return tokenizer;
            }
        } catch (const Error &error) {
            damage = error.what();
        }
        issues.push_back(domainIssue(Issue::Severity::Note, {}, entry->path().string(),
                                     fmt::format("The cached tokenizer could not be used: {}", damage),
                                     "It was trained again."));
    }
    return nullptr;
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
    const std::string model = trainSentencePieceApart(programFolder() / "krater-cli", sample.take(),
                                                      m_experiment.tokenizer.vocabulary, stream.stopToken());
    if (stream.stopRequested())
        return nullptr;
    const std::string name =
        m_key + (stream.unread().empty() ? "-" : kPartial) + hash128(model).hex() + std::string(kExtension);
    try {
        writeFileAtomically(m_folder / name, model);
    } catch (const Error &error) {
        throwCacheError(m_folder, error);
    }
    trimCacheFolder(m_folder, m_folder / name, kMaxModelsBytes);
    return loadSentencePiece(m_folder / name);
}

} // namespace krater
