// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/corpus/document_stream.h"

#include "core/base/error.h"
#include "core/corpus/domain_pass.h"
#include "core/corpus/regex_splitter.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <numeric>

namespace krater {

double splitPosition(const Hash128 &text, std::uint64_t splitSeed)
{
    char digest[16];
    std::memcpy(digest, &text.high, 8);
    std::memcpy(digest + 8, &text.low, 8);
    const Hash128 mixed = hash128({digest, sizeof digest}, splitSeed);
    return static_cast<double>(mixed.high >> 11) * 0x1p-53; // the upper 53 bits, as many as a double holds
}

DocumentStream::DocumentStream(const Experiment &experiment, std::stop_token stop, ProgressMeter &progress)
    : m_experiment(experiment)
    , m_stop(std::move(stop))
    , m_progress(progress)
    , m_domains(experiment.domains.size())
    , m_files(experiment.domains.size())
{
    for (const DomainConfig &domain : experiment.domains)
        m_maxFraction = std::max(m_maxFraction, domain.heldOut);
}

void DocumentStream::prepare(std::size_t index)
{
    const DomainConfig &config = m_experiment.domains[index];
    Domain &domain = m_domains[index];
    const Issues issues = checkDomain(config);
    for (const Issue &issue : issues)
        m_issues.add(issue);
    domain.usable = !hasErrors(issues);
    if (!domain.usable)
        return;
    domain.options.textField = config.textField;
    domain.options.stop = m_stop;
    if (!config.split.empty())
        domain.options.splitter = std::make_shared<const RegexSplitter>(config.split);
    domain.filter.emplace(config.where);

    m_files[index] = listSources(config, m_experiment.folder, m_stop, m_issues);
}

void DocumentStream::list()
{
    m_progress.begin(CorpusProgress::Phase::Listing, 0);
    for (std::size_t i = 0; i < m_domains.size(); ++i)
        prepare(i);
    markShared(m_files);
}

bool DocumentStream::listForPreview(std::size_t domain)
{
    const double fraction = m_experiment.domains[domain].heldOut;
    m_progress.begin(CorpusProgress::Phase::Listing, 0);
    for (std::size_t i = 0; i < m_domains.size(); ++i) {
        if (i == domain || m_experiment.domains[i].heldOut > fraction)
            prepare(i);
    }
    return findLeaks(fraction);
}

std::uint64_t DocumentStream::totalBytes() const
{
    std::uint64_t bytes = 0;
    for (const auto &files : m_files) {
        for (const SourceFile &file : files)
            bytes += file.bytes;
    }
    return bytes;
}

void DocumentStream::beginPhase(CorpusProgress::Phase phase)
{
    m_bytesDone = 0;
    m_documents = 0;
    // Each file's issues come up at every reading: they are kept from the one that also counts the documents.
    m_logsIssues = phase != CorpusProgress::Phase::TrainingTokenizer;
    m_progress.begin(phase, totalBytes());
}

bool DocumentStream::findLeaks()
{
    double minFraction = m_maxFraction;
    for (const DomainConfig &domain : m_experiment.domains)
        minFraction = std::min(minFraction, domain.heldOut);
    return findLeaks(minFraction);
}

bool DocumentStream::findLeaks(double minFraction)
{
    if (minFraction == m_maxFraction || m_leaksAreKnown)
        return !m_stop.stop_requested();

    // Those that hold out most come first: they have no leaks themselves, which would move the end that a cap sets.
    std::vector<std::size_t> order(m_domains.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, std::greater(), [this](std::size_t i) { return m_experiment.domains[i].heldOut; });
    beginPhase(CorpusProgress::Phase::Scanning);
    m_logsIssues = false;
    for (const std::size_t i : order) {
        if (m_experiment.domains[i].heldOut <= minFraction)
            break;
        read(i, [&](const StreamedDocument &document) {
            if (document.heldOut && splitPosition(document.hash, m_experiment.info.splitSeed) >= minFraction)
                m_heldOutElsewhere.insert(document.hash.low);
            return true;
        });
    }
    m_leaksAreKnown = !m_stop.stop_requested();
    return m_leaksAreKnown;
}

bool DocumentStream::read(std::size_t index, const Sink &sink)
{
    Domain &domain = m_domains[index];
    if (domain.usable) {
        DomainPass::Context context{index,
                                    m_experiment.domains[index],
                                    domain.options,
                                    *domain.filter,
                                    m_experiment.info.splitSeed,
                                    m_maxFraction,
                                    m_heldOutElsewhere,
                                    m_progress,
                                    m_logsIssues ? &m_issues : nullptr,
                                    m_bytesDone,
                                    m_documents,
                                    m_unread};
        DomainPass pass(context, sink);
        domain.numFilesRead = pass.run(m_files[index]);
    }
    return !m_stop.stop_requested();
}

} // namespace krater
