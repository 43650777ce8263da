// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/corpus/corpus_counter.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>

namespace krater {

namespace {

std::uint64_t placeOf(const StreamedDocument &document)
{
    return Hasher()
        .add(document.file->identity.first)
        .add(document.file->identity.second)
        .add(document.index)
        .digest()
        .low;
}

// How many of the sorted `values` also stand among the sorted `others`.
std::uint64_t countShared(const std::vector<std::uint64_t> &values, const std::vector<std::uint64_t> &others)
{
    std::uint64_t count = 0;
    auto other = others.begin();
    for (const std::uint64_t value : values) {
        other = std::lower_bound(other, others.end(), value);
        if (other == others.end())
            break;
        count += *other == value ? 1 : 0;
    }
    return count;
}

} // namespace

CorpusCounter::CorpusCounter(const Experiment &experiment)
    : m_texts(experiment.domains.size())
    , m_places(experiment.domains.size())
{
    for (const DomainConfig &domain : experiment.domains)
        m_report.domains.emplace_back().name = domain.name;
}

void CorpusCounter::add(const StreamedDocument &document)
{
    DomainReport &domain = m_report.domains[document.domain];
    if (!document.kept) {
        if (++domain.rejected == 1)
            domain.firstRejection = document.reason;
        domain.heldOutDuplicates += document.leak ? 1 : 0;
        return;
    }
    const std::uint64_t bytes = document.text.size();
    ++domain.documents;
    domain.bytes += bytes;
    if (document.heldOut) {
        ++domain.heldOutDocuments;
        domain.heldOutBytes += bytes;
    }
    const std::size_t bucket = static_cast<std::size_t>(std::bit_width(bytes)) - 1;
    if (domain.lengthHistogram.size() <= bucket)
        domain.lengthHistogram.resize(bucket + 1, 0);
    ++domain.lengthHistogram[bucket];
    m_texts[document.domain].push_back(document.hash.low);
    if (document.file->shared)
        m_places[document.domain].insert(placeOf(document));
}

CorpusReport CorpusCounter::finish(DocumentStream &stream)
{
    for (std::size_t i = 0; i < m_report.domains.size(); ++i) {
        DomainReport &domain = m_report.domains[i];
        domain.files = stream.numFilesRead(i);
        domain.tokens =
            static_cast<double>(domain.bytes - domain.heldOutBytes + domain.documents - domain.heldOutDocuments);
        domain.heldOutTokens = static_cast<double>(domain.heldOutBytes + domain.heldOutDocuments);
    }
    m_report.issues = stream.takeIssues();
    countDuplicates(m_report);
    reportOverlaps(m_report);
    return std::move(m_report);
}

void CorpusCounter::countDuplicates(CorpusReport &report)
{
    const std::size_t numDomains = report.domains.size();
    for (std::size_t i = 0; i < numDomains; ++i) {
        std::vector<std::uint64_t> &texts = m_texts[i];
        std::ranges::sort(texts);
        for (std::size_t k = 1; k < texts.size(); ++k)
            report.domains[i].duplicates += texts[k] == texts[k - 1] ? 1 : 0;
    }
    report.shared.assign(numDomains, std::vector<std::uint64_t>(numDomains, 0));
    for (std::size_t i = 0; i < numDomains; ++i) {
        for (std::size_t j = 0; j < numDomains; ++j) {
            if (i != j)
                report.shared[i][j] = countShared(m_texts[i], m_texts[j]);
        }
    }
}

void CorpusCounter::reportOverlaps(CorpusReport &report) const
{
    const auto add = [&report](Issue::Severity severity, std::size_t domain, std::string message, std::string advice) {
        report.issues.push_back(
            domainIssue(severity, report.domains[domain].name, {}, std::move(message), std::move(advice)));
    };
    for (std::size_t i = 0; i < m_places.size(); ++i) {
        if (const std::uint64_t count = report.domains[i].heldOutDuplicates; count > 0)
            add(Issue::Severity::Note, i,
                fmt::format("{} documents are left out of training because another domain holds the same text out", count),
                "The same held_out in all domains holds a text out in all of them.");
        for (std::size_t j = i + 1; j < m_places.size(); ++j) {
            const auto isInBoth = [&](std::uint64_t place) { return m_places[j].contains(place); };
            const auto common = std::ranges::count_if(m_places[i], isInBoth);
            const std::string &other = report.domains[j].name;
            if (common > 0)
                add(Issue::Severity::Warning, i,
                    fmt::format("The domain overlaps \"{}\": {} documents of the same files belong to both", other,
                                common),
                    "Narrow the sources or `where` of one, so that the domains are disjoint.");
            else if (report.shared[i][j] > 0)
                add(Issue::Severity::Note, i,
                    fmt::format("{} documents have a text that \"{}\" has too", report.shared[i][j], other), {});
        }
    }
}

Issues findSmallDomains(const CorpusReport &report, const Experiment &experiment)
{
    Issues issues;
    const double needed = experiment.model.context + 1;
    for (const DomainReport &domain : report.domains) {
        const bool hasError = std::ranges::any_of(report.issues, [&](const Issue &issue) {
            return issue.severity == Issue::Severity::Error && issue.domain == domain.name;
        });
        if (hasError)
            continue;
        const auto severity = domain.exact ? Issue::Severity::Error : Issue::Severity::Warning;
        const auto add = [&](std::string message, std::string advice) {
            issues.push_back(domainIssue(severity, domain.name, {}, std::move(message), std::move(advice)));
        };
        const std::string sequence =
            fmt::format("fewer than one sequence ({} tokens: the context and one more)", needed);
        if (domain.documents == 0) {
            issues.push_back(domainIssue(
                Issue::Severity::Error, domain.name, {},
                domain.rejected == 0
                    ? std::string("The domain has no text: its files are empty")
                    : fmt::format("The domain has no text: none of {} documents is kept; the first: {}", domain.rejected,
                                  domain.firstRejection),
                "Check its sources, format and filters."));
            continue;
        }
        if (domain.tokens < needed)
            add(fmt::format("The domain has {:.0f} training tokens, {}", domain.tokens, sequence),
                "Add text, loosen its filters or caps, or shorten the model's context.");
        if (domain.heldOutTokens < needed)
            add(fmt::format("The domain has {:.0f} held-out tokens in {} of {} documents, {}", domain.heldOutTokens,
                            domain.heldOutDocuments, domain.documents, sequence),
                "Raise its held_out, divide its files into more documents with `split`, or add text.");
    }
    return issues;
}

} // namespace krater
