// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/plan.h"

#include "app/cli/exit_code.h"
#include "app/cli/output.h"
#include "app/cli/runs.h"
#include "core/config/stages.h"
#include "core/store/checkpoint.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace krater::cli {
namespace {

const RunRecord &runOf(const Plan &plan, const std::string &stage)
{
    const std::optional<std::size_t> position = stageNamed(plan.experiment, stage);
    if (!position || *position >= plan.runs.size())
        throw Error(fmt::format("The stage \"{}\" has no run yet.", stage));
    return plan.runs[*position];
}

// The weights that a run ended with.
std::vector<NamedTensor> lastWeights(const RunRecord &run, RunReader &reader)
{
    const std::vector<StoredCheckpoint> checkpoints = reader.checkpoints(run.id);
    if (checkpoints.empty() || checkpoints.back().step != run.step)
        throw Error(fmt::format("The last checkpoint of {}, whose weights are wanted, is gone.", titleOf(run)),
                    fmt::format("Put {} back, or train the plan again.",
                                checkpointFile(reader.file(), run.id, run.step).string()));
    std::vector<NamedTensor> tensors = readCheckpoint(checkpoints.back().file)->tensors;
    std::erase_if(tensors, [](const NamedTensor &tensor) { return !tensor.name.starts_with("model."); });
    return tensors;
}

StageResults resultsOf(const Plan &plan, RunReader &reader)
{
    StageResults results;
    for (std::size_t stage = 0; stage < plan.next(); ++stage) {
        std::optional<StageResult> mixtures = reader.mixtures(plan.runs[stage]);
        if (!mixtures)
            throw Error(fmt::format("{} has no mixture in the store.", titleOf(plan.runs[stage])));
        results.push_back(*std::move(mixtures));
    }
    return results;
}

// The run that a stage goes on from most: by weights, else by its mixture, else by reference losses.
std::optional<RunId> parentOf(const Plan &plan, const StageConfig &stage)
{
    for (const std::string &from : {stage.weights.from, stage.mixture.from, stage.reference.from})
        if (!from.empty())
            return runOf(plan, from).id;
    return std::nullopt;
}

RunRecord recordOf(const Plan &plan, std::size_t stage, const TrainingJob &job)
{
    RunRecord record = newRunRecord(job.experiment, plan.experimentFile);
    addFacts(record, job.prepared);
    record.role = plan.experiment.stages[stage].role;
    record.parent = parentOf(plan, plan.experiment.stages[stage]);
    record.plan = PlanPlace{plan.id, stage, plan.experiment.stages.size(), plan.experiment.stages[stage].name};
    return record;
}

// The job of a stage that has no run yet, and that run.
TrainingJob newJob(Plan &plan, const PreparedRun &prepared, RunReader &reader, TrainingContext &context)
{
    const std::size_t stage = plan.next();
    TrainingJob job;
    job.experiment = nextExperiment(plan, reader);
    job.prepared = prepared;
    addInputs(job, plan, stage, reader);
    job.run = context.writer.createRun(recordOf(plan, stage, job), toToml(plan.experiment));
    if (plan.id == 0)
        plan.id = job.run;
    return job;
}

PlanEnd endOf(const Plan &plan, RunReader &reader, int exitCode, const Options &options)
{
    PlanEnd end;
    end.plan = plan.experiment;
    end.id = plan.id;
    end.runs = plan.runs;
    for (const RunRecord &run : plan.runs)
        end.losses[run.id] = fixedLosses(run, reader.summaries(run.id));
    end.exitCode = exitCode;
    if (plan.next() < plan.experiment.stages.size())
        end.resumeCommand = commandFor("resume", plan.runs.back().id, options);
    return end;
}

} // namespace

std::size_t Plan::next() const
{
    const auto open = std::ranges::find_if(runs, [](const RunRecord &run) { return run.state != RunState::Done; });
    return static_cast<std::size_t>(open - runs.begin());
}

const RunRecord *Plan::begun() const
{
    return next() < runs.size() ? &runs[next()] : nullptr;
}

Plan loadPlan(RunReader &reader, const RunRecord &run)
{
    Plan plan;
    plan.id = run.plan->plan;
    plan.experimentFile = run.experimentFile;
    const std::string title = fmt::format("plan {}", plan.id);
    plan.experiment = frozenExperiment(reader.planToml(plan.id), title, run.experimentFile);
    plan.runs = reader.planRuns(plan.id);
    for (std::size_t stage = 0; stage < plan.runs.size(); ++stage)
        if (plan.runs[stage].plan->stage != stage)
            throw Error(fmt::format("The run of stage {} of {} was deleted: the plan cannot go on.", stage + 1, title),
                        "krater-cli train starts the plan anew.");
    return plan;
}

Experiment nextExperiment(const Plan &plan, RunReader &reader)
{
    const Experiment experiment = stageExperiment(plan.experiment, plan.next(), resultsOf(plan, reader));
    if (plan.overrides.empty())
        return experiment;
    return frozenExperiment(toToml(experiment), experiment.info.name, plan.experimentFile, plan.overrides);
}

void addInputs(TrainingJob &job, const Plan &plan, std::size_t stage, RunReader &reader)
{
    const StageConfig &own = plan.experiment.stages[stage];
    if (!own.weights.from.empty() && !job.resumeFrom)
        job.initialWeights = lastWeights(runOf(plan, own.weights.from), reader);
    if (const auto reference = stageNamed(plan.experiment, own.reference.from)) {
        job.referenceWeights = lastWeights(runOf(plan, own.reference.from), reader);
        job.referenceModel = stageModel(plan.experiment, *reference);
    }
}

int runPlan(Plan plan, const PreparedRun &prepared, std::optional<TrainingJob> resumed, TrainingContext &context)
{
    RunReader reader(context.options.storeFile());
    const std::size_t numStages = plan.experiment.stages.size();
    int exitCode = kDone;
    while (exitCode == kDone && plan.next() < numStages) {
        if (context.signals.requested()) {
            exitCode = kStopped;
            break;
        }
        TrainingJob job = resumed ? *std::exchange(resumed, std::nullopt) : newJob(plan, prepared, reader, context);
        job.othersFollow = plan.next() + 1 < numStages;
        exitCode = runTraining(std::move(job), context);
        plan.runs = reader.planRuns(plan.id);
    }
    context.signals.ignore();
    context.output->planFinished(endOf(plan, reader, exitCode, context.options));
    return exitCode;
}

} // namespace krater::cli
