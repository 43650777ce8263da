// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/run_launch.h"

#include "core/base/error.h"
#include "core/config/experiment_toml.h"
#include "core/config/graph_file.h"
#include "core/mixture/policy_registry.h"
#include "core/store/resume_point.h"
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
    if (record->plan)
        throw Error("Run " + std::to_string(run) + " is stage " + std::to_string(record->plan->stage + 1) + " of "
                        + std::to_string(record->plan->numStages)
                        + " of a plan, which the window does not train yet: go on with krater-cli resume "
                        + std::to_string(run) + '.',
                    "It trains this stage to its end and then those after it.");
    return *record;
}

// What the store will remove when the run goes on; points go when it does (RunView).
void forget(RunIncrement &history, const TrainerSnapshot *from)
{
    if (from == nullptr) {
        history.curves.clear();
        history.clock.clear();
        history.events.clear();
        return;
    }
    std::erase_if(history.events, [from](const StoredEvent &stored) { return stored.event.step > from->step; });
}

} // namespace

Experiment frozenExperiment(const RunRecord &record, const std::vector<std::string> &overrides)
{
    const std::filesystem::path file(record.experimentFile);
    const LoadedExperiment loaded = parseExperiment(
        record.experimentToml, "the experiment of run " + std::to_string(record.id), file.parent_path(), overrides);
    if (!loaded.experiment || hasErrors(loaded.issues))
        throw Error("The experiment of run " + std::to_string(record.id) + " cannot be read"
                        + (loaded.issues.empty() ? std::string(".") : ": " + toString(loaded.issues.front())),
                    "It may come from another version of Krater; start a new run.");
    return *loaded.experiment;
}

LaunchedRun createRun(RunWriter &writer, const Experiment &experiment, const std::string &experimentFile)
{
    LaunchedRun launched;
    launched.experiment = frozenCopy(withGraphsRead(experiment), experimentFile);
    // Values at their default are part of a run: it must not change when a default does.
    if (const PolicyInfo *info = findPolicy(experiment.mixture.policy))
        launched.experiment.mixture.parameters = completedParameters(*info, launched.experiment.mixture.parameters);
    const RunId id = writer.createRun(newRunRecord(launched.experiment, experimentFile));
    RunReader reader(writer.file());
    launched.history = RunFollower(id).read(reader);
    launched.record = launched.history.record;
    return launched;
}

LaunchedRun reopenRun(RunWriter &writer, RunId run)
{
    RunReader reader(writer.file());
    const RunRecord record = resumableRecord(reader, run);
    const ResumePoint point = findResumePoint(reader, record);
    LaunchedRun launched;
    launched.experiment = frozenExperiment(record, point.overrides);
    launched.resumeFrom = point.snapshot;
    launched.notes = point.notes;
    takeOver(writer, run, point);
    launched.history = RunFollower(run).read(reader);
    launched.record = launched.history.record;
    forget(launched.history, launched.resumeFrom.get());
    return launched;
}

} // namespace krater
