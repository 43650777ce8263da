// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/stored_model.h"

#include "core/base/error.h"
#include "core/base/paths.h"

#include <fmt/format.h>

namespace krater {

namespace {

// One that was trained on the corpus is found, or made again, with it. Null if that was given up.
std::shared_ptr<const Tokenizer> tokenizerOf(const RunRecord &run, const Experiment &experiment, const CorpusOpener &openCorpus)
{
    const TokenizerConfig &config = experiment.tokenizer;
    if (config.kind == TokenizerConfig::Kind::Bytes)
        return makeByteTokenizer();
    if (!config.model.empty())
        return loadSentencePiece(resolvePath(config.model, experiment.folder));
    const std::shared_ptr<const TokenizedCorpus> corpus = openCorpus();
    if (!corpus)
        return nullptr;
    if (run.corpusHash != corpus->hash())
        throw Error(fmt::format("The text of run {} ({}) has changed since it was trained, and its tokenizer with it.", run.id, run.name),
                    "Restore the files that its domains name.");
    return {corpus, &corpus->tokenizer()};
}

} // namespace

std::optional<StoredModel> loadStoredModel(RunReader &reader, RunRecord run, const ResumeChoice &choice, const Experiment &experiment,
                                           const Engine &engine, const CorpusOpener &openCorpus)
{
    run.overrides.clear(); // what it was resumed with does not matter here
    const ResumePoint point = findResumePoint(reader, run, choice);
    if (!point.snapshot)
        throw Error(fmt::format("Run {} ({}) has no checkpoint, so there is no model.", run.id, run.name));
    StoredModel stored;
    stored.step = point.snapshot->step;
    stored.context = static_cast<std::size_t>(experiment.model.context);
    stored.notes = point.notes;
    stored.tokenizer = tokenizerOf(run, experiment, openCorpus);
    if (!stored.tokenizer)
        return std::nullopt;
    stored.model = engine.create({experiment.model, experiment.training, stored.tokenizer->vocabulary(), experiment.info.seed});
    stored.model->setWeights(point.snapshot->tensors);
    return stored;
}

} // namespace krater
