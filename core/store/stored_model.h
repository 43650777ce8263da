// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/corpus/tokenized_corpus.h"
#include "core/store/resume_point.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace krater {

// The model of a run as one of its checkpoints has it, ready to go on with a text.
struct StoredModel {
    std::uint64_t step = 0; // of the checkpoint
    std::size_t context = 0;
    std::shared_ptr<const Tokenizer> tokenizer;
    std::unique_ptr<LanguageModel> model;
    std::vector<std::string> notes; // what a user should know: files that were passed over
};

// Opens the run's corpus, for a tokenizer that was trained on it; null when that was given up.
using CorpusOpener = std::function<std::shared_ptr<const TokenizedCorpus>()>;

// Takes the checkpoint as a resumed run does. `experiment`: the run's frozen copy, with the device and threads that are wanted. The corpus is opened only if
// the tokenizer needs it. Nothing if that was given up. Throws Error: no checkpoint, a damaged one, text that has changed. Any thread.
std::optional<StoredModel> loadStoredModel(RunReader &reader, RunRecord run, const ResumeChoice &choice, const Experiment &experiment,
                                           const Engine &engine, const CorpusOpener &openCorpus);

} // namespace krater
