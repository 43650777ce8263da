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

#include <algorithm>
#include <charconv>
#include <limits>

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

Json logJson(const std::vector<StoredEvent> &events)
{
    Json array = Json::array();
    for (const StoredEvent &stored : events)
        array.push_back({{"time_ms", stored.timeMs},
                         {"step", stored.event.step},
                         {"kind", toString(stored.event.kind)},
                         {"text", stored.event.text}});
    return array;
}

Json runJson(RunReader &reader, const RunRecord &run)
{
    Json document = {{"run", run.id},
            {"name", run.name},
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
            {"log", logJson(reader.events(run.id))},
            {"experiment", run.experimentToml}};
    addPlanJson(document, run);
    document["plan_experiment"] = run.plan ? Json(reader.planToml(run.plan->plan)) : Json(nullptr);
    return document;
}

// One "Label: value" line, nothing for an empty value.
void addLine(std::string &text, const std::string &label, const std::string &value)
{
    if (!value.empty())
        text += paddedRight(label + ":", 13) + printable(value) + '\n';
}

std::string stateText(const RunRecord &run)
{
    const std::string_view state = toString(run.state);
    if (run.message.starts_with(state)) // "Stopped with a checkpoint"
        return run.message;
    return fmt::format("{}{}{}", state, run.message.empty() ? "" : ": ", run.message);
}

// The newest lines, as many as were asked for.
std::string logText(const std::vector<StoredEvent> &events, std::size_t numShown)
{
    if (events.empty() || numShown == 0)
        return {};
    const std::size_t first = events.size() - std::min(events.size(), numShown);
    std::string text = first > 0
        ? fmt::format("\nLog (the last {} of {} lines; --log all shows all)\n", numShown, events.size())
        : std::string("\nLog\n");
    for (std::size_t i = first; i < events.size(); ++i) {
        const MessageEvent &event = events[i].event;
        const bool isProblem = event.kind == MessageEvent::Kind::Warning || event.kind == MessageEvent::Kind::Error;
        const std::string line =
            fmt::format("  {}  step {}  {}{}", timeText(events[i].timeMs), countText(static_cast<double>(event.step)),
                        isProblem ? std::string(toString(event.kind)) + ": " : "", oneLine(event.text));
        text += wrapped(printable(line), terminalWidth(STDOUT_FILENO), 4);
    }
    return text;
}

std::string runText(const RunRecord &run, const std::vector<StoredCheckpoint> &checkpoints)
{
    const auto number = [](std::uint64_t value) { return countText(static_cast<double>(value)); };
    std::string text = printable(capitalised(titleOf(run))) + '\n';
    if (run.plan)
        addLine(text, "Stage",
                fmt::format("{} of {} of plan {}, {}", run.plan->stage + 1, run.plan->numStages, run.plan->plan,
                            run.plan->name));
    addLine(text, "Role", run.plan ? std::string(toString(run.role)) : "");
    addLine(text, "Parent", run.parent ? fmt::format("run {}", *run.parent) : "");
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

struct ShowArguments {
    std::string run;
    std::string log = "10"; // lines, or all
};

std::size_t numLogLines(const std::string &word)
{
    if (word == "all")
        return std::numeric_limits<std::size_t>::max();
    std::size_t lines = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), lines);
    if (error != std::errc() || end != word.data() + word.size())
        throw UsageError(fmt::format("--log: '{}' is neither a number of lines nor 'all'.", word));
    return lines;
}

int show(const ShowArguments &arguments, const Options &options)
{
    const std::size_t numLines = numLogLines(arguments.log);
    const auto reader = openStoreWithRuns(options);
    const RunRecord run = findRun(*reader, arguments.run);
    if (options.json) {
        printJson(runJson(*reader, run));
        return kDone;
    }
    print(runText(run, reader->checkpoints(run.id)));
    print("\n" + domainTable(summarise(*reader, run)).text(terminalWidth(STDOUT_FILENO)));
    print(logText(reader->events(run.id), numLines));
    return kDone;
}

} // namespace

void addShowCommand(CLI::App &program, Options &options, Action &chosen)
{
    CLI::App *command =
        program.add_subcommand("show", "Show one run: its state, its domains, its checkpoints, its log");
    const auto arguments = std::make_shared<ShowArguments>();
    command->add_option("RUN", arguments->run, "Its number, its name, or last")->type_name("")->required();
    command
        ->add_option("--log", arguments->log,
                     "How many of the log's lines: the newest N, or all (with --json: always all)")
        ->type_name("N")
        ->capture_default_str();
    addOptions(*command, options, {Common::Store, Common::Json, Common::Quiet});
    command->footer("Examples:\n"
                    "  krater-cli show last\n"
                    "  krater-cli show 3 --json | jq '.domains[] | {name, epochs}'");
    command->callback([=, &options, &chosen] { chosen = [=, &options] { return show(*arguments, options); }; });
}

} // namespace krater::cli
