// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"
#include "app/cli/exit_code.h"
#include "app/cli/output.h"
#include "app/cli/run_summary.h"
#include "app/cli/runs.h"
#include "core/mixture/mixture.h"

#include <fmt/format.h>

#include <unistd.h>

#include <limits>

namespace krater::cli {
namespace {

// Final held-out losses on mixtures that are the same for every run, never on the run's own.
struct Scores {
    double natural = std::numeric_limits<double>::quiet_NaN();
    double uniform = std::numeric_limits<double>::quiet_NaN();
};

using SummariesByRun = std::map<RunId, std::vector<MetricSummary>>;

Scores scoresOf(const RunRecord &run, const SummariesByRun &heldOut)
{
    Scores scores;
    const auto found = heldOut.find(run.id);
    if (found == heldOut.end() || run.domains.empty())
        return scores;
    const std::vector<double> losses = lastValues(found->second, metric::kHeldOutLoss, run.domains.size());
    scores.uniform = meanLoss(losses, std::vector<double>(losses.size(), 1.0 / static_cast<double>(losses.size())));
    double tokens = 0;
    for (const double ofDomain : run.domainTokens)
        tokens += ofDomain;
    if (tokens > 0) {
        const Mixture natural = Mixture::natural(run.domainTokens);
        scores.natural = meanLoss(losses, {natural.weights().begin(), natural.weights().end()});
    }
    return scores;
}

Json runsJson(const std::vector<RunRecord> &runs, const SummariesByRun &heldOut)
{
    Json array = Json::array();
    for (const RunRecord &run : runs) {
        const Scores scores = scoresOf(run, heldOut);
        array.push_back({{"run", run.id},
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
                         {"loss.held_out", {{"natural", scores.natural}, {"uniform", scores.uniform}}},
                         {"created_ms", run.createdMs},
                         {"tags", run.tags}});
    }
    return array;
}

Table runsTable(const std::vector<RunRecord> &runs, const SummariesByRun &heldOut)
{
    using enum Table::Align;
    Table table({{"run", Right},
                 {"name", Left, true},
                 {"state", Left},
                 {"policy", Left, true},
                 {"step", Right},
                 {"tokens", Right},
                 {"natural", Right},
                 {"uniform", Right},
                 {"started", Left}});
    for (const RunRecord &run : runs) {
        const Scores scores = scoresOf(run, heldOut);
        table.addRow({std::to_string(run.id), run.name, std::string(toString(run.state)), run.policy,
                      fmt::format("{}/{}", run.step, run.numSteps), shortCountText(static_cast<double>(run.tokens)),
                      lossText(scores.natural), lossText(scores.uniform), timeText(run.createdMs)});
    }
    return table;
}

int list(const Options &options)
{
    const auto reader = openStore(options);
    std::vector<RunRecord> runs;
    SummariesByRun heldOut;
    if (reader) {
        runs = reader->runs();
        heldOut = reader->summaries(metric::kHeldOutLoss);
    }
    if (options.json) {
        printJson(runsJson(runs, heldOut));
        return kDone;
    }
    if (runs.empty()) {
        printMessage(
            fmt::format("No runs yet in {}. krater-cli train FILE makes the first one.", options.storeFile().string()));
        return kDone;
    }
    print(runsTable(runs, heldOut).text(terminalWidth(STDOUT_FILENO)));
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
