// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"
#include "app/cli/exit_code.h"
#include "app/cli/output.h"
#include "app/cli/preparation.h"
#include "app/cli/table.h"

#include <fmt/format.h>

#include <unistd.h>

namespace krater::cli {
namespace {

double allTokens(const CorpusReport &report)
{
    double tokens = 0;
    for (const DomainReport &domain : report.domains)
        tokens += domain.tokens;
    return tokens;
}

const char *nameOf(Issue::Severity severity)
{
    switch (severity) {
    case Issue::Severity::Note:
        return "note";
    case Issue::Severity::Warning:
        return "warning";
    case Issue::Severity::Error:
        return "error";
    }
    return "";
}

Json issueJson(const Issue &issue)
{
    return {{"severity", nameOf(issue.severity)},
            {"file", issue.file},
            {"line", issue.line},
            {"column", issue.column},
            {"domain", issue.domain},
            {"message", issue.message},
            {"advice", issue.advice}};
}

Json domainJson(const CorpusReport &report, std::size_t index, double tokensOfAll)
{
    const DomainReport &domain = report.domains[index];
    Json shared = Json::object();
    for (std::size_t other = 0; other < report.domains.size(); ++other) {
        if (other != index && index < report.shared.size() && report.shared[index][other] > 0)
            shared[report.domains[other].name] = report.shared[index][other];
    }
    return {{"name", domain.name},
            {"files", domain.files},
            {"documents", domain.documents},
            {"bytes", domain.bytes},
            {"tokens", domain.tokens},
            {"tokens_exact", domain.exact},
            {"share", tokensOfAll > 0 ? Json(domain.tokens / tokensOfAll) : Json(nullptr)},
            {"held_out_documents", domain.heldOutDocuments},
            {"held_out_bytes", domain.heldOutBytes},
            {"held_out_tokens", domain.heldOutTokens},
            {"rejected", domain.rejected},
            {"duplicates", domain.duplicates},
            {"held_out_duplicates", domain.heldOutDuplicates},
            {"shared", std::move(shared)},
            {"length_histogram", domain.lengthHistogram}};
}

Json reportJson(const CorpusReport &report)
{
    const double tokens = allTokens(report);
    Json domains = Json::array();
    for (std::size_t index = 0; index < report.domains.size(); ++index)
        domains.push_back(domainJson(report, index, tokens));
    Json issues = Json::array();
    for (const Issue &issue : report.issues)
        issues.push_back(issueJson(issue));
    return {{"domains", std::move(domains)}, {"issues", std::move(issues)}};
}

Table reportTable(const CorpusReport &report)
{
    using enum Table::Align;
    Table table({{"domain", Left, true},
                 {"files", Right},
                 {"documents", Right},
                 {"bytes", Right},
                 {"tokens", Right},
                 {"share", Right},
                 {"held-out tokens", Right},
                 {"rejected", Right},
                 {"duplicates", Right}});
    const double tokens = allTokens(report);
    const auto count = [](std::uint64_t number) { return countText(static_cast<double>(number)); };
    for (const DomainReport &domain : report.domains) {
        const std::string about = domain.exact ? "" : "~";
        table.addRow({domain.name, count(domain.files), count(domain.documents),
                      bytesText(static_cast<double>(domain.bytes)), about + countText(domain.tokens),
                      shareText(domain.tokens / tokens), about + countText(domain.heldOutTokens),
                      count(domain.rejected), count(domain.duplicates)});
    }
    return table;
}

int scan(const std::string &file, const Options &options)
{
    const auto loaded = loadOrReport(file, options);
    if (!loaded)
        return kBadUsage;
    StopSignals signals;
    CorpusReport report;
    {
        const StopWatch watch(signals);
        CorpusProgressLine line(options.quiet);
        report = scanCorpus(*loaded->experiment, watch.token(),
                            [&line](const CorpusProgress &progress) { line.show(progress); });
    }
    if (signals.requested())
        return kInterrupted;
    report.issues = placedInFile(std::move(report.issues), file, *loaded);
    printIssues(report.issues, options.quiet);
    if (options.json)
        printJson(reportJson(report));
    else
        print(reportTable(report).text(terminalWidth(STDOUT_FILENO)));
    return hasErrors(report.issues) ? kBadUsage : kDone;
}

} // namespace

void addCorpusCommand(CLI::App &program, Options &options, Action &chosen)
{
    CLI::App *command =
        program.add_subcommand("corpus", "Scan the domains of an experiment file and report what is in them");
    const auto file = std::make_shared<std::string>();
    command->add_option("FILE", *file, "The experiment file (TOML)")->type_name("")->required();
    addOptions(*command, options, {Common::Store, Common::Json, Common::Quiet, Common::Set, Common::Seed});
    command->footer("Examples:\n"
                    "  krater-cli corpus experiments/quickstart.toml\n"
                    "  krater-cli corpus mine.toml --json | jq '.domains[] | {name, tokens}'");
    command->callback([=, &options, &chosen] { chosen = [=, &options] { return scan(*file, options); }; });
}

} // namespace krater::cli
