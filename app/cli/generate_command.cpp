// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"
#include "app/cli/exit_code.h"
#include "app/cli/output.h"
#include "app/cli/preparation.h"
#include "app/cli/runs.h"
#include "app/cli/text_width.h"
#include "core/corpus/utf8.h"
#include "core/store/frozen_experiment.h"
#include "core/store/stored_model.h"
#include "core/train/text_generation.h"

#include <fmt/format.h>

#include <unistd.h>

namespace krater::cli {
namespace {

constexpr std::size_t kMostTopK = 65'536; // the largest vocabulary
constexpr double kMostTemperature = 100; // far beyond, all tokens are alike

struct GenerateArguments {
    std::string run;
    std::string prompt;
    std::string temperature = "0.8";
    GenerationConfig config;
    ResumeChoice choice;
};

Experiment experimentOf(const RunRecord &run, const Options &options)
{
    Experiment experiment = frozenExperiment(run, run.overrides);
    if (!options.device.empty())
        experiment.training.device = options.device;
    if (options.threads)
        experiment.training.threads = *options.threads;
    return experiment;
}

// Null if interrupted. Says on standard error what is wrong with it.
std::shared_ptr<const TokenizedCorpus> openCorpus(const RunRecord &run, const Experiment &experiment,
                                                  const Options &options, const StopSignals &signals)
{
    const Preparation preparation = prepareRun(experiment, options, signals);
    printIssues(preparation.issues, options.quiet);
    if (hasErrors(preparation.issues))
        throw UsageError(
            fmt::format("The tokenizer of {} was trained on its text, which cannot be used any more.", titleOf(run)));
    return preparation.run ? preparation.run->corpus : nullptr;
}

// Nothing if interrupted.
std::optional<StoredModel> loadModel(RunReader &reader, const RunRecord &run, const GenerateArguments &arguments,
                                     const Options &options, const StopSignals &signals)
{
    const Experiment experiment = experimentOf(run, options);
    std::optional<StoredModel> stored =
        loadStoredModel(reader, run, arguments.choice, experiment, *loadEngineFor(experiment),
                        [&] { return openCorpus(run, experiment, options, signals); });
    if (!stored || signals.requested())
        return std::nullopt;
    for (const std::string &note : stored->notes)
        printWarning(note + '.');
    return stored;
}

GenerationConfig configOf(const GenerateArguments &arguments, const Options &options)
{
    GenerationConfig config = arguments.config;
    config.seed = options.seed.value_or(0);
    config.temperature = parseNumber(arguments.temperature, "--temperature");
    if (config.temperature < 0 || config.temperature > kMostTemperature)
        throw UsageError(
            fmt::format("--temperature: {} is not between 0 and {}.", arguments.temperature, kMostTemperature),
            "0 always takes the likeliest token.");
    if (arguments.prompt.size() > kMaxPromptBytes)
        throw UsageError(
            fmt::format("--prompt: {} bytes are too many; {} are the most.", arguments.prompt.size(), kMaxPromptBytes));
    if (!isValidUtf8(arguments.prompt))
        throw UsageError("--prompt: this is not UTF-8.");
    return config;
}

std::string_view toString(GeneratedText::End end)
{
    switch (end) {
    case GeneratedText::End::Document:
        return "document";
    case GeneratedText::End::Length:
        return "length";
    case GeneratedText::End::Cancelled:
        return "interrupted";
    }
    return "";
}

Json documentOf(const RunRecord &run, const StoredModel &stored, const std::string &prompt,
                const GenerationConfig &config, const GeneratedText &generated)
{
    return {{"run", run.id},
            {"name", run.name},
            {"step", stored.step},
            {"prompt", prompt},
            {"text", generated.text},
            {"prompt_tokens", generated.numPromptTokens},
            {"tokens", generated.numTokens},
            {"end", toString(generated.end)},
            {"temperature", config.temperature},
            {"top_k", config.topK},
            {"seed", config.seed},
            {"device", stored.model->info().device}};
}

// A terminal must not do what a model says.
void printPiece(std::string_view piece)
{
    static const bool isTerminal = ::isatty(STDOUT_FILENO) != 0;
    print(isTerminal ? printableText(piece) : std::string(piece));
}

void warnOfLongPrompt(const GeneratedText &generated, const StoredModel &stored, const Options &options)
{
    if (generated.numPromptTokens > stored.context && !options.quiet)
        printMessage(fmt::format("Of the prompt's {} tokens the model saw the last {}: more does not fit its context.",
                                 generated.numPromptTokens, stored.context));
}

int generate(const GenerateArguments &arguments, const Options &options)
{
    const GenerationConfig config = configOf(arguments, options);
    const auto reader = openStoreWithRuns(options);
    const RunRecord run = findRun(*reader, arguments.run);
    const StopSignals signals;
    const std::optional<StoredModel> stored = loadModel(*reader, run, arguments, options, signals);
    if (!stored) {
        printMessage("Interrupted before the model was loaded.");
        return kInterrupted;
    }
    const auto onText = [&options](std::string_view piece) {
        if (!options.json)
            printPiece(piece);
    };
    const GeneratedText generated = generateText(*stored->model, *stored->tokenizer, stored->context, arguments.prompt,
                                                 config, onText, [&signals] { return !signals.requested(); });
    if (options.json)
        printJson(documentOf(run, *stored, arguments.prompt, config, generated));
    else if (!generated.text.ends_with('\n'))
        print("\n");
    warnOfLongPrompt(generated, *stored, options);
    return generated.end == GeneratedText::End::Cancelled ? kInterrupted : kDone;
}

void addCheckpointOptions(CLI::App &command, ResumeChoice &choice)
{
    CLI::Option *step =
        command.add_option("--step", choice.step, "Take the checkpoint of this step (default: the newest)")
            ->type_name("N");
    command.add_flag("--best", choice.best, "Take the checkpoint with the lowest held-out loss")->excludes(step);
}

} // namespace

void addGenerateCommand(CLI::App &program, Options &options, Action &chosen)
{
    CLI::App *command = program.add_subcommand("generate", "Let a run's model go on with a text");
    const auto arguments = std::make_shared<GenerateArguments>();
    command->add_option("RUN", arguments->run, "Its number, its name, or last")->type_name("")->required();
    command
        ->add_option("--prompt", arguments->prompt, "What the text goes on from (default: the beginning of a document)")
        ->type_name("TEXT");
    command->add_option("--tokens", arguments->config.maxTokens, "The most tokens to generate")
        ->type_name("N")
        ->check(CLI::Range(std::size_t{1}, kMaxGeneratedTokens).description(""))
        ->capture_default_str();
    command
        ->add_option("--temperature", arguments->temperature,
                     "Below 1 likely tokens become likelier; 0: always the likeliest")
        ->type_name("T")
        ->capture_default_str();
    command->add_option("--top-k", arguments->config.topK, "Draw among the K likeliest tokens only, 0: all")
        ->type_name("K")
        ->check(CLI::Range(std::size_t{0}, kMostTopK).description(""))
        ->capture_default_str();
    addCheckpointOptions(*command, arguments->choice);
    addOptions(*command, options,
               {Common::Store, Common::Json, Common::Quiet, Common::Seed, Common::Device, Common::Threads});
    command->get_option("--seed")->description("Another one gives another text (default: 0)");
    command->footer(
        "Examples:\n"
        "  krater-cli generate last --prompt 'two and three'\n"
        "  krater-cli generate 3 --best --tokens 500 --temperature 0.7 --top-k 50 --seed 2\n\n"
        "The text that follows the prompt is printed as it comes, until the model ends the document, there are N "
        "tokens, or\n"
        "Ctrl-C. A run that diverged takes its best checkpoint. krater-cli show RUN lists the checkpoints.");
    command->callback([=, &options, &chosen] { chosen = [=, &options] { return generate(*arguments, options); }; });
}

} // namespace krater::cli
