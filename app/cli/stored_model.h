// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/options.h"
#include "app/cli/stop_signals.h"
#include "core/corpus/tokenizer.h"
#include "core/store/resume_point.h"

namespace krater::cli {

// The model of a run as one of its checkpoints has it. Members are in order of dependence.
struct StoredModel {
    std::uint64_t step = 0; // of the checkpoint
    std::size_t context = 0;
    std::shared_ptr<const Tokenizer> tokenizer;
    std::shared_ptr<const Engine> engine;
    std::unique_ptr<LanguageModel> model;
};

// Takes the checkpoint as `resume` does, and the tokenizer of the run; the corpus is read only for one that was trained on it. Nothing if the
// user interrupted that. Says on standard error what a user should know. Throws Error.
std::optional<StoredModel> loadStoredModel(RunReader &reader, const RunRecord &run, const ResumeChoice &choice,
                                           const Options &options, const StopSignals &signals);

} // namespace krater::cli
