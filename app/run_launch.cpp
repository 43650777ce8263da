// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/run_launch.h"

#include "core/base/error.h"
#include "core/config/experiment_toml.h"
#include "core/store/checkpoint.h"
#include "core/store/run_reader.h"
#include "core/store/run_writer.h"

#include <filesystem>

namespace krater {

namespace {

// An experiment that was never saved has no folder that a later session could find: its frozen copy names files in full.
Experiment frozenCopy(Experiment experiment, const std::string &experimentFile)
{
    if (!experimentFile.empty() || experiment.folder.empty())
        return experiment;
    const auto makeAbsolute = [&](std::string &path) {
        if (!path.empty() && path.front() != '~')
            path = (experiment.folder / path).lexically_normal().string();
    };
    makeAbsolute(experiment.tokenizer.model);
    for (DomainConfig &domain : experiment.domains)
        for (std::string &source : domain.sources)
            makeAbsolute(source);
    return experiment;
}

std::shared_ptr<const TrainerSnapshot> newestCheckpoint(RunReader &reader, RunId run)
{
    const std::vector<StoredCheckpoint> checkpoints = reader.checkpoints(run);
    std::string problem;
    for (auto it = checkpoints.rbegin(); it != checkpoints.rend(); ++it) {
        try {
            return readCheckpoint(it->file);
        } catch (const Error &error) {
            if (problem.empty())
                problem = error.what();
        }
    }
    if (!problem.empty())
        throw Error("Run " + std::to_string(run) + " cannot go on: " + problem, "Start a new run from its experiment.");
    throw Error("Run " + std::to_string(run) + " has no checkpoint to go on from.",
                "Start a new run from its experiment.");
}

RunRecord resumableRecord(RunReader &reader, RunId run)
{
    const std::optional<RunRecord> record = reader.run(run);
    if (!record)
        throw Error("Run " + std::to_string(run) + " is not in the store.");
    if (isActive(record->state))
        throw Error("Run " + std::to_string(run) + " is being trained by process " + std::to_string(record->process)
                        + " on " + record->host + ".",
                    "Stop it there first.");
    if (record->state == RunState::Done)
        throw Error("Run " + std::to_string(run) + " is done: it has used its token budget.",
                    "Use its experiment with a larger token budget to train longer.");
    return *record;
}

} // namespace

Experiment frozenExperiment(const RunRecord &record)
{
    const std::filesystem::path file(record.experimentFile);
    const LoadedExperiment loaded = parseExperiment(
        record.experimentToml, "the experiment of run " + std::to_string(record.id), file.parent_path());
    if (!loaded.experiment || hasErrors(loaded.issues))
        throw Error("The experiment of run " + std::to_string(record.id) + " cannot be read"
                        + (loaded.issues.empty() ? std::string(".") : ": " + toString(loaded.issues.front())),
                    "It may come from another version of Krater; start a new run.");
    return *loaded.experiment;
}

LaunchedRun createRun(RunWriter &writer, const Experiment &experiment, const std::string &experimentFile)
{
    LaunchedRun launched;
    launched.experiment = frozenCopy(experiment, experimentFile);
    const RunId id = writer.createRun(newRunRecord(launched.experiment, experimentFile));
    RunReader reader(writer.file());
    launched.history = RunFollower(id).read(reader);
    launched.record = launched.history.record;
    return launched;
}

LaunchedRun reopenRun(RunWriter &writer, RunId run)
{
    RunReader reader(writer.file());
    LaunchedRun launched;
    launched.experiment = frozenExperiment(resumableRecord(reader, run));
    launched.resumeFrom = newestCheckpoint(reader, run);
    writer.prepareResume(run, launched.resumeFrom->step);
    writer.flush();
    launched.history = RunFollower(run).read(reader);
    launched.record = launched.history.record;
    return launched;
}

} // namespace krater
