// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/hash.h"
#include "core/config/experiment.h"
#include "core/corpus/corpus_reader.h"
#include "core/corpus/document_filter.h"
#include "core/corpus/issue_log.h"
#include "core/corpus/progress_meter.h"
#include "core/corpus/source_listing.h"

#include <optional>
#include <set>
#include <stop_token>
#include <unordered_set>
#include <utility>

namespace krater {

// A file by the numbers of its domain and, within that, in the listing.
using SourcePlace = std::pair<std::size_t, std::size_t>;

// A document on its way through a domain. Valid during the call only.
struct StreamedDocument {
    std::size_t domain = 0;
    const SourceFile *file = nullptr;
    std::uint64_t index = 0; // within the file
    std::string_view text;
    Hash128 hash; // of the text; of kept documents and leaks only
    bool kept = false;
    bool heldOut = false;
    bool leak = false;       // left out of training because another domain holds the same text out
    std::string_view reason; // why it is not kept
};

// Where a text stands in [0, 1) for the held-out split: it is held out if that is below its domain's fraction. It depends on the
// text and the split seed alone, so other files, other domains and the order of reading do not move it.
double splitPosition(const Hash128 &text, std::uint64_t splitSeed);

// Every document of an experiment's domains, decoded, repaired, filtered, capped and split: the one way in which the scan, the
// preview, the training of a tokenizer and the tokenising read a corpus, so that they always agree. One thread.
class DocumentStream {
public:
    // Return false to end the domain.
    using Sink = std::function<bool(const StreamedDocument &)>;

    DocumentStream(const Experiment &experiment, std::stop_token stop, ProgressMeter &progress);

    void list(); // every domain's files; first
    // Where domains hold out different fractions, the same text may be held out in one and not in another. Reads those that hold
    // out more, so that their held-out texts are kept from the training text of the others. Second; false when stopped.
    bool findLeaks();
    // Instead of both, where one domain only is to be read.
    bool listForPreview(std::size_t domain);
    // All documents of a domain in order, kept or not. False when stopped.
    bool read(std::size_t domain, const Sink &sink);

    std::size_t numDomains() const { return m_domains.size(); }
    const std::vector<SourceFile> &files(std::size_t domain) const { return m_files[domain]; }
    std::uint64_t numFilesRead(std::size_t domain) const { return m_domains[domain].numFilesRead; }
    // Files that could not be read in any phase so far though nothing is known to be wrong with them: they may be readable later.
    const std::set<SourcePlace> &unread() const { return m_unread; }
    std::uint64_t totalBytes() const;             // of all files as they lie on disk
    void beginPhase(CorpusProgress::Phase phase); // before the domains are read from the first to the last
    Issues takeIssues() { return m_issues.take(); }
    bool stopRequested() const { return m_stop.stop_requested(); }
    const std::stop_token &stopToken() const { return m_stop; }

private:
    struct Domain {
        bool usable = false; // its configuration is in order
        ReaderOptions options;
        std::optional<DocumentFilter> filter;
        std::uint64_t numFilesRead = 0;
    };

    void prepare(std::size_t domain);
    bool findLeaks(double minFraction);

    const Experiment &m_experiment;
    std::stop_token m_stop;
    ProgressMeter &m_progress;
    IssueLog m_issues;
    bool m_logsIssues = true;
    std::vector<Domain> m_domains;
    std::vector<std::vector<SourceFile>> m_files;
    double m_maxFraction = 0;
    bool m_leaksAreKnown = false;
    std::unordered_set<std::uint64_t> m_heldOutElsewhere; // low halves of hashes
    std::uint64_t m_bytesDone = 0;
    std::uint64_t m_documents = 0;
    std::set<SourcePlace> m_unread;
};

} // namespace krater
