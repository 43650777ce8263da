// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/corpus/corpus_scan.h"
#include "core/corpus/document_stream.h"

#include <unordered_set>
#include <vector>

namespace krater {

// Counts what a DocumentStream hands out, domain by domain, into a CorpusReport. Keeps 8 bytes for every kept document, which
// tell duplicates apart (a false one is to be expected once in billions of documents).
class CorpusCounter {
public:
    explicit CorpusCounter(const Experiment &experiment);

    void add(const StreamedDocument &document);
    // Tokens are those of the byte tokenizer. Takes the stream's issues along. Call once.
    CorpusReport finish(DocumentStream &stream);

private:
    void countDuplicates(CorpusReport &report);
    void reportOverlaps(CorpusReport &report) const;

    CorpusReport m_report;
    std::vector<std::vector<std::uint64_t>> m_texts; // of each domain: hashes of its kept documents
    std::vector<std::unordered_set<std::uint64_t>>
        m_places; // of each domain: kept documents of files that other domains have too
};

// Domains with too little training or held-out text for a sequence of the model (context + 1 tokens): errors if the tokens are
// exact, else warnings. Domains that have an error already get no second one.
Issues findSmallDomains(const CorpusReport &report, const Experiment &experiment);

} // namespace krater
