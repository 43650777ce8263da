// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"
#include "app/cli/exit_code.h"
#include "app/cli/output.h"
#include "app/cli/run_export.h"
#include "app/cli/runs.h"
#include "core/base/files.h"
#include "core/store/checkpoint.h"

#include <fmt/format.h>

#include <algorithm>

namespace krater::cli {
namespace {

struct ExportArguments {
    std::string run;
    std::string what;
    std::string file;
    std::string format;
    bool best = false;
};

const std::vector<std::string> kFormats = {"csv", "json", "toml"};

// --format, else --json, else the file's extension, else what suits the thing.
std::string formatOf(const ExportArguments &arguments, const Options &options)
{
    const bool curves = arguments.what == "curves";
    std::string format = arguments.format;
    if (format.empty() && options.json)
        format = "json";
    if (format.empty() && !arguments.file.empty()) {
        const std::string extension = std::filesystem::path(arguments.file).extension().string();
        const auto known = std::find(kFormats.begin(), kFormats.end(), extension.empty() ? "" : extension.substr(1));
        format = known == kFormats.end() ? "" : *known;
    }
    if (format.empty())
        format = curves ? "csv" : "toml";
    if (curves && format == "toml")
        throw UsageError("Curves cannot be written as TOML.", "Use --format csv or --format json.");
    return format;
}

std::string exportText(RunReader &reader, const RunRecord &run, const ExportArguments &arguments,
                       const Options &options)
{
    if (arguments.what == "experiment")
        return run.experimentToml;
    const std::string format = formatOf(arguments, options);
    if (arguments.what == "curves")
        return format == "json" ? curvesJson(reader, run) : curvesCsv(reader, run);
    if (format == "json")
        return mixtureJson(reader, run);
    return format == "csv" ? mixtureCsv(reader, run) : mixtureToml(reader, run);
}

int exportWeights(RunReader &reader, const RunRecord &run, const ExportArguments &arguments, const Options &options)
{
    std::vector<StoredCheckpoint> checkpoints = reader.checkpoints(run.id);
    if (arguments.best)
        std::erase_if(checkpoints, [](const StoredCheckpoint &checkpoint) { return !checkpoint.best; });
    if (checkpoints.empty())
        throw Error(fmt::format("{} has no {}checkpoint, so there are no weights to export.", titleOf(run),
                                arguments.best ? "best " : ""));
    const StoredCheckpoint &checkpoint = checkpoints.back();
    const std::filesystem::path target =
        arguments.file.empty() ? fmt::format("run-{}.safetensors", run.id) : arguments.file;
    if (arguments.file.empty() && std::filesystem::exists(target))
        throw Error(fmt::format("{} exists.", target.string()),
                    "Name another file with -o, or the same one to replace it.");
    exportModel(checkpoint.file, target);
    if (options.json)
        printJson({{"run", run.id}, {"step", checkpoint.step}, {"file", target.string()}});
    else if (!options.quiet)
        printMessage(
            fmt::format("The weights of {} after step {} are in {}.", titleOf(run), checkpoint.step, target.string()));
    return kDone;
}

int exportRun(const ExportArguments &arguments, const Options &options)
{
    const auto reader = openStoreWithRuns(options);
    const RunRecord run = findRun(*reader, arguments.run);
    if (arguments.what == "model")
        return exportWeights(*reader, run, arguments, options);
    const std::string text = exportText(*reader, run, arguments, options);
    if (arguments.file.empty() || arguments.file == "-") {
        print(text);
        return kDone;
    }
    writeFileAtomically(arguments.file, text);
    if (!options.quiet)
        printMessage(fmt::format("The {} of {}: {}", arguments.what, titleOf(run), arguments.file));
    return kDone;
}

} // namespace

void addExportCommand(CLI::App &program, Options &options, Action &chosen)
{
    CLI::App *command =
        program.add_subcommand("export", "Write a run's curves, mixture, model or experiment for other programs");
    const auto arguments = std::make_shared<ExportArguments>();
    command->add_option("RUN", arguments->run, "Its number, its name, or last")->type_name("")->required();
    command
        ->add_option("WHAT", arguments->what,
                     "curves (every point), mixture (final and mean), model (safetensors), experiment (TOML)")
        ->type_name("")
        ->required()
        ->check(CLI::IsMember({"curves", "mixture", "model", "experiment"}));
    command
        ->add_option("-o,--output", arguments->file,
                     "The file to write (default: standard output; for a model run-N.safetensors)")
        ->type_name("FILE");
    command->add_option("--format", arguments->format, "csv, json or toml (default: by the file's extension)")
        ->type_name("FORMAT")
        ->check(CLI::IsMember(kFormats));
    command->add_flag("--best", arguments->best,
                      "For a model: the checkpoint with the lowest held-out loss instead of the last");
    addOptions(*command, options, {Common::Store, Common::Json, Common::Quiet});
    command->footer("Examples:\n"
                    "  krater-cli export last curves -o curves.csv\n"
                    "  krater-cli export 3 mixture --format json\n"
                    "  krater-cli export 3 model --best -o weights.safetensors");
    command->callback([=, &options, &chosen] { chosen = [=, &options] { return exportRun(*arguments, options); }; });
}

} // namespace krater::cli
