// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"
#include "app/cli/exit_code.h"
#include "app/cli/output.h"
#include "app/cli/run_summary.h"
#include "app/cli/runs.h"

#include <fmt/format.h>

#include <unistd.h>

#include <algorithm>
#include <map>

namespace krater::cli {
namespace {

using LossesByRun = std::map<RunId, FixedLosses>;

LossesByRun lossesOf(RunReader &reader, const std::vector<RunRecord> &runs)
{
    const auto heldOut = reader.summaries(metric::kHeldOutLoss);
    LossesByRun losses;
    for (const RunRecord &run : runs) {
        const auto found = heldOut.find(run.id);
        losses[run.id] = fixedLosses(run, found == heldOut.end() ? std::vector<MetricSummary>() : found->second);
    }
    return losses;
}

Json runsJson(const std::vector<RunRecord> &runs, const LossesByRun &losses)
{
    Json array = Json::array();
    for (const RunRecord &run : runs) {
        const FixedLosses &heldOut = losses.at(run.id);
        Json document = {{"run", run.id},
                         {"name", run.name},
                         {"state", toString(run.state)},
                         {"policy", run.policy},
                         {"step", run.step},
                         {"num_steps", run.numSteps},
                         {"tokens", run.tokens},
                         {"token_budget", run.tokenBudget},
                         {"seconds", run.seconds},
                         {"seed", run.seed},
                         {"domains", run.domains},
                         {"loss.held_out", {{"natural", heldOut.natural}, {"uniform", heldOut.uniform}}},
                         {"created_ms", run.createdMs},
                         {"tags", run.tags}};
        addPlanJson(document, run);
        array.push_back(std::move(document));
    }
    return array;
}

// Plan, stage and role are columns only if there is a plan.
Table runsTable(const std::vector<RunRecord> &runs, const LossesByRun &losses)
{
    using enum Table::Align;
    const bool hasPlans = std::ranges::any_of(runs, [](const RunRecord &run) { return run.plan.has_value(); });
    std::vector<Table::Column> columns = {{"run", Right}, {"name", Left, true}};
    if (hasPlans)
        columns.insert(columns.end(), {{"plan", Right}, {"stage", Right}, {"role", Left}});
    columns.insert(columns.end(),
                   {{"state", Left},
                    {"policy", Left, true},
                    {"step", Right},
                    {"tokens", Right},
                    {"natural", Right},
                    {"uniform", Right},
                    {"started", Left}});
    Table table(columns);
    for (const RunRecord &run : runs) {
        const FixedLosses &heldOut = losses.at(run.id);
        std::vector<std::string> cells = {std::to_string(run.id), run.name};
        if (hasPlans) {
            cells.push_back(run.plan ? std::to_string(run.plan->plan) : std::string());
            cells.push_back(stageText(run));
            cells.emplace_back(run.plan ? toString(run.role) : "");
        }
        cells.insert(cells.end(),
                     {std::string(toString(run.state)), run.policy, fmt::format("{}/{}", run.step, run.numSteps),
                      shortCountText(static_cast<double>(run.tokens)), lossText(heldOut.natural),
                      lossText(heldOut.uniform), timeText(run.createdMs)});
        table.addRow(cells);
    }
    return table;
}

int list(const Options &options)
{
    const auto reader = openStore(options);
    std::vector<RunRecord> runs;
    LossesByRun losses;
    if (reader) {
        runs = reader->runs();
        losses = lossesOf(*reader, runs);
    }
    if (options.json) {
        printJson(runsJson(runs, losses));
        return kDone;
    }
    if (runs.empty()) {
        printMessage(
            fmt::format("No runs yet in {}. krater-cli train FILE makes the first one.", options.storeFile().string()));
        return kDone;
    }
    print(runsTable(runs, losses).text(terminalWidth(STDOUT_FILENO)));
    if (!options.quiet)
        printMessage("natural, uniform: mean held-out loss at the end in nats/token, on that mixture.");
    return kDone;
}

} // namespace

void addListCommand(CLI::App &program, Options &options, Action &chosen)
{
    CLI::App *command = program.add_subcommand("list", "List the saved runs, newest first");
    addOptions(*command, options, {Common::Store, Common::Json, Common::Quiet});
    command->footer("Examples:\n"
                    "  krater-cli list\n"
                    "  krater-cli list --json | jq '.[] | select(.policy == \"gibbs\") | .run'");
    command->callback([&options, &chosen] { chosen = [&options] { return list(options); }; });
}

} // namespace krater::cli
