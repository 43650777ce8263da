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

void checkResumable(const RunRecord &record)
{
    if (isActive(record.state))
        throw Error("Run " + std::to_string(record.id) + " is being trained by process " + std::to_string(record.process)
                        + " on " + record.host + ".",
                    "Stop it there first.");
    if (record.state == RunState::Done)
        throw Error("Run " + std::to_string(record.id) + " is done: it has used its token budget.",
                    "Use its experiment with a larger token budget to train longer.");
    if (record.deleted)
        throw Error("Run " + std::to_string(record.id) + " is in the bin.", "Restore it first.");
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

// Values at their default are part of a run: it must not change when a default does.
void completeMixture(MixtureConfig &mixture)
{
    if (const PolicyInfo *info = findPolicy(mixture.policy))
        mixture.parameters = completedParameters(*info, mixture.parameters);
}

void readBack(LaunchedRun &launched, RunId run, RunReader &reader)
{
    launched.history = RunFollower(run).read(reader);
    launched.record = launched.history.record;
}

// The text that the stages before it have seen.
std::string corpusOf(const Plan &plan)
{
    return plan.runs.empty() ? std::string() : plan.runs.front().corpusHash;
}

// The run of the first stage that is not done, which has none.
LaunchedRun createStage(RunWriter &writer, Plan plan)
{
    RunReader reader(writer.file());
    const std::size_t stage = plan.next();
    LaunchedRun launched;
    launched.corpusHash = corpusOf(plan);
    launched.experiment = nextExperiment(plan, reader);
    completeMixture(launched.experiment.mixture);
    launched.inputs = stageInputs(plan, stage, false, reader);
    const RunId run = writer.createRun(newStageRecord(plan, stage, launched.experiment), toToml(plan.experiment));
    readBack(launched, run, reader);
    plan.id = launched.record.plan->plan;
    plan.runs.push_back(launched.record);
    launched.plan = std::move(plan);
    return launched;
}

// `plan`: of which it is the stage that is next, null if it is a run of its own.
LaunchedRun reopen(RunWriter &writer, RunReader &reader, const RunRecord &record, const Plan *plan)
{
    checkResumable(record);
    const ResumePoint point = findResumePoint(reader, record);
    LaunchedRun launched;
    launched.experiment = frozenExperiment(record, point.overrides);
    launched.resumeFrom = point.snapshot;
    launched.notes = point.notes;
    launched.corpusHash = plan ? corpusOf(*plan) : record.corpusHash;
    if (plan)
        launched.inputs = stageInputs(*plan, plan->next(), launched.resumeFrom != nullptr, reader);
    takeOver(writer, record.id, point);
    readBack(launched, record.id, reader);
    forget(launched.history, launched.resumeFrom.get());
    return launched;
}

LaunchedRun reopenPlan(RunWriter &writer, RunReader &reader, Plan plan)
{
    if (plan.isDone())
        throw Error("Plan " + std::to_string(plan.id) + " is done: all its stages have been trained.",
                    "Start its experiment again to train a new one.");
    const RunRecord *begun = plan.begun();
    if (begun == nullptr)
        return createStage(writer, std::move(plan));
    LaunchedRun launched = reopen(writer, reader, *begun, &plan);
    plan.runs[plan.next()] = launched.record;
    launched.plan = std::move(plan);
    return launched;
}

} // namespace

LaunchedRun createRun(RunWriter &writer, const Experiment &experiment, const std::string &experimentFile)
{
    LaunchedRun launched;
    launched.experiment = frozenCopy(withGraphsRead(experiment), experimentFile);
    completeMixture(launched.experiment.mixture);
    if (!experiment.stages.empty())
        return createStage(writer, Plan{.experiment = std::move(launched.experiment), .experimentFile = experimentFile});
    const RunId id = writer.createRun(newRunRecord(launched.experiment, experimentFile));
    RunReader reader(writer.file());
    readBack(launched, id, reader);
    return launched;
}

LaunchedRun reopenRun(RunWriter &writer, RunId run)
{
    RunReader reader(writer.file());
    const std::optional<RunRecord> record = reader.run(run);
    if (!record)
        throw Error("Run " + std::to_string(run) + " is not in the store.");
    return record->plan ? reopenPlan(writer, reader, loadPlan(reader, *record)) : reopen(writer, reader, *record, nullptr);
}

} // namespace krater
