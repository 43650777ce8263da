// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/options.h"

#include "app/cli/exit_code.h"
#include "app/cli/output.h"
#include "core/base/files.h"
#include "core/mixture/policy_registry.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

namespace krater::cli {
namespace {

constexpr int kMostThreads = 1024; // as the experiment file

// Empty if the text is a seed.
std::string problemOfSeed(std::string &text)
{
    std::int64_t seed = -1;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seed);
    if (error == std::errc() && end == text.data() + text.size() && seed >= 0)
        return {};
    return fmt::format("'{}' is not a whole number from 0 to {}", text, std::numeric_limits<std::int64_t>::max());
}

CLI::Option *addOption(CLI::App &command, Options &options, Common which)
{
    switch (which) {
    case Common::Store:
        return command
            .add_option("--store", options.store, "The store with the runs (default: runs.krater among your data)")
            ->type_name("FILE");
    case Common::Json:
        return command.add_flag("--json", options.json, "For programs: JSON on standard output");
    case Common::Quiet:
        return command.add_flag("-q,--quiet", options.quiet,
                                "No progress and no hints: results, warnings and errors only");
    case Common::Set:
        return command
            .add_option("--set", options.set, "Override a value, as in training.token_budget=1e6; may be repeated")
            ->type_name("KEY=VALUE")
            ->allow_extra_args(false);
    case Common::Seed:
        return command.add_option("--seed", options.seed, "Override experiment.seed")
            ->type_name("N")
            ->check(CLI::Validator(problemOfSeed, ""));
    case Common::Device:
        return command.add_option("--device", options.device, "auto, cpu, cuda or cuda:N")->type_name("DEVICE");
    case Common::Threads:
        return command.add_option("--threads", options.threads, "CPU threads of the engine, 0: all cores")
            ->type_name("N")
            ->check(CLI::Range(0, kMostThreads).description(""));
    }
    return nullptr;
}

} // namespace

std::filesystem::path Options::storeFile() const
{
    return store.empty() ? defaultStoreFile() : std::filesystem::absolute(store).lexically_normal();
}

std::vector<std::string> Options::overrides() const
{
    std::vector<std::string> all = set;
    if (seed)
        all.push_back(fmt::format("experiment.seed={}", *seed));
    if (!device.empty())
        all.push_back(fmt::format("training.device={}", device));
    if (threads)
        all.push_back(fmt::format("training.threads={}", *threads));
    return all;
}

void addOptions(CLI::App &command, Options &options, std::initializer_list<Common> which)
{
    for (const Common option : which)
        addOption(command, options, option)->group("Common options");
}

void addAllOptions(CLI::App &program, Options &options)
{
    addOptions(
        program, options,
        {Common::Store, Common::Json, Common::Quiet, Common::Set, Common::Seed, Common::Device, Common::Threads});
}

void checkOptionsApply(const CLI::App &program, const CLI::App &command)
{
    for (const CLI::Option *option : program.get_options()) {
        const std::string name = option->get_single_name();
        if (option->count() > 0 && !command.get_option_no_throw("--" + name))
            throw UsageError(fmt::format("{} takes no --{}.", command.get_name(), name),
                             fmt::format("See krater-cli {} --help.", command.get_name()));
    }
}

std::optional<LoadedExperiment> loadOrReport(const std::string &file, const Options &options)
{
    LoadedExperiment loaded = loadExperiment(file, options.overrides());
    printIssues(loaded.issues, options.quiet);
    if (!loaded.experiment || hasErrors(loaded.issues))
        return std::nullopt;
    return loaded;
}

Issues placedInFile(Issues issues, const std::string &file, const LoadedExperiment &loaded)
{
    const std::vector<std::string> names = loaded.experiment->domainNames();
    for (Issue &issue : issues) {
        const auto domain = std::find(names.begin(), names.end(), issue.domain);
        std::error_code error;
        if (domain == names.end() || (!issue.file.empty() && std::filesystem::exists(issue.file, error)))
            continue;
        const LoadedExperiment::Place place = loaded.domainPlaces[static_cast<std::size_t>(domain - names.begin())];
        issue.file = file;
        issue.line = place.line;
        issue.column = place.column;
    }
    return issues;
}

double parseNumber(const std::string &text, const std::string &option)
{
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size())
        throw UsageError(fmt::format("{}: '{}' is not a number.", option, text),
                         "Numbers are written like 0.25 or 1e6.");
    if (!std::isfinite(value))
        throw UsageError(fmt::format("{}: '{}' is not a finite number.", option, text));
    return value;
}

NamedNumber parseNamedNumber(const std::string &word, const std::string &option)
{
    const std::size_t equals = word.rfind('=');
    if (equals == std::string::npos || equals == 0)
        throw UsageError(fmt::format("{} {}: a name, '=' and a number are needed.", option, word),
                         fmt::format("For example {} quotes=0.5.", option));
    const std::string name = word.substr(0, equals);
    return {name, parseNumber(word.substr(equals + 1), option + " " + name)};
}

std::string didYouMean(const std::string &name, const std::vector<std::string> &known)
{
    const std::string nearest = nearestName(name, known);
    return nearest.empty() ? std::string() : fmt::format("Did you mean '{}'?", nearest);
}

} // namespace krater::cli
