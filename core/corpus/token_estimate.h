// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/corpus/corpus_scan.h"
#include "core/corpus/document_stream.h"

#include <string>
#include <vector>

namespace krater {

// How many tokens a scanned corpus has: bytes are counted; for SentencePiece with a given model a beginning of each domain is
// tokenised; for one that is yet to be trained there is a rule of thumb.
class TokenEstimate {
public:
    explicit TokenEstimate(const Experiment &experiment);

    void add(const StreamedDocument &document);
    void apply(CorpusReport &report) const;

private:
    const Experiment &m_experiment;
    std::vector<std::string> m_samples; // of each domain; only with a given model
};

} // namespace krater
