// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/corpus/corpus_scan.h"

#include <chrono>
#include <string>
#include <utility>

namespace krater {

// Tells the caller's sink where the work is, at most 20 times a second and at every change of phase.
class ProgressMeter {
public:
    explicit ProgressMeter(CorpusProgressSink sink) : m_sink(std::move(sink)) { }

    void begin(CorpusProgress::Phase phase, std::uint64_t bytesTotal)
    {
        m_progress = {phase, {}, 0, bytesTotal, 0};
        send();
    }

    void update(const std::string &domain, std::uint64_t bytesDone, std::uint64_t documents)
    {
        if (!m_sink)
            return;
        const auto now = std::chrono::steady_clock::now();
        if (now - m_sent < std::chrono::milliseconds(50))
            return;
        m_progress.domain = domain;
        m_progress.bytesDone = bytesDone;
        m_progress.documents = documents;
        send();
    }

private:
    void send()
    {
        m_sent = std::chrono::steady_clock::now();
        if (m_sink)
            m_sink(m_progress);
    }

    CorpusProgressSink m_sink;
    CorpusProgress m_progress;
    std::chrono::steady_clock::time_point m_sent;
};

} // namespace krater
