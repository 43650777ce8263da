// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/corpus/corpus_scan.h"

#include "core/corpus/corpus_counter.h"
#include "core/corpus/document_stream.h"
#include "core/corpus/token_estimate.h"
#include "core/corpus/utf8.h"

namespace krater {

CorpusReport scanCorpus(const Experiment &experiment, std::stop_token stop, const CorpusProgressSink &progress)
{
    ProgressMeter meter(progress);
    DocumentStream stream(experiment, stop, meter);
    CorpusCounter counter(experiment);
    TokenEstimate estimate(experiment);
    stream.list();
    if (stream.findLeaks()) {
        stream.beginPhase(CorpusProgress::Phase::Scanning);
        for (std::size_t i = 0; i < stream.numDomains() && !stop.stop_requested(); ++i) {
            stream.read(i, [&](const StreamedDocument &document) {
                counter.add(document);
                estimate.add(document);
                return true;
            });
        }
    }
    CorpusReport report = counter.finish(stream);
    estimate.apply(report);
    if (!stop.stop_requested()) {
        const Issues small = findSmallDomains(report, experiment);
        report.issues.insert(report.issues.end(), small.begin(), small.end());
    }
    return report;
}

std::vector<PreviewDocument> previewDocuments(const Experiment &experiment, std::size_t domain, std::uint64_t skip,
                                              std::size_t count, std::stop_token stop)
{
    constexpr std::size_t kMaxTextBytes = 64 << 10;
    std::vector<PreviewDocument> documents;
    if (domain >= experiment.domains.size() || count == 0)
        return documents;
    ProgressMeter meter({});
    DocumentStream stream(experiment, stop, meter);
    if (!stream.listForPreview(domain))
        return documents;
    stream.read(domain, [&](const StreamedDocument &document) {
        if (skip > 0) {
            --skip;
            return true;
        }
        documents.push_back({document.file->path.string(), document.index,
                             std::string(headOf(document.text, kMaxTextBytes)), document.text.size(), document.kept,
                             std::string(document.reason), document.heldOut});
        return documents.size() < count;
    });
    return documents;
}

} // namespace krater
