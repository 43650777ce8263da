// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/corpus_scanner.h"

#include "app/post.h"
#include "app/problem.h"
#include "app/worker.h"

#include <utility>

namespace krater {

namespace {

// What a report depends on: colours are looks.
std::vector<DomainConfig> withoutColours(std::vector<DomainConfig> domains)
{
    for (DomainConfig &domain : domains)
        domain.colour.clear();
    return domains;
}

} // namespace

CorpusScanner::CorpusScanner(QObject *parent) : QObject(parent) { }

CorpusScanner::~CorpusScanner()
{
    m_scanThread.request_stop(); // both first, so that one is not waited for before the other is asked
    m_previewThread.request_stop();
}

void CorpusScanner::scan(const Experiment &experiment)
{
    const int scan = ++m_scan;
    m_scanning = true;
    m_progress = {};
    m_scanThread = replaceThread(std::move(m_scanThread),
                                 [this, experiment, scan](std::stop_token stop) { runScan(experiment, scan, stop); });
    emit progressChanged();
}

void CorpusScanner::runScan(const Experiment &experiment, int scan, std::stop_token stop)
{
    if (stop.stop_requested())
        return;
    try {
        const auto report =
            std::make_shared<const CorpusReport>(scanCorpus(experiment, stop, [&](const CorpusProgress &progress) {
                post(m_scan, scan, [this, progress] {
                    m_progress = progress;
                    emit progressChanged();
                });
            }));
        if (!stop.stop_requested())
            post(m_scan, scan, [this, experiment, report] { finish(experiment, report); });
    } catch (const std::exception &error) {
        post(m_scan, scan, [this, problem = problemOf(error)] {
            m_scanning = false;
            emit failed(problem.message, problem.advice);
        });
    }
}

void CorpusScanner::finish(const Experiment &experiment, std::shared_ptr<const CorpusReport> report)
{
    m_scanning = false;
    m_report = std::move(report);
    m_scanned = experiment;
    emit finished();
}

void CorpusScanner::cancel()
{
    if (!m_scanning)
        return;
    ++m_scan;
    m_scanThread.request_stop();
    m_scanning = false;
    emit cancelled();
}

void CorpusScanner::preview(const Experiment &experiment, std::size_t domain, std::uint64_t skip, std::size_t count)
{
    const int preview = ++m_preview;
    m_previewThread = replaceThread(std::move(m_previewThread), [=, this](std::stop_token stop) {
        if (stop.stop_requested())
            return;
        try {
            const std::vector<PreviewDocument> documents = previewDocuments(experiment, domain, skip, count, stop);
            post(m_preview, preview, [=, this] { emit previewReady(domain, skip, documents); });
        } catch (const std::exception &error) {
            post(m_preview, preview,
                 [this, problem = problemOf(error)] { emit failed(problem.message, problem.advice); });
        }
    });
}

bool CorpusScanner::isCurrent(const Experiment &experiment) const
{
    return m_report && m_scanned && m_scanned->tokenizer == experiment.tokenizer
        && m_scanned->info.splitSeed == experiment.info.splitSeed
        && m_scanned->model.context == experiment.model.context && m_scanned->folder == experiment.folder
        && withoutColours(m_scanned->domains) == withoutColours(experiment.domains);
}

void CorpusScanner::post(const int &wanted, int number, std::function<void()> call)
{
    krater::post(this, [&wanted, number, call = std::move(call)] {
        if (number == wanted)
            call();
    });
}

} // namespace krater
