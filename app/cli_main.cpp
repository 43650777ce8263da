// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"
#include "app/cli/exit_code.h"
#include "app/cli/output.h"
#include "core/base/version.h"

#include <fmt/format.h>

#include <exception>

namespace krater::cli {
namespace {

void addCommands(CLI::App &program, Options &options, Action &chosen)
{
    addTrainCommand(program, options, chosen);
    addResumeCommand(program, options, chosen);
    addListCommand(program, options, chosen);
    addShowCommand(program, options, chosen);
    addCompareCommand(program, options, chosen);
    addExportCommand(program, options, chosen);
    addQueryCommand(program, options, chosen);
    addCorpusCommand(program, options, chosen);
    addPoliciesCommand(program, options, chosen);
    addPreviewCommand(program, options, chosen);
    addTokenizerCommand(program, chosen);
}

void describe(CLI::App &program)
{
    program.require_subcommand(1);
    program.get_formatter()->label("SUBCOMMAND", "COMMAND");
    program.get_formatter()->label("Subcommands", "Commands");
    program.get_formatter()->label("REQUIRED", "");
    program.set_version_flag("--version",
                             fmt::format("krater-cli {} ({}, {})", programVersion(), gitCommit(), buildType()),
                             "Print the version and exit");
    program.footer("Examples:\n"
                   "  krater-cli train experiments/quickstart.toml\n"
                   "  krater-cli list\n"
                   "  krater-cli compare 1 2 --on natural\n"
                   "  krater-cli preview gibbs --loss a=0.2 --loss b=0.8\n\n"
                   "krater-cli COMMAND --help explains a command.\n"
                   "Exit codes: 0 done, 1 failed, 2 bad usage or configuration, 3 stopped with a checkpoint, 4 "
                   "diverged, 130 interrupted.");
}

std::vector<std::string> commandNames(const CLI::App &program)
{
    std::vector<std::string> names;
    for (const CLI::App *command : program.get_subcommands({})) {
        if (!command->get_group().empty())
            names.push_back(command->get_name());
    }
    return names;
}

// CLI11's own exit codes are not ours: everything that it refuses is bad usage.
int reportParseError(const CLI::App &program, const CLI::ParseError &error, int argc, const char *const *argv)
{
    if (error.get_exit_code() == 0)
        return program.exit(error); // --help, --version
    if (const auto parsed = program.get_subcommands(); !parsed.empty()) {
        printError(error.what(), fmt::format("See krater-cli {} --help.", parsed.front()->get_name()));
        return kBadUsage;
    }
    const std::string word = argc > 1 ? argv[1] : "";
    if (word.empty() || word.starts_with("-")) {
        printError(word.empty() ? "A command is needed." : error.what(), "See krater-cli --help.");
        return kBadUsage;
    }
    const std::string hint = didYouMean(word, commandNames(program));
    printError(fmt::format("There is no command '{}'.", word), hint.empty() ? "See krater-cli --help." : hint);
    return kBadUsage;
}

int run(int argc, const char *const *argv)
{
    CLI::App program("Krater: data mixtures for language models, on the command line", "krater-cli");
    Options options;
    Action chosen;
    describe(program);
    addAllOptions(program, options);
    addCommands(program, options, chosen);
    try {
        program.parse(argc, argv);
        checkOptionsApply(program, *program.get_subcommands().front());
        return chosen();
    } catch (const CLI::ParseError &error) {
        return reportParseError(program, error, argc, argv);
    } catch (const UsageError &error) {
        printError(error.what(), error.advice());
        return kBadUsage;
    } catch (const Error &error) {
        printError(error.what(), error.advice());
        return kFailed;
    } catch (const std::exception &error) {
        printError(error.what());
        return kFailed;
    }
}

} // namespace
} // namespace krater::cli

int main(int argc, char **argv)
{
    return krater::cli::run(argc, argv);
}
