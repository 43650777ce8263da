// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/corpus/corpus_scan.h"

#include <QObject>
#include <QString>

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <thread>
#include <vector>

namespace krater {

// Scans the corpus and fetches previews on background threads, and says so as it goes. A new scan replaces one that is running. UI thread only.
class CorpusScanner : public QObject {
    Q_OBJECT

public:
    explicit CorpusScanner(QObject *parent = nullptr);
    ~CorpusScanner() override; // cancels and joins

    void scan(const Experiment &experiment); // domains, filters and tokenizer matter; returns at once
    void cancel();
    void preview(const Experiment &experiment, std::size_t domain, std::uint64_t skip,
                 std::size_t count); // answered by previewReady

    bool isScanning() const { return m_scanning; }
    const CorpusProgress &progress() const { return m_progress; }
    // Of the last scan that was finished; null before it. isCurrent(): it belongs to this experiment's corpus as it is now described.
    std::shared_ptr<const CorpusReport> report() const { return m_report; }
    bool isCurrent(const Experiment &experiment) const;

signals:
    void progressChanged();
    void finished(); // report() is new
    void cancelled();
    void failed(const QString &message, const QString &advice); // of a scan or a preview
    void previewReady(std::size_t domain, std::uint64_t skip, const std::vector<krater::PreviewDocument> &documents);

private:
    void runScan(const Experiment &experiment, int scan, std::stop_token stop); // on the scan thread
    // Calls on the UI thread, unless another number is `wanted` (m_scan, m_preview) by then.
    void post(const int &wanted, int number, std::function<void()> call);
    void finish(const Experiment &experiment, std::shared_ptr<const CorpusReport> report);

    bool m_scanning = false;
    int m_scan = 0;    // number of the scan that is wanted
    int m_preview = 0; // and of the preview
    CorpusProgress m_progress;
    std::shared_ptr<const CorpusReport> m_report;
    std::optional<Experiment> m_scanned;
    std::jthread m_scanThread; // last: joined before the rest goes
    std::jthread m_previewThread;
};

} // namespace krater
