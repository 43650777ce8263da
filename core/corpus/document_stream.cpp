// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/corpus/document_stream.h"

#include "core/base/error.h"
#include "core/corpus/domain_pass.h"
#include "core/corpus/regex_splitter.h"

#include <algorithm>
#include <cstring>

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

void DocumentStream::list(std::size_t domain)
{
    m_progress.begin(CorpusProgress::Phase::Listing, 0);
    prepare(domain);
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
    if (minFraction == m_maxFraction || m_leaksAreKnown)
        return !m_stop.stop_requested();

    beginPhase(CorpusProgress::Phase::Scanning);
    m_logsIssues = false;
    std::unordered_set<std::uint64_t> heldOut;
    for (std::size_t i = 0; i < m_domains.size(); ++i) {
        if (m_experiment.domains[i].heldOut == minFraction)
            continue;
        read(i, [&](const StreamedDocument &document) {
            if (document.heldOut && splitPosition(document.hash, m_experiment.info.splitSeed) >= minFraction)
                heldOut.insert(document.hash.low);
            return true;
        });
    }
    m_heldOutElsewhere = std::move(heldOut);
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
