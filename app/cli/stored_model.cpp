// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/stored_model.h"

#include "app/cli/exit_code.h"
#include "app/cli/output.h"
#include "app/cli/preparation.h"
#include "app/cli/runs.h"
#include "core/base/paths.h"

#include <fmt/format.h>

namespace krater::cli {
namespace {

// What the run was resumed with does not matter, but for the device; its notes are those of a training.
std::shared_ptr<const TrainerSnapshot> findSnapshot(RunReader &reader, RunRecord run, const ResumeChoice &choice)
{
    run.overrides.clear();
    ResumePoint point = findResumePoint(reader, run, choice);
    if (!point.snapshot)
        throw Error(fmt::format("{} has no checkpoint, so there is no model.", capitalised(titleOf(run))));
    for (const std::string &note : point.notes)
        printWarning(note + '.');
    return point.snapshot;
}

Experiment experimentOf(const RunRecord &run, const Options &options)
{
    Experiment experiment = frozenExperiment(run, run.overrides);
    if (!options.device.empty())
        experiment.training.device = options.device;
    if (options.threads)
        experiment.training.threads = *options.threads;
    return experiment;
}

// One that was trained on the corpus is found, or made again, with it. Null if interrupted.
std::shared_ptr<const Tokenizer> trainedTokenizer(const RunRecord &run, const Experiment &experiment,
                                                  const Options &options, const StopSignals &signals)
{
    const Preparation preparation = prepareRun(experiment, options, signals);
    printIssues(preparation.issues, options.quiet);
    if (hasErrors(preparation.issues))
        throw UsageError(
            fmt::format("The tokenizer of {} was trained on its text, which cannot be used any more.", titleOf(run)));
    if (!preparation.run)
        return nullptr;
    const std::shared_ptr<const TokenizedCorpus> corpus = preparation.run->corpus;
    if (run.corpusHash != corpus->hash())
        throw Error(
            fmt::format("The text of {} has changed since it was trained, and its tokenizer with it.", titleOf(run)),
            "Restore the files that its domains name.");
    return {corpus, &corpus->tokenizer()};
}

std::shared_ptr<const Tokenizer> tokenizerOf(const RunRecord &run, const Experiment &experiment, const Options &options,
                                             const StopSignals &signals)
{
    const TokenizerConfig &config = experiment.tokenizer;
    if (config.kind == TokenizerConfig::Kind::Bytes)
        return makeByteTokenizer();
    if (!config.model.empty())
        return loadSentencePiece(resolvePath(config.model, experiment.folder));
    return trainedTokenizer(run, experiment, options, signals);
}

} // namespace

std::optional<StoredModel> loadStoredModel(RunReader &reader, const RunRecord &run, const ResumeChoice &choice,
                                           const Options &options, const StopSignals &signals)
{
    const std::shared_ptr<const TrainerSnapshot> snapshot = findSnapshot(reader, run, choice);
    const Experiment experiment = experimentOf(run, options);
    StoredModel stored;
    stored.step = snapshot->step;
    stored.context = static_cast<std::size_t>(experiment.model.context);
    stored.engine = loadEngineFor(experiment);
    stored.tokenizer = tokenizerOf(run, experiment, options, signals);
    if (!stored.tokenizer || signals.requested())
        return std::nullopt;
    stored.model = stored.engine->create(
        {experiment.model, experiment.training, stored.tokenizer->vocabulary(), experiment.info.seed});
    stored.model->setWeights(snapshot->tensors);
    return stored;
}

} // namespace krater::cli
