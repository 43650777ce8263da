// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/plan.h"

#include "app/cli/exit_code.h"
#include "app/cli/runs.h"
#include "core/config/experiment_toml.h"

#include <utility>

namespace krater::cli {
namespace {

// The job of a stage that has no run yet, and that run.
TrainingJob newJob(Plan &plan, const PreparedRun &prepared, RunReader &reader, TrainingContext &context)
{
    const std::size_t stage = plan.next();
    TrainingJob job;
    job.experiment = nextExperiment(plan, reader);
    job.prepared = prepared;
    job.inputs = stageInputs(plan, stage, false, reader);
    RunRecord record = newStageRecord(plan, stage, job.experiment);
    addFacts(record, prepared);
    job.run = context.writer.createRun(record, toToml(plan.experiment));
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
    if (!plan.isDone())
        end.resumeCommand = commandFor("resume", plan.runs.back().id, options);
    return end;
}

} // namespace

int runPlan(Plan plan, const PreparedRun &prepared, std::optional<TrainingJob> resumed, TrainingContext &context)
{
    RunReader reader(context.options.storeFile());
    int exitCode = kDone;
    while (exitCode == kDone && !plan.isDone()) {
        if (context.signals.requested()) {
            exitCode = kStopped;
            break;
        }
        TrainingJob job = resumed ? *std::exchange(resumed, std::nullopt) : newJob(plan, prepared, reader, context);
        job.othersFollow = plan.next() + 1 < plan.experiment.stages.size();
        exitCode = runTraining(std::move(job), context);
        plan.runs = reader.planRuns(plan.id);
    }
    context.signals.ignore();
    context.output->planFinished(endOf(plan, reader, exitCode, context.options));
    return exitCode;
}

} // namespace krater::cli
