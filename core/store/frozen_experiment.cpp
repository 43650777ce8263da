// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/frozen_experiment.h"

#include "core/config/experiment_toml.h"
#include "core/store/input_error.h"

#include <fmt/format.h>

#include <filesystem>

namespace krater {

Experiment frozenExperiment(const std::string &toml, const std::string &title, const std::string &experimentFile,
                            const std::vector<std::string> &overrides)
{
    const std::filesystem::path folder = experimentFile.empty() ? std::filesystem::current_path()
                                                                : std::filesystem::path(experimentFile).parent_path();
    LoadedExperiment loaded = parseExperiment(toml, title, folder, overrides);
    if (loaded.experiment && !hasErrors(loaded.issues))
        return *std::move(loaded.experiment);
    std::string text = fmt::format("The experiment that is stored with {} cannot be used.", title);
    for (const Issue &issue : loaded.issues)
        if (issue.severity == Issue::Severity::Error)
            text += '\n' + toString(issue);
    throw InputError(text, "It may come from another version of Krater; start a new run.");
}

Experiment frozenExperiment(const RunRecord &run, const std::vector<std::string> &overrides)
{
    return frozenExperiment(run.experimentToml, titleOf(run), run.experimentFile, overrides);
}

std::string titleOf(const RunRecord &run)
{
    return fmt::format("run {} ({})", run.id, run.name);
}

} // namespace krater
