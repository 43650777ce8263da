// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"
#include "app/cli/exit_code.h"
#include "app/cli/output.h"
#include "app/cli/plan.h"
#include "app/cli/runs.h"
#include "core/store/resume_point.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

namespace krater::cli {
namespace {

void checkResumable(const RunRecord &run)
{
    if (run.state == RunState::Done)
        throw UsageError(fmt::format("{} is done: there is nothing to resume.", titleOf(run)),
                         "krater-cli train starts a new run; --set training.token_budget=N makes it longer.");
    if (isActive(run.state))
        throw Error(fmt::format("{} is active in process {}{}.", titleOf(run), run.process,
                                run.host.empty() ? "" : " on " + run.host),
                    "Stop it there first; Ctrl-C or kill -TERM stops it with a checkpoint.");
}

// What a run may go on with changed: nothing that its mixture, its text or its model depends on.
void checkOverrides(const Options &options)
{
    constexpr std::array<std::string_view, 4> kKeys = {"training.learning_rate", "training.clip", "training.device",
                                                       "training.threads"};
    for (const std::string &word : options.set) {
        const std::string key = word.substr(0, word.find('='));
        if (std::find(kKeys.begin(), kKeys.end(), key) == kKeys.end())
            throw UsageError(
                fmt::format("A run that is resumed cannot change {}.", key),
                fmt::format("It can change {}. krater-cli train starts a new run.", fmt::join(kKeys, ", ")));
    }
}

// Those of --set, --device and --threads that say on what is trained, not how.
std::vector<std::string> machineOverrides(const Options &options)
{
    std::vector<std::string> overrides = options.overrides();
    std::erase_if(overrides, [](const std::string &assignment) {
        return !assignment.starts_with("training.device=") && !assignment.starts_with("training.threads=");
    });
    return overrides;
}

void checkCorpus(const RunRecord &run, const TokenizedCorpus &corpus)
{
    if (!run.corpusHash.empty() && run.corpusHash != corpus.hash())
        throw Error(
            fmt::format("The text of {} has changed since it was trained: the run cannot be continued with other data.",
                        titleOf(run)),
            "Restore the files that its domains name, or start a new run with krater-cli train.");
}

// Which run of a plan goes on; null: the next stage has not been begun.
const RunRecord *goesOn(const Plan &plan, const RunRecord &named, const ResumeChoice &choice, const Options &options)
{
    if (plan.isDone())
        throw UsageError(fmt::format("Plan {} is done: there is nothing to resume.", plan.id),
                         "krater-cli train starts a new one.");
    const RunRecord *run = plan.begun();
    if (run != nullptr && run->deleted)
        throw Error(fmt::format("{} of plan {} is in the bin.", capitalised(titleOf(*run)), plan.id),
                    "Restore it in the window first.");
    const bool isNamed = run != nullptr && run->id == named.id;
    if (!isNamed && (choice.restart || choice.best || choice.step))
        throw UsageError(fmt::format("{} is done, and its plan goes on after it.", capitalised(titleOf(named))),
                         "--step, --best and --restart are for the run of the stage that is not done.");
    if (run == nullptr && machineOverrides(options).size() < options.overrides().size())
        throw UsageError(fmt::format("The next stage of plan {} has not been begun: it is trained as the plan says.", plan.id),
                         "Without --set the plan goes on; krater-cli train starts a new one.");
    return run;
}

struct Resumption {
    TrainingJob job;
    ResumePoint point;
};

Resumption resumptionOf(const RunRecord &run, const std::optional<Plan> &plan, const ResumeChoice &choice, RunReader &reader)
{
    checkResumable(run);
    Resumption resumption{{}, findResumePoint(reader, run, choice)};
    resumption.job.run = run.id;
    resumption.job.experiment = frozenExperiment(run, resumption.point.overrides);
    resumption.job.resumeFrom = resumption.point.snapshot;
    resumption.job.notes = resumption.point.notes;
    if (plan)
        resumption.job.inputs = stageInputs(*plan, plan->next(), resumption.job.resumeFrom != nullptr, reader);
    return resumption;
}

int resume(const std::string &word, ResumeChoice choice, const Options &options)
{
    const auto reader = openStoreWithRuns(options); // also recognises runs that were killed
    const RunRecord named = findRun(*reader, word);
    checkOverrides(options);
    choice.overrides = options.overrides();
    std::optional<Plan> plan;
    const RunRecord *run = &named;
    if (named.plan) {
        plan = loadPlan(*reader, named);
        plan->overrides = machineOverrides(options);
        run = goesOn(*plan, named, choice, options);
    }
    TrainingContext context(options);
    std::optional<Resumption> resumption;
    if (run != nullptr)
        resumption = resumptionOf(*run, plan, choice, *reader);
    const Experiment experiment = resumption ? resumption->job.experiment : nextExperiment(*plan, *reader);
    Preparation preparation = prepareRun(experiment, options, context.signals);
    if (!preparation.run && preparation.issues.empty())
        return interruptedBeforeTraining();
    if (!preparation.run) {
        printIssues(preparation.issues, options.quiet);
        return kBadUsage;
    }
    checkCorpus(named, *preparation.run->corpus);
    if (!resumption)
        return runPlan(*std::move(plan), *preparation.run, std::nullopt, context);
    resumption->job.prepared = *preparation.run;
    takeOver(context.writer, run->id, resumption->point);
    if (plan)
        return runPlan(*std::move(plan), *preparation.run, std::move(resumption->job), context);
    return runTraining(std::move(resumption->job), context);
}

} // namespace

void addResumeCommand(CLI::App &program, Options &options, Action &chosen)
{
    CLI::App *command =
        program.add_subcommand("resume", "Continue a run that was stopped, interrupted, failed or diverged");
    const auto run = std::make_shared<std::string>();
    command->add_option("RUN", *run, "Its number, its name, or last")->type_name("")->required();
    const auto choice = std::make_shared<ResumeChoice>();
    CLI::Option *step =
        command->add_option("--step", choice->step, "Go on from the checkpoint of this step")->type_name("N");
    CLI::Option *best =
        command->add_flag("--best", choice->best, "Go on from the checkpoint with the lowest held-out loss");
    CLI::Option *restart = command->add_flag("--restart", choice->restart, "Train the run again from its first step");
    step->excludes(best)->excludes(restart);
    best->excludes(restart);
    addOptions(*command, options,
               {Common::Store, Common::Json, Common::Quiet, Common::Set, Common::Device, Common::Threads});
    command->footer(
        "Examples:\n"
        "  krater-cli resume last\n"
        "  krater-cli resume 3 --set training.learning_rate=3e-4\n\n"
        "The run goes on from its newest checkpoint, or from its best one if it diverged, with the experiment that is "
        "stored\n"
        "with it; on the same device and with the same threads every point equals that of a run that was never "
        "stopped.\n"
        "What it has beyond that checkpoint is trained again. krater-cli show RUN lists the checkpoints.\n"
        "If the run is a stage of a plan, the plan goes on: with the stage that is not done, then with those after it.");
    command->callback([=, &options, &chosen] { chosen = [=, &options] { return resume(*run, *choice, options); }; });
}

} // namespace krater::cli
