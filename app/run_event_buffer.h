// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/corpus/corpus_facts.h"
#include "core/corpus/corpus_scan.h"
#include "core/store/run_record.h"

#include <mutex>
#include <optional>
#include <vector>

namespace krater {

// What the trainer's thread has sent and the window has not seen yet. Any thread.
class RunEventBuffer : public RunObserver {
public:
    struct Facts {
        LanguageModelInfo model;
        CorpusFacts corpus;

        RunRecord addedTo(RunRecord record) const;
    };
    struct Contents {
        std::vector<RunEvent> events;
        std::optional<CorpusProgress> progress;
        std::optional<Facts> facts;
    };

    void onRunEvent(const RunEvent &event) override;
    void setProgress(const CorpusProgress &progress);
    void setFacts(const Facts &facts);
    Contents take();

private:
    std::mutex m_mutex;
    Contents m_contents; // guarded by m_mutex
};

} // namespace krater
