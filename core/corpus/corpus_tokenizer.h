// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/corpus/document_stream.h"
#include "core/corpus/tokenizer.h"

#include <memory>
#include <string>

namespace krater {

// The tokenizer that an experiment asks for: bytes, a given SentencePiece model, or one trained on the training text of its
// domains and kept in the cache folder: tokenizers/<key>-<hash of the model>.model, or <key>-partial-<hash>.model if not all of the
// text could be read.
class CorpusTokenizer {
public:
    CorpusTokenizer(const Experiment &experiment, const std::filesystem::path &cacheFolder, std::string key);

    // Takes the model with `fingerprint` out of the cache, or if that is empty any for the whole text; trains one if there is none
    // or it is damaged, which becomes an issue. Null when stopped; throws Error.
    std::unique_ptr<Tokenizer> make(DocumentStream &stream, const std::string &fingerprint, Issues &issues) const;

private:
    std::unique_ptr<Tokenizer> findCached(const std::string &fingerprint, Issues &issues) const;
    std::unique_ptr<Tokenizer> train(DocumentStream &stream) const;

    const Experiment &m_experiment;
    std::filesystem::path m_folder; // of models, in the cache
    std::string m_key;
};

} // namespace krater
