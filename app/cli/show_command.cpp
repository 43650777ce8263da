// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"
#include "app/cli/exit_code.h"
#include "app/cli/output.h"
#include "app/cli/run_summary.h"
#include "app/cli/runs.h"
#include "app/cli/text_width.h"

#include <fmt/format.h>

#include <unistd.h>

namespace krater::cli {
namespace {

Json checkpointsJson(const std::vector<StoredCheckpoint> &checkpoints)
{
    Json array = Json::array();
    for (const StoredCheckpoint &checkpoint : checkpoints) {
        array.push_back({{"step", checkpoint.step},
                         {"file", checkpoint.file.string()},
                         {"bytes", checkpoint.bytes},
                         {"best", checkpoint.best}});
    }
    return array;
}

Json runJson(RunReader &reader, const RunRecord &run)
{
    return {{"run", run.id},
            {"name", run.name},
            {"role", toString(run.role)},
            {"parent", run.parent ? Json(*run.parent) : Json(nullptr)},
            {"state", toString(run.state)},
            {"message", run.message},
            {"policy", run.policy},
            {"seed", run.seed},
            {"step", run.step},
            {"num_steps", run.numSteps},
            {"tokens", run.tokens},
            {"token_budget", run.tokenBudget},
            {"seconds", run.seconds},
            {"engine", run.engine},
            {"device", run.device},
            {"precision", run.precision},
            {"parameters", run.parameters},
            {"host", run.host},
            {"program_version", run.programVersion},
            {"git_commit", run.gitCommit},
            {"corpus_hash", run.corpusHash},
            {"created_ms", run.createdMs},
            {"finished_ms", run.finishedMs},
            {"notes", run.notes},
            {"tags", run.tags},
            {"experiment_file", run.experimentFile},
            {"overrides", run.overrides},
            {"domains", domainsJson(summarise(reader, run))},
            {"checkpoints", checkpointsJson(reader.checkpoints(run.id))},
            {"experiment", run.experimentToml}};
}

// One "Label: value" line, nothing for an empty value.
void addLine(std::string &text, const std::string &label, const std::string &value)
{
    if (!value.empty())
        text += paddedRight(label + ":", 13) + printable(value) + '\n';
}

std::string stateText(const RunRecord &run)
{
    return fmt::format("{}{}{}", toString(run.state), run.message.empty() ? "" : ": ", run.message);
}

std::string runText(const RunRecord &run, const std::vector<StoredCheckpoint> &checkpoints)
{
    const auto number = [](std::uint64_t value) { return countText(static_cast<double>(value)); };
    std::string text = printable(titleOf(run)) + '\n';
    addLine(text, "State", stateText(run));
    addLine(text, "Policy", run.policy);
    addLine(text, "Steps", fmt::format("{} of {}", number(run.step), number(run.numSteps)));
    addLine(text, "Tokens", fmt::format("{} of {}", number(run.tokens), number(run.tokenBudget)));
    addLine(text, "Training", durationText(run.seconds));
    addLine(text, "Seed", std::to_string(run.seed));
    addLine(text, "Started", timeText(run.createdMs));
    addLine(text, "Ended", run.finishedMs > 0 ? timeText(run.finishedMs) : "");
    addLine(text, "Device", fmt::format("{}{}{}", run.device, run.engine.empty() ? "" : ", ", run.engine));
    if (run.parameters > 0)
        addLine(text, "Model", fmt::format("{} parameters, {}", number(run.parameters), run.precision));
    addLine(text, "Krater", fmt::format("{} ({}) on {}", run.programVersion, run.gitCommit, run.host));
    addLine(text, "Experiment", run.experimentFile);
    for (const std::string &override : run.overrides)
        addLine(text, "Resumed with", override);
    std::string tags;
    for (const std::string &tag : run.tags)
        tags += (tags.empty() ? "" : ", ") + tag;
    addLine(text, "Tags", tags);
    addLine(text, "Notes", run.notes);
    for (const StoredCheckpoint &checkpoint : checkpoints)
        addLine(text, "Checkpoint",
                fmt::format("step {}{}  {}", number(checkpoint.step), checkpoint.best ? " (best)" : "",
                            checkpoint.file.string()));
    return text;
}

int show(const std::string &word, const Options &options)
{
    const auto reader = openStoreWithRuns(options);
    const RunRecord run = findRun(*reader, word);
    if (options.json) {
        printJson(runJson(*reader, run));
        return kDone;
    }
    print(runText(run, reader->checkpoints(run.id)));
    print("\n" + domainTable(summarise(*reader, run)).text(terminalWidth(STDOUT_FILENO)));
    return kDone;
}

} // namespace

void addShowCommand(CLI::App &program, Options &options, Action &chosen)
{
    CLI::App *command = program.add_subcommand("show", "Show one run: its state, its domains, its checkpoints");
    const auto run = std::make_shared<std::string>();
    command->add_option("RUN", *run, "Its number, its name, or last")->type_name("")->required();
    addOptions(*command, options, {Common::Store, Common::Json, Common::Quiet});
    command->footer("Examples:\n"
                    "  krater-cli show last\n"
                    "  krater-cli show 3 --json | jq -r .experiment > again.toml");
    command->callback([=, &options, &chosen] { chosen = [=, &options] { return show(*run, options); }; });
}

} // namespace krater::cli
