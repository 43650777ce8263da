// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/corpus/corpus_scan.h"

#include <QObject>

#include <memory>
#include <optional>
#include <thread>

namespace krater {

// Scans the corpus and fetches previews on background threads, and says so as it goes. A new scan replaces one that is running. UI thread only.
class CorpusScanner : public QObject {
    Q_OBJECT

public:
    explicit CorpusScanner(QObject *parent = nullptr);
    ~CorpusScanner() override; // cancels and joins

    void scan(const Experiment &experiment); // domains, filters and tokenizer matter; returns at once
    void cancel();
    void preview(const Experiment &experiment, std::size_t domain, std::uint64_t skip, std::size_t count); // answered by previewReady

    bool isScanning() const { return m_scanning; }
    const CorpusProgress &progress() const { return m_progress; }
    // Of the last scan that was finished; null before it. isCurrent(): it belongs to this experiment's corpus as it is now described.
    std::shared_ptr<const CorpusReport> report() const { return m_report; }
    bool isCurrent(const Experiment &experiment) const;

signals:
    void progressChanged();
    void finished();                         // report() is new
    void cancelled();
    void failed(const QString &message, const QString &advice);
    void previewReady(std::size_t domain, std::uint64_t skip, const std::vector<krater::PreviewDocument> &documents);

private:
    void post(std::function<void()> call); // onto the UI thread

    bool m_scanning = false;
    CorpusProgress m_progress;
    std::shared_ptr<const CorpusReport> m_report;
    std::optional<Experiment> m_scanned;
    std::jthread m_scanThread;
    std::jthread m_previewThread;
};

} // namespace krater
