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
#include <fmt/ranges.h>

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

const std::vector<std::string> kFormats = {"csv", "json", "toml", "safetensors"};

bool isStandardOutput(const std::string &file)
{
    return file.empty() || file == "-";
}

// What a thing can be written as, the default first.
std::vector<std::string> formatsOf(const std::string &what)
{
    if (what == "curves")
        return {"csv", "json"};
    if (what == "mixture")
        return {"toml", "json", "csv"};
    if (what == "experiment")
        return {"toml"};
    return {"safetensors"};
}

// What a file's name says about it, empty if nothing.
std::string formatByName(const std::string &file)
{
    const std::string extension = std::filesystem::path(file).extension().string();
    return extension.size() > 1 ? extension.substr(1) : std::string();
}

bool isIn(const std::vector<std::string> &names, const std::string &name)
{
    return std::find(names.begin(), names.end(), name) != names.end();
}

// --format, else --json, else the file's extension, else what suits the thing. Throws UsageError for what cannot be done as asked.
std::string formatOf(const ExportArguments &arguments, const Options &options)
{
    const std::vector<std::string> formats = formatsOf(arguments.what);
    const bool isModel = arguments.what == "model";
    if (arguments.best && !isModel)
        throw UsageError(
            fmt::format("--best chooses the weights of a model: the {} cannot be exported with it.", arguments.what));
    std::string format = arguments.format;
    if (format.empty() && options.json && !isModel) // for a model, --json says how the command reports
        format = "json";
    const bool isAsked = !format.empty();
    if (!isAsked)
        format = formatByName(arguments.file);
    if (isIn(formats, format))
        return format;
    if (isAsked || isIn(kFormats, format) || format == "yaml" || format == "yml")
        throw UsageError(fmt::format("The {} cannot be written as {}.", arguments.what, format),
                         fmt::format("Possible: {}.", fmt::join(formats, ", ")));
    return formats.front();
}

// Where the text will lie, as far as is known.
std::filesystem::path folderOf(const std::string &file)
{
    const std::filesystem::path target = isStandardOutput(file) ? "stdout" : file;
    return std::filesystem::absolute(target).lexically_normal().parent_path();
}

std::string experimentText(const RunRecord &run, const ExportArguments &arguments, const Options &options)
{
    std::string text = experimentToml(run, folderOf(arguments.file));
    if (text != run.experimentToml && !options.quiet)
        printMessage("Paths are written as absolute ones, so that the experiment finds its text from another folder.");
    return text;
}

std::string exportText(RunReader &reader, const RunRecord &run, const ExportArguments &arguments,
                       const Options &options)
{
    const std::string format = formatOf(arguments, options);
    if (arguments.what == "experiment")
        return experimentText(run, arguments, options);
    if (arguments.what == "curves")
        return format == "json" ? curvesJson(reader, run) : curvesCsv(reader, run);
    if (format == "json")
        return mixtureJson(reader, run);
    return format == "csv" ? mixtureCsv(reader, run) : mixtureToml(reader, run);
}

int exportWeights(RunReader &reader, const RunRecord &run, const ExportArguments &arguments, const Options &options)
{
    formatOf(arguments, options);
    if (arguments.file == "-")
        throw UsageError("Weights are not written to standard output.", "Name a file with -o.");
    std::vector<StoredCheckpoint> checkpoints = reader.checkpoints(run.id);
    if (arguments.best)
        std::erase_if(checkpoints, [](const StoredCheckpoint &checkpoint) { return !checkpoint.best; });
    if (checkpoints.empty())
        throw Error(fmt::format("{} has no {}checkpoint, so there are no weights to export.", titleOf(run),
                                arguments.best ? "best " : ""));
    const StoredCheckpoint &checkpoint = checkpoints.back();
    const std::filesystem::path target =
        arguments.file.empty() ? fmt::format("run-{}.safetensors", run.id) : arguments.file;
    std::error_code unknown; // a folder that cannot be looked into will refuse the file as well
    if (arguments.file.empty() && std::filesystem::exists(target, unknown))
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
    if (isStandardOutput(arguments.file)) {
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
    command
        ->add_option("--format", arguments->format,
                     "csv, json, toml or safetensors, where it fits (default: by the file's extension)")
        ->type_name("FORMAT")
        ->check(CLI::IsMember(kFormats));
    command->add_flag("--best", arguments->best,
                      "For a model: the checkpoint with the lowest held-out loss instead of the last");
    addOptions(*command, options, {Common::Store, Common::Json, Common::Quiet});
    command->footer("Examples:\n"
                    "  krater-cli export last curves -o curves.csv\n"
                    "  krater-cli export 3 mixture --format json\n"
                    "  krater-cli export 3 experiment -o again.toml\n"
                    "  krater-cli export 3 model --best -o weights.safetensors");
    command->callback([=, &options, &chosen] { chosen = [=, &options] { return exportRun(*arguments, options); }; });
}

} // namespace krater::cli
