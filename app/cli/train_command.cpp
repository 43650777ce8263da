// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"
#include "app/cli/exit_code.h"
#include "app/cli/output.h"
#include "app/cli/plan.h"
#include "app/cli/training.h"
#include "core/config/graph_file.h"

namespace krater::cli {
namespace {

// Notes are for `corpus`.
void printWarnings(Issues issues)
{
    std::erase_if(issues, [](const Issue &issue) { return issue.severity == Issue::Severity::Note; });
    printIssues(issues);
}

int train(const std::string &file, const Options &options)
{
    auto loaded = loadOrReport(file, options);
    if (!loaded)
        return kBadUsage;
    if (loaded->missingStage) {
        printIssues({*loaded->missingStage});
        return kBadUsage;
    }
    loaded->experiment = withGraphsRead(*std::move(loaded->experiment));
    TrainingContext context(options);
    Preparation preparation = prepareRun(*loaded->experiment, options, context.signals);
    if (!preparation.run && preparation.issues.empty())
        return interruptedBeforeTraining();
    if (!preparation.run) {
        printIssues(placedInFile(std::move(preparation.issues), file, *loaded), options.quiet);
        return kBadUsage;
    }
    printWarnings(placedInFile(preparation.run->corpus->report().issues, file, *loaded));
    const std::string absoluteFile = std::filesystem::absolute(file).lexically_normal().string();
    if (!loaded->experiment->stages.empty()) {
        Plan plan;
        plan.experiment = *loaded->experiment;
        plan.experimentFile = absoluteFile;
        return runPlan(std::move(plan), *preparation.run, std::nullopt, context);
    }
    TrainingJob job;
    job.experiment = *loaded->experiment;
    job.prepared = *std::move(preparation.run);
    RunRecord record = newRunRecord(job.experiment, absoluteFile);
    addFacts(record, job.prepared);
    job.run = context.writer.createRun(record);
    return runTraining(std::move(job), context);
}

} // namespace

void addTrainCommand(CLI::App &program, Options &options, Action &chosen)
{
    CLI::App *command = program.add_subcommand("train", "Train the model of an experiment file, or all stages of its plan, and store the runs");
    const auto file = std::make_shared<std::string>();
    command->add_option("FILE", *file, "The experiment file (TOML)")->type_name("")->required();
    addOptions(
        *command, options,
        {Common::Store, Common::Json, Common::Quiet, Common::Set, Common::Seed, Common::Device, Common::Threads});
    command->footer(
        "Examples:\n"
        "  krater-cli train experiments/quickstart.toml\n"
        "  krater-cli train mine.toml --seed 2 --set training.token_budget=1e6 --set mixture.policy=natural\n"
        "  krater-cli train mine.toml --json | jq 'select(.event == \"evaluation\")'\n\n"
        "A file with [[stage]] is a plan: its stages are trained in turn, and resume goes on with it wherever it was stopped.\n"
        "Ctrl-C stops at the next step, with a checkpoint to resume from; a second Ctrl-C quits at once.\n"
        "Exit codes: 0 done, 1 failed, 2 bad usage or configuration, 3 stopped with a checkpoint, 4 diverged, 130 "
        "interrupted.");
    command->callback([=, &options, &chosen] { chosen = [=, &options] { return train(*file, options); }; });
}

} // namespace krater::cli
