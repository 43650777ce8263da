// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/training_output.h"

#include "app/cli/exit_code.h"
#include "app/cli/runs.h"
#include "app/cli/text_width.h"

#include <fmt/format.h>

#include <unistd.h>

#include <algorithm>

namespace krater::cli {
namespace {

std::string outcome(const RunRecord &run, std::optional<std::uint64_t> checkpoint)
{
    const std::string steps = fmt::format("step {} of {}", countText(static_cast<double>(run.step)),
                                          countText(static_cast<double>(run.numSteps)));
    switch (run.state) {
    case RunState::Done:
        return fmt::format("is done: {}", steps);
    case RunState::Stopped:
        return fmt::format("was stopped at {}{}", steps,
                           checkpoint ? fmt::format(", with a checkpoint of step {}", *checkpoint)
                                      : ", without a checkpoint");
    case RunState::Diverged:
        return fmt::format("diverged at {}", steps);
    default:
        return fmt::format("is {} at {}", toString(run.state), steps);
    }
}

} // namespace

std::unique_ptr<TrainingOutput> makeTrainingOutput(const Options &options)
{
    if (options.json)
        return makeJsonOutput(options);
    if (!options.quiet && canRedraw(STDOUT_FILENO) && canRedraw(STDERR_FILENO))
        return makeLiveOutput(options);
    return makeLineOutput(options);
}

void TrainingReader::print(std::string_view text)
{
    if (m_gone)
        return;
    const char *const more = "The run is not affected; krater-cli show last tells how it ends.";
    try {
        cli::print(text);
    } catch (const OutputClosed &) {
        m_gone = true;
        printMessage(fmt::format("Nobody reads the output any more. {}", more));
    } catch (const Error &error) {
        m_gone = true;
        printError(error.what(), more);
    }
}

std::string describeStart(const RunStart &start)
{
    const Experiment &experiment = start.experiment;
    const std::string title = start.run.plan
        ? fmt::format("Stage {} of {}, {}: {}", start.run.plan->stage + 1, start.run.plan->numStages,
                      start.run.plan->name, titleOf(start.run))
        : capitalised(titleOf(start.run));
    std::string text = fmt::format("{}: {}, {} domains, {} steps, {} tokens", title,
                                   experiment.mixture.policy, experiment.domains.size(),
                                   countText(static_cast<double>(experiment.numSteps())),
                                   shortCountText(static_cast<double>(experiment.training.tokenBudget)));
    if (start.resumedFrom)
        text += fmt::format(", resumed after step {}", countText(static_cast<double>(*start.resumedFrom)));
    return text;
}

std::string noteworthy(const MessageEvent &message)
{
    switch (message.kind) {
    case MessageEvent::Kind::Warning:
        return "warning: " + message.text;
    case MessageEvent::Kind::Error:
        return "error: " + message.text;
    case MessageEvent::Kind::MixtureEdited:
        return message.text;
    case MessageEvent::Kind::Sample:
        return oneLine(message.text);
    default:
        return {};
    }
}

void printRunEnd(const RunEnd &end, const Options &options, TrainingReader &reader)
{
    const RunRecord &run = end.run;
    reader.print(printable(fmt::format("{} {}, {} tokens in {}.", capitalised(titleOf(run)), outcome(run, end.checkpoint),
                                       shortCountText(static_cast<double>(run.tokens)), durationText(run.seconds)))
                 + "\nStore: " + printable(options.storeFile().string()) + "\n\n");
    reader.print(domainTable(end.domains).text(terminalWidth(STDOUT_FILENO)));
    if (!end.stored)
        printError("The end of the run could not be stored.",
                   end.checkpoint ? fmt::format("It can go on from its checkpoint of step {}.", *end.checkpoint)
                                  : "No checkpoint was saved.");
    if (run.state == RunState::Failed || run.state == RunState::Diverged)
        printError(run.message.empty() ? fmt::format("{} {}.", titleOf(run), outcome(run, end.checkpoint))
                                       : run.message);
    if (!end.resumeCommand.empty())
        printMessage("\nResume: " + end.resumeCommand);
    if (options.quiet || end.othersFollow)
        return;
    printMessage(fmt::format("{}Show:    {}\nCompare: {}", end.resumeCommand.empty() ? "\n" : "",
                             commandFor("show", run.id, options), commandFor("compare", run.id, options, "RUN")));
}

void printPlanEnd(const PlanEnd &end, const Options &options, TrainingReader &reader)
{
    using enum Table::Align;
    Table table({{"stage", Right},
                 {"name", Left, true},
                 {"role", Left},
                 {"run", Right},
                 {"state", Left},
                 {"step", Right},
                 {"natural", Right},
                 {"uniform", Right}});
    for (std::size_t i = 0; i < end.plan.stages.size(); ++i) {
        const StageConfig &stage = end.plan.stages[i];
        std::vector<std::string> cells = {std::to_string(i + 1), stage.name, std::string(toString(stage.role))};
        if (i < end.runs.size()) {
            const RunRecord &run = end.runs[i];
            const FixedLosses &losses = end.losses.at(run.id);
            cells.insert(cells.end(),
                         {std::to_string(run.id), std::string(toString(run.state)),
                          fmt::format("{}/{}", run.step, run.numSteps), lossText(losses.natural),
                          lossText(losses.uniform)});
        } else {
            cells.insert(cells.end(), {"", "to come", "", "", ""});
        }
        table.addRow(cells);
    }
    reader.print('\n' + printable(fmt::format("Plan {} ({})", end.id, end.plan.info.name)) + "\n\n"
                 + table.text(terminalWidth(STDOUT_FILENO)));
    const bool isBetweenStages = std::ranges::all_of(end.runs, [](const RunRecord &run) { return run.state == RunState::Done; });
    if (!end.resumeCommand.empty() && isBetweenStages) // else its run has told it
        printMessage("\nStopped between two stages.\nResume: " + end.resumeCommand);
    else if (!options.quiet)
        printMessage("natural, uniform: mean held-out loss at the end in nats/token, on that mixture.");
}

} // namespace krater::cli
