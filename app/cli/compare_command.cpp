// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"
#include "app/cli/exit_code.h"
#include "app/cli/output.h"
#include "app/cli/runs.h"
#include "app/cli/seed_tables.h"
#include "app/cli/table.h"
#include "core/compare/run_comparison.h"

#include <fmt/format.h>

#include <unistd.h>

#include <algorithm>
#include <numeric>

namespace krater::cli {
namespace {

struct CompareArguments {
    std::vector<std::string> runs;
    std::string baseline;
    std::string on = "uniform";
};

ScoreMixture scoreMixture(const std::string &text)
{
    Issues issues;
    const auto mixture = parseScoreMixture(text, issues);
    if (mixture && !hasErrors(issues))
        return *mixture;
    const Issue problem = issues.empty() ? Issue{} : issues.front();
    throw UsageError(fmt::format("--on {}: {}", text, problem.message),
                     problem.advice.empty() ? "Use natural, uniform or a=0.5,b=0.5." : problem.advice);
}

std::vector<RunRecord> findRuns(RunReader &reader, const std::vector<std::string> &words)
{
    std::vector<RunRecord> runs;
    for (const std::string &word : words) {
        RunRecord run = findRun(reader, word);
        const bool twice =
            std::any_of(runs.begin(), runs.end(), [&run](const RunRecord &other) { return other.id == run.id; });
        if (!twice)
            runs.push_back(std::move(run));
    }
    return runs;
}

// The baseline's position; a baseline that was not named among the runs joins them.
std::size_t baselineAmong(std::vector<RunRecord> &runs, RunReader &reader, const std::string &word)
{
    if (word.empty())
        return 0;
    RunRecord baseline = findRun(reader, word);
    for (std::size_t i = 0; i < runs.size(); ++i) {
        if (runs[i].id == baseline.id)
            return i;
    }
    runs.insert(runs.begin(), std::move(baseline));
    return 0;
}

void checkWeights(const ScoreMixture &on, const std::vector<RunRecord> &runs)
{
    std::vector<std::string> domains;
    for (const RunRecord &run : runs)
        domains.insert(domains.end(), run.domains.begin(), run.domains.end());
    for (const auto &[name, weight] : on.weights) {
        if (std::find(domains.begin(), domains.end(), name) == domains.end())
            throw UsageError(fmt::format("--on: none of the runs has a domain '{}'.", name), didYouMean(name, domains));
    }
}

Comparison comparisonOf(const CompareArguments &arguments, const Options &options)
{
    const ScoreMixture on = scoreMixture(arguments.on);
    const auto reader = openStoreWithRuns(options);
    std::vector<RunRecord> runs = findRuns(*reader, arguments.runs);
    const std::size_t baseline = baselineAmong(runs, *reader, arguments.baseline);
    if (runs.size() < 2)
        throw UsageError("A comparison needs two different runs.", "krater-cli list shows all runs.");
    checkWeights(on, runs);
    std::vector<ComparedRun> compared;
    for (RunRecord &run : runs) {
        std::vector<MetricSummary> summaries = reader->summaries(run.id);
        std::string planToml = run.plan ? reader->planToml(run.plan->plan) : std::string();
        compared.push_back({std::move(run), std::move(summaries), std::move(planToml)});
    }
    return compareRuns(compared, baseline, on);
}

Json domainJson(const DomainComparison &domain, std::size_t run)
{
    return {{"first", domain.firstLoss[run]},           {"last", domain.finalLoss[run]},
            {"difference", domain.lossDifference[run]}, {"mean_share", domain.meanShare[run]},
            {"last_share", domain.finalShare[run]},     {"epochs", domain.epochs[run]}};
}

Json runJson(const Comparison &comparison, std::size_t run)
{
    const RunScore &score = comparison.scores[run];
    Json domains = Json::object();
    for (const DomainComparison &domain : comparison.domains)
        domains[domain.name] = domainJson(domain, run);
    return {{"run", comparison.runs[run].id},
            {"name", comparison.runs[run].name},
            {"policy", comparison.runs[run].policy},
            {"state", toString(comparison.runs[run].state)},
            {"score", score.score},
            {"difference", score.scoreDifference},
            {"mixture_distance", score.mixtureDistance},
            {"domains", std::move(domains)}};
}

Json groupJson(const Comparison &comparison, const SeedGroup &group)
{
    Json runs = Json::array();
    for (const std::size_t run : group.runs)
        runs.push_back(comparison.runs[run].id);
    Json object = {{"runs", std::move(runs)},
                   {"seeds", group.seeds},
                   {"mean", group.score.mean},
                   {"low", group.score.low},
                   {"high", group.score.high}};
    if (group.againstBaseline)
        object["against_baseline"] = {{"difference", group.againstBaseline->difference.mean},
                                      {"low", group.againstBaseline->difference.low},
                                      {"high", group.againstBaseline->difference.high},
                                      {"p_value", group.againstBaseline->pValue}};
    return object;
}

Json comparisonJson(const Comparison &comparison)
{
    Json weights = Json::object();
    for (const DomainComparison &domain : comparison.domains)
        weights[domain.name] = domain.weight;
    Json runs = Json::array();
    for (std::size_t run = 0; run < comparison.runs.size(); ++run)
        runs.push_back(runJson(comparison, run));
    Json configuration = Json::array();
    for (const ConfigurationDifference &difference : comparison.configuration)
        configuration.push_back({{"key", difference.key}, {"values", difference.values}});
    Json groups = Json::array();
    for (const SeedGroup &group : comparison.groups)
        groups.push_back(groupJson(comparison, group));
    return {{"baseline", comparison.runs[comparison.baseline].id},
            {"on", toString(comparison.on)},
            {"weights", std::move(weights)},
            {"runs", std::move(runs)},
            {"configuration", std::move(configuration)},
            {"groups", std::move(groups)},
            {"over_seeds", seedTablesJson(comparison, onEachMixture(comparison))}};
}

using RunPositions = std::vector<std::size_t>; // in Comparison::runs

// A column per run: the baseline's own losses, the differences of the others.
Table lossTable(const Comparison &comparison, const RunPositions &runs)
{
    std::vector<Table::Column> columns = {{"held-out loss", Table::Align::Left, true}, {"weight", Table::Align::Right}};
    for (const std::size_t run : runs)
        columns.push_back(
            {fmt::format("{}{}", comparison.runs[run].id, run == comparison.baseline ? " (baseline)" : ""),
             Table::Align::Right});
    Table table(std::move(columns));
    const auto cell = [&comparison](std::size_t run, double value, double difference) {
        return run == comparison.baseline ? lossText(value)
                                          : fmt::format("{} ({})", lossText(value), signedText(difference));
    };
    for (const DomainComparison &domain : comparison.domains) {
        std::vector<std::string> cells = {domain.name, shareText(domain.weight)};
        for (const std::size_t run : runs)
            cells.push_back(cell(run, domain.finalLoss[run], domain.lossDifference[run]));
        table.addRow(std::move(cells));
    }
    std::vector<std::string> mean = {fmt::format("mean on {}", toString(comparison.on)), ""};
    for (const std::size_t run : runs)
        mean.push_back(cell(run, comparison.scores[run].score, comparison.scores[run].scoreDifference));
    table.addRow(std::move(mean));
    return table;
}

Table shareTable(const Comparison &comparison, const RunPositions &runs)
{
    std::vector<Table::Column> columns = {{"mean share", Table::Align::Left, true}};
    for (const std::size_t run : runs)
        columns.push_back({std::to_string(comparison.runs[run].id), Table::Align::Right});
    Table table(std::move(columns));
    for (const DomainComparison &domain : comparison.domains) {
        std::vector<std::string> cells = {domain.name};
        for (const std::size_t run : runs)
            cells.push_back(shareText(domain.meanShare[run]));
        table.addRow(std::move(cells));
    }
    return table;
}

// A TOML string without its quotes; "-" where the key is not there.
std::string plainValue(const std::string &value)
{
    const bool isQuoted = value.size() >= 2 && (value[0] == '\'' || value[0] == '"') && value.back() == value[0];
    return value.empty() ? "-" : isQuoted ? value.substr(1, value.size() - 2) : value;
}

Table configurationTable(const Comparison &comparison, const RunPositions &runs)
{
    std::vector<Table::Column> columns = {{"setting", Table::Align::Left, false, true}};
    for (const std::size_t run : runs)
        columns.push_back({std::to_string(comparison.runs[run].id), Table::Align::Left, false, true});
    Table table(std::move(columns));
    for (const ConfigurationDifference &difference : comparison.configuration) {
        std::vector<std::string> cells = {difference.key};
        for (const std::size_t run : runs)
            cells.push_back(plainValue(difference.values[run]));
        table.addRow(std::move(cells));
    }
    return table;
}

// One table if it fits the terminal, else several with as many runs each as fit.
std::string tablesText(const Comparison &comparison, int width,
                       Table (*tableOf)(const Comparison &, const RunPositions &))
{
    RunPositions all(comparison.runs.size());
    std::iota(all.begin(), all.end(), std::size_t{0});
    std::string text;
    for (auto begin = all.begin(); begin != all.end();) {
        auto end = all.end();
        while (end - begin > 1 && !tableOf(comparison, {begin, end}).fits(width))
            --end;
        text += (text.empty() ? "" : "\n") + tableOf(comparison, {begin, end}).text(width);
        begin = end;
    }
    return text;
}

std::string comparisonText(const Comparison &comparison)
{
    const int width = terminalWidth(STDOUT_FILENO);
    Table runs({{"run", Table::Align::Right}, {"name", Table::Align::Left, false, true}, {"policy"}, {"state"}});
    for (const RunRecord &run : comparison.runs)
        runs.addRow({std::to_string(run.id), run.name, run.policy, std::string(toString(run.state))});
    std::string text = runs.text(width) + '\n' + tablesText(comparison, width, lossTable) + '\n'
        + tablesText(comparison, width, shareTable);
    if (!comparison.configuration.empty())
        text += '\n' + tablesText(comparison, width, configurationTable);
    const std::string overSeeds = seedTables(comparison, onEachMixture(comparison), width);
    return overSeeds.empty() ? text : text + '\n' + overSeeds;
}

int compare(const CompareArguments &arguments, const Options &options)
{
    const Comparison comparison = comparisonOf(arguments, options);
    printIssues(comparison.issues);
    if (options.json)
        printJson(comparisonJson(comparison));
    else
        print(comparisonText(comparison));
    return kDone;
}

} // namespace

void addCompareCommand(CLI::App &program, Options &options, Action &chosen)
{
    CLI::App *command = program.add_subcommand("compare", "Compare runs by domain on a fixed mixture");
    const auto arguments = std::make_shared<CompareArguments>();
    command->add_option("RUN", arguments->runs, "Two or more runs: numbers, names, or last")->type_name("")->required();
    command
        ->add_option("--baseline", arguments->baseline,
                     "The run that the others are compared with (default: the first)")
        ->type_name("RUN");
    command
        ->add_option("--on", arguments->on,
                     "The mixture that losses are averaged over: natural, uniform or a=0.5,b=0.5")
        ->type_name("MIXTURE")
        ->capture_default_str();
    addOptions(*command, options, {Common::Store, Common::Json, Common::Quiet});
    command->footer("Examples:\n"
                    "  krater-cli compare 3 4\n"
                    "  krater-cli compare 3 4 5 --baseline 4 --on natural\n"
                    "  krater-cli compare last 1 --on code=0.7,perl=0.3 --json");
    command->callback([=, &options, &chosen] { chosen = [=, &options] { return compare(*arguments, options); }; });
}

} // namespace krater::cli
