// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"
#include "app/cli/exit_code.h"
#include "app/cli/output.h"
#include "app/cli/policy_parameters.h"
#include "app/cli/policy_replay.h"
#include "app/cli/table.h"
#include "core/config/graph_file.h"

#include <fmt/format.h>

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace krater::cli {
namespace {

struct PreviewArguments {
    std::string policy;
    std::vector<std::string> losses; // "a=0.2"
    std::vector<std::string> tokens; // "a=1000"
    std::string input;               // a file of inputs instead of losses
    double budget = 0;               // tokens of the run that `input` is of; 0: those of the file
};

struct Preview {
    std::vector<std::string> domains;
    std::vector<double> losses; // nats/token
    Mixture initial;
    Mixture mixture; // after the policy saw the losses
    std::vector<PolicyTerm> terms;
    bool needsTokens = false; // other numbers of tokens would give another mixture
};

std::size_t indexOf(const std::string &name, const std::vector<std::string> &names)
{
    return static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin());
}

void parseLosses(const std::vector<std::string> &words, std::vector<std::string> &domains, std::vector<double> &losses)
{
    for (const std::string &word : words) {
        const NamedNumber loss = parseNamedNumber(word, "--loss");
        if (loss.value < 0)
            throw UsageError(fmt::format("--loss {}: a loss cannot be negative.", word),
                             "Losses are mean cross-entropies in nats/token, at least 0.");
        if (indexOf(loss.name, domains) < domains.size())
            throw UsageError(fmt::format("--loss {}: the domain '{}' has a loss already.", word, loss.name));
        domains.push_back(loss.name);
        losses.push_back(loss.value + 0.0); // no -0
    }
}

// Equal numbers of tokens unless given.
std::vector<double> parseTokens(const std::vector<std::string> &words, const std::vector<std::string> &domains)
{
    std::vector<double> tokens(domains.size(), 1.0);
    std::vector<bool> given(domains.size(), false);
    for (const std::string &word : words) {
        const NamedNumber count = parseNamedNumber(word, "--tokens");
        const std::size_t domain = indexOf(count.name, domains);
        if (domain == domains.size())
            throw UsageError(fmt::format("--tokens {}: there is no domain '{}'.", word, count.name),
                             didYouMean(count.name, domains));
        if (count.value <= 0)
            throw UsageError(fmt::format("--tokens {}: a domain has at least 1 token.", word));
        tokens[domain] = count.value;
        given[domain] = true;
    }
    const auto missing = std::find(given.begin(), given.end(), false);
    if (!words.empty() && missing != given.end())
        throw UsageError(fmt::format("--tokens: the domain '{}' has none.",
                                     domains[static_cast<std::size_t>(missing - given.begin())]),
                         "Give the tokens of every domain, or of none.");
    return tokens;
}

// Names and parameters by the rules of an experiment file, all problems at once; nothing if there are any.
std::optional<ParameterValues> parametersOf(const std::string &policy, const std::vector<std::string> &domains,
                                            const Options &options)
{
    Experiment experiment;
    experiment.info.name = "preview";
    for (const std::string &name : domains) {
        DomainConfig domain;
        domain.name = name;
        domain.sources = {"none"};
        experiment.domains.push_back(domain);
    }
    Issues issues = validate(experiment);
    experiment.mixture.policy = policy; // may need parameters that are not there yet
    ParameterValues values;
    if (!hasErrors(issues)) {
        LoadedExperiment loaded = parseExperiment(toToml(experiment), {}, {}, policyOverrides(policy, options.set));
        issues = std::move(loaded.issues);
        if (!hasErrors(issues))
            values = withGraphsRead(*std::move(loaded.experiment)).mixture.parameters;
    }
    for (Issue &issue : issues)
        issue.line = issue.column = 0; // no file that the user knows
    printIssues(issues, true);
    return hasErrors(issues) ? std::nullopt : std::optional(std::move(values));
}

// The policy's first update on these losses, whichever of the two it listens to.
Preview previewPolicy(const std::string &name, const PolicyContext &context, const std::vector<double> &losses,
                      const ParameterValues &values)
{
    const auto policy = createPolicy(name, context, values);
    PolicyInput input;
    input.losses = losses;
    input.present.assign(losses.size(), true);
    input.tokens.assign(losses.size(), 1.0);
    const Mixture initial = policy->initial();
    Mixture mixture = initial;
    for (const auto signal : {PolicyInput::Signal::Training, PolicyInput::Signal::HeldOut}) {
        input.signal = signal; // at step 0, a multiple of every interval
        if (const auto updated = policy->update(input))
            mixture = *updated;
    }
    return {context.domains, losses, initial, mixture, policy->diagnostics()};
}

std::optional<Preview> previewOf(const PreviewArguments &arguments, const Options &options)
{
    const PolicyInfo &info = policyNamed(arguments.policy);
    PolicyContext context;
    std::vector<double> losses;
    parseLosses(arguments.losses, context.domains, losses);
    context.tokens = parseTokens(arguments.tokens, context.domains);
    const auto values = parametersOf(info.name, context.domains, options);
    if (!values)
        return std::nullopt;
    Preview result = previewPolicy(info.name, context, losses, *values);
    if (arguments.tokens.empty()) {
        std::iota(context.tokens.begin(), context.tokens.end(), 1.0);
        const Preview other = previewPolicy(info.name, context, losses, *values);
        result.needsTokens = !std::ranges::equal(other.mixture.weights(), result.mixture.weights());
    }
    return result;
}

Json previewJson(const std::string &policy, const Preview &preview)
{
    Json terms = Json::object();
    for (const PolicyTerm &term : preview.terms)
        terms[term.name] = byDomain(preview.domains, term.values);
    return {{"policy", policy},
            {"losses", byDomain(preview.domains, preview.losses)},
            {"initial", byDomain(preview.domains, preview.initial.weights())},
            {"mixture", byDomain(preview.domains, preview.mixture.weights())},
            {"terms", std::move(terms)}};
}

std::string previewText(const Preview &preview)
{
    using enum Table::Align;
    std::vector<Table::Column> columns = {
        {"domain", Left, true}, {"loss", Right}, {"share before", Right}, {"share after", Right}};
    for (const PolicyTerm &term : preview.terms)
        columns.push_back({term.name, Right});
    Table table(std::move(columns));
    const auto fixed = [](double value) {
        constexpr double kMostPlain = 1e6;
        if (!std::isfinite(value))
            return std::string("-");
        return std::abs(value) < kMostPlain ? fmt::format("{:.4f}", value) : fmt::format("{:.4g}", value);
    };
    for (std::size_t k = 0; k < preview.domains.size(); ++k) {
        std::vector<std::string> cells = {preview.domains[k], fixed(preview.losses[k]), fixed(preview.initial[k]),
                                          fixed(preview.mixture[k])};
        for (const PolicyTerm &term : preview.terms)
            cells.push_back(fixed(term.values[k]));
        table.addRow(std::move(cells));
    }
    return table.text(terminalWidth(STDOUT_FILENO));
}

int replayInputs(const PreviewArguments &arguments, const Options &options)
{
    const PolicyInfo &info = policyNamed(arguments.policy);
    const Replay replay = readReplay(arguments.input);
    PolicyContext context;
    context.domains = replay.domains;
    context.tokens = parseTokens(arguments.tokens, replay.domains);
    context.tokenBudget = arguments.budget > 0 ? static_cast<std::uint64_t>(arguments.budget) : replay.numTokens();
    context.numSteps = replay.numSteps();
    const auto values = parametersOf(info.name, replay.domains, options);
    if (!values)
        return kBadUsage;
    const auto policy = createPolicy(info.name, context, *values);
    if (!options.quiet)
        for (const std::string &warning : policy->warnings())
            printWarning(warning);
    printReplay(replay, *policy, options.json);
    return kDone;
}

int preview(const PreviewArguments &arguments, const Options &options)
{
    if (!arguments.input.empty())
        return replayInputs(arguments, options);
    if (arguments.losses.empty())
        throw UsageError("There are no losses to preview with.",
                         "Give --loss DOMAIN=LOSS for each domain, or --input FILE.");
    const auto result = previewOf(arguments, options);
    if (!result)
        return kBadUsage;
    if (options.json)
        printJson(previewJson(arguments.policy, *result));
    else
        print(previewText(*result));
    if (result->needsTokens && !options.quiet)
        printMessage("All domains are taken to have the same number of tokens; --tokens DOMAIN=N gives them others.");
    return kDone;
}

} // namespace

void addPreviewCommand(CLI::App &program, Options &options, Action &chosen)
{
    CLI::App *command = program.add_subcommand("preview", "What a policy would make of losses that you type");
    const auto arguments = std::make_shared<PreviewArguments>();
    command->add_option("POLICY", arguments->policy, "See krater-cli policies")->type_name("")->required();
    command->add_option("--loss", arguments->losses, "A domain and its loss in nats/token; once for each domain")
        ->type_name("DOMAIN=LOSS")
        ->allow_extra_args(false);
    command->add_option("--tokens", arguments->tokens, "A domain and its training tokens (default: all the same)")
        ->type_name("DOMAIN=N")
        ->allow_extra_args(false);
    command
        ->add_option("--input", arguments->input,
                     "A file of inputs to replay one after the other, one JSON object a line: "
                     "{\"step\": 1, \"losses\": {\"a\": 2.1}, \"tokens\": {...}, \"reference_losses\": {...}}")
        ->type_name("FILE.jsonl")
        ->excludes("--loss");
    command
        ->add_option("--budget", arguments->budget,
                     "Tokens of the run that the inputs are of (default: those of the file)")
        ->type_name("TOKENS")
        ->check(CLI::Range(0.0, 1e18))
        ->needs("--input");
    addOptions(*command, options, {Common::Store, Common::Json, Common::Quiet, Common::Set});
    command->footer("Examples:\n"
                    "  krater-cli preview gibbs --loss a=0.2 --loss b=0.8\n"
                    "  krater-cli preview gibbs --loss a=0.2 --loss b=0.8 --set temperature=0.5 --set prior=natural "
                    "--tokens a=1000 --tokens b=9000\n"
                    "  krater-cli preview odm --input losses.jsonl --set variant=exp3 --json");
    command->callback([=, &options, &chosen] { chosen = [=, &options] { return preview(*arguments, options); }; });
}

} // namespace krater::cli
