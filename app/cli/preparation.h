// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/options.h"
#include "app/cli/stop_signals.h"
#include "core/corpus/tokenized_corpus.h"
#include "core/train/language_model.h"

#include <memory>
#include <optional>

namespace krater::cli {

// What training needs besides the experiment.
struct PreparedRun {
    std::shared_ptr<const Engine> engine;
    std::shared_ptr<const TokenizedCorpus> corpus;
};

// What came of preparing: a run to train, or the issues of a corpus that cannot be trained on, or neither when the user interrupted it.
struct Preparation {
    std::optional<PreparedRun> run;
    Issues issues;
};

// Throws Error, and UsageError if it has no such device.
std::shared_ptr<const Engine> loadEngineFor(const Experiment &experiment);

// Loads the engine, checks the device, and opens or makes the tokenised corpus, with progress on standard error. Throws Error.
Preparation prepareRun(const Experiment &experiment, const Options &options, const StopSignals &signals);

// Shows where a scan or a tokenisation is: one line redrawn on a terminal, one line a phase elsewhere, nothing when quiet.
class CorpusProgressLine {
public:
    explicit CorpusProgressLine(bool quiet);
    ~CorpusProgressLine(); // clears the line

    void show(const CorpusProgress &progress);

private:
    bool m_quiet;
    bool m_redraws;
    bool m_drawn = false;
    std::optional<CorpusProgress::Phase> m_phase;
};

} // namespace krater::cli
