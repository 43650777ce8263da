// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"
#include "app/cli/exit_code.h"
#include "app/cli/output.h"
#include "core/base/version.h"

#include <fmt/format.h>

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
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
    addGenerateCommand(program, options, chosen);
    addQueryCommand(program, options, chosen);
    addCorpusCommand(program, options, chosen);
    addPoliciesCommand(program, options, chosen);
    addPreviewCommand(program, options, chosen);
    for (CLI::App *command : program.get_subcommands({}))
        command->group("Commands");
    addTokenizerCommand(program, chosen);
}

void describe(CLI::App &program)
{
    program.require_subcommand(1);
    program.get_formatter()->label("SUBCOMMAND", "COMMAND");
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

std::string withoutDoubleBlankLines(std::string text)
{
    for (std::size_t place = 0; (place = text.find("\n\n\n", place)) != std::string::npos;)
        text.erase(place, 1);
    text.erase(0, text.find_first_not_of('\n'));
    return text;
}

// "help" and "help COMMAND", as people type them.
std::vector<std::string> argumentsOf(int argc, const char *const *argv)
{
    std::vector<std::string> words(argv + std::min(argc, 1), argv + argc);
    if (!words.empty() && words.front() == "help") {
        words.erase(words.begin());
        words.emplace_back("--help");
    }
    return words;
}

// The nearest name of an option for the first word that is none, empty if nothing is near.
std::string optionHint(const CLI::App &command, const std::vector<std::string> &words)
{
    std::vector<std::string> known;
    for (const CLI::Option *option : command.get_options()) {
        if (!option->get_lnames().empty())
            known.push_back("--" + option->get_lnames().front());
    }
    for (const std::string &word : words) {
        const std::string name = word.substr(0, word.find('='));
        if (name.starts_with("--") && std::find(known.begin(), known.end(), name) == known.end())
            return didYouMean(name, known);
    }
    return {};
}

// CLI11's own exit codes are not ours: everything that it refuses is bad usage.
int reportParseError(const CLI::App &program, const CLI::ParseError &error, const std::vector<std::string> &words)
{
    if (dynamic_cast<const CLI::CallForHelp *>(&error)) {
        print(withoutDoubleBlankLines(program.help()));
        return kDone;
    }
    if (error.get_exit_code() == 0)
        return program.exit(error); // --version
    if (const auto parsed = program.get_subcommands(); !parsed.empty()) {
        const std::string hint = optionHint(*parsed.front(), words);
        const std::string help = fmt::format("See krater-cli {} --help.", parsed.front()->get_name());
        printError(error.what(), hint.empty() ? help : hint + ' ' + help);
        return kBadUsage;
    }
    const std::string word = words.empty() ? "" : words.front();
    if (word.empty() || word.starts_with("-")) {
        printError(word.empty() ? "A command is needed." : error.what(), "See krater-cli --help.");
        return kBadUsage;
    }
    const std::string hint = didYouMean(word, commandNames(program));
    printError(fmt::format("There is no command '{}'.", word), hint.empty() ? "See krater-cli --help." : hint);
    return kBadUsage;
}

// A file that is opened later would otherwise become standard output, and events or messages would be written into it.
void openStandardStreams()
{
    for (int descriptor = STDIN_FILENO; descriptor <= STDERR_FILENO; ++descriptor) {
        if (::fcntl(descriptor, F_GETFD) < 0 && ::open("/dev/null", O_RDWR) < 0)
            std::abort(); // a system without /dev/null
    }
}

int run(int argc, const char *const *argv)
{
    CLI::App program("Krater: data mixtures for language models, on the command line", "krater-cli");
    Options options;
    Action chosen;
    const std::vector<std::string> words = argumentsOf(argc, argv);
    describe(program);
    addAllOptions(program, options);
    addCommands(program, options, chosen);
    try {
        program.parse(std::vector<std::string>(words.rbegin(), words.rend())); // CLI11 takes them from the back
        checkOptionsApply(program, *program.get_subcommands().front());
        const int code = chosen();
        return code == kDone && outputFailed() ? kFailed : code;
    } catch (const OutputClosed &) {
        std::signal(SIGPIPE, SIG_DFL); // `krater-cli ... | head` ends as every program does
        std::raise(SIGPIPE);
        return kFailed;
    } catch (const CLI::ParseError &error) {
        return reportParseError(program, error, words);
    } catch (const InputError &error) {
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
    krater::cli::openStandardStreams();
    return krater::cli::run(argc, argv);
}
