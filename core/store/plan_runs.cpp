// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/plan_runs.h"

#include "core/base/error.h"
#include "core/config/experiment_toml.h"
#include "core/config/stages.h"
#include "core/store/checkpoint.h"
#include "core/store/frozen_experiment.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace krater {
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
                        "Start the plan anew.");
    return plan;
}

Experiment nextExperiment(const Plan &plan, RunReader &reader)
{
    const Experiment experiment = stageExperiment(plan.experiment, plan.next(), resultsOf(plan, reader));
    if (plan.overrides.empty())
        return experiment;
    return frozenExperiment(toToml(experiment), experiment.info.name, plan.experimentFile, plan.overrides);
}

RunRecord newStageRecord(const Plan &plan, std::size_t stage, const Experiment &stageExperiment)
{
    RunRecord record = newRunRecord(stageExperiment, plan.experimentFile);
    record.role = plan.experiment.stages[stage].role;
    record.parent = parentOf(plan, plan.experiment.stages[stage]);
    record.plan = PlanPlace{plan.id, stage, plan.experiment.stages.size(), plan.experiment.stages[stage].name};
    return record;
}

StageInputs stageInputs(const Plan &plan, std::size_t stage, bool resumed, RunReader &reader)
{
    StageInputs inputs;
    const StageConfig &own = plan.experiment.stages[stage];
    if (!own.weights.from.empty() && !resumed)
        inputs.initialWeights = lastWeights(runOf(plan, own.weights.from), reader);
    if (const auto reference = stageNamed(plan.experiment, own.reference.from)) {
        inputs.referenceWeights = lastWeights(runOf(plan, own.reference.from), reader);
        inputs.referenceModel = stageModel(plan.experiment, *reference);
    }
    return inputs;
}

} // namespace krater
