// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/issue.h"
#include "core/config/experiment.h"

#include <functional>
#include <stop_token>

namespace krater {

// Where a long piece of work on the corpus is. Called from the working thread, at most about 20 times a second.
struct CorpusProgress {
    enum class Phase { Listing, Scanning, TrainingTokenizer, Tokenising };

    Phase phase = Phase::Listing;
    std::string domain;           // the one being worked on
    std::uint64_t bytesDone = 0;  // of source files, over all domains
    std::uint64_t bytesTotal = 0; // 0 while listing
    std::uint64_t documents = 0;  // kept so far, over all domains
};
using CorpusProgressSink = std::function<void(const CorpusProgress &)>;

struct DomainReport {
    std::string name;
    std::uint64_t files = 0;
    std::uint64_t documents = 0; // kept
    std::uint64_t bytes = 0;     // of the kept text
    std::uint64_t heldOutDocuments = 0;
    std::uint64_t heldOutBytes = 0;
    std::uint64_t rejected = 0; // read but not kept: by the filter, by max_bytes, as a leak or as unreadable; a cap ends the reading
    std::uint64_t duplicates = 0;        // kept documents whose text was already there in this domain
    std::uint64_t heldOutDuplicates = 0; // of the rejected: left out of training because another domain holds the same text out
    double tokens = 0;                   // training tokens; an estimate unless exact
    double heldOutTokens = 0;
    bool exact = false;                         // counted by tokenising rather than estimated
    std::vector<std::uint64_t> lengthHistogram; // documents by bytes: bucket b holds lengths in [2^b, 2^(b+1))
    std::string firstRejection;                 // why the first of the rejected was not kept
};

struct CorpusReport {
    std::vector<DomainReport> domains;
    // shared[i][j]: documents of domain i whose text also stands in domain j (i != j), by hash of the text.
    std::vector<std::vector<std::uint64_t>> shared;
    Issues issues; // sources that match nothing, unreadable files, invalid UTF-8, domains too small, overlap
};

// Reads every document once: counts, filters, splits, finds duplicates; tokens are exact for bytes and estimated for SentencePiece.
// One bad file does not end a scan. Returns what it has when stopped (the caller knows: it asked). Runs on the calling thread.
CorpusReport scanCorpus(const Experiment &experiment, std::stop_token stop = {},
                        const CorpusProgressSink &progress = {});

// Documents of one domain for a preview, read on demand.
struct PreviewDocument {
    std::string file;
    std::uint64_t index = 0;  // within the file
    std::string text;         // at most 64 KiB, cut at a character
    std::uint64_t length = 0; // bytes of the whole text
    bool kept = true;
    std::string reason; // why it was thrown away
    bool heldOut = false;
};
// `skip` documents are passed over (kept and rejected alike), then up to `count` returned; fewer at the end of the domain.
std::vector<PreviewDocument> previewDocuments(const Experiment &experiment, std::size_t domain, std::uint64_t skip,
                                              std::size_t count, std::stop_token stop = {});

} // namespace krater
