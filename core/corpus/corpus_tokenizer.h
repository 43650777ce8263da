// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/corpus/document_stream.h"
#include "core/corpus/tokenizer.h"

#include <memory>
#include <string>

namespace krater {

// The tokenizer that an experiment asks for: bytes, a given SentencePiece model, or one trained on the training text of its
// domains and kept in the cache folder (tokenizers/<key>.model).
class CorpusTokenizer {
public:
    CorpusTokenizer(const Experiment &experiment, const std::filesystem::path &cacheFolder, const std::string &key);

    // Trains if there is no model in the cache, it cannot be read, or it is not the one with `fingerprint` (if that is not empty).
    // Null when stopped; throws Error.
    std::unique_ptr<Tokenizer> make(DocumentStream &stream, const std::string &fingerprint) const;

private:
    std::unique_ptr<Tokenizer> train(DocumentStream &stream) const;

    const Experiment &m_experiment;
    std::filesystem::path m_model; // in the cache
};

} // namespace krater
