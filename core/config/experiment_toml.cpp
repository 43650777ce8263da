// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/config/experiment_toml.h"

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/paths.h"
#include "core/config/experiment_checks.h"
#include "core/config/experiment_overrides.h"
#include "core/config/experiment_reader.h"
#include "core/config/graph_file.h"
#include "core/config/toml_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace krater {

namespace {

constexpr std::uintmax_t kMostBytes = 2 << 20; // parseToml says so from 1 MiB on

std::optional<Finding> checkTokenizerModel(const Experiment &experiment)
{
    const std::string &model = experiment.tokenizer.model;
    std::error_code error;
    if (experiment.tokenizer.kind != TokenizerConfig::Kind::SentencePiece || model.empty())
        return std::nullopt;
    if (std::filesystem::is_regular_file(resolvePath(model, experiment.folder), error))
        return std::nullopt;
    Finding finding;
    finding.key = "tokenizer.model";
    finding.issue.message = fmt::format("tokenizer.model is \"{}\", and there is no such file", model);
    finding.issue.advice = "name a .model file, relative to the experiment file, or remove it: then one is trained on the corpus";
    return finding;
}

// Those that an experiment names by themselves (sources are globs: the corpus looks at them).
std::vector<Finding> checkFiles(const Experiment &experiment)
{
    std::vector<Finding> findings = checkGraphFiles(experiment);
    if (std::optional<Finding> finding = checkTokenizerModel(experiment))
        findings.push_back(*std::move(finding));
    return findings;
}

void sortByPlace(Issues &issues)
{
    std::ranges::stable_sort(issues, [](const Issue &a, const Issue &b) { return std::pair(a.line, a.column) < std::pair(b.line, b.column); });
}

} // namespace

LoadedExperiment parseExperiment(std::string_view toml, const std::string &fileName, const std::filesystem::path &folder,
                                 const std::vector<std::string> &overrides)
{
    LoadedExperiment loaded;
    std::optional<toml::table> root = parseToml(toml, fileName, loaded.issues);
    if (!root)
        return loaded;
    const Overrides placed = applyOverrides(*root, overrides, loaded.issues);
    ExperimentReader reader(fileName, placed);
    Experiment experiment = reader.read(*root);
    experiment.folder = folder;
    if (experiment.info.name.empty())
        experiment.info.name = std::filesystem::path(fileName).stem().string();
    for (Finding &finding : checkExperiment(experiment))
        reader.report(std::move(finding));
    for (Finding &finding : checkFiles(experiment))
        reader.report(std::move(finding));

    Issues found = reader.takeIssues();
    sortByPlace(found);
    loaded.issues.insert(loaded.issues.end(), std::make_move_iterator(found.begin()), std::make_move_iterator(found.end()));
    if (std::optional<Finding> missing = missingStage(experiment)) {
        reader.report(*std::move(missing));
        if (Issues missingIssues = reader.takeIssues(); !missingIssues.empty())
            loaded.missingStage = std::move(missingIssues.front());
    }
    for (std::size_t i = 0; i < experiment.domains.size(); ++i)
        loaded.domainPlaces.push_back(reader.placeOf(fmt::format("domain[{}].sources", i)));
    loaded.experiment = std::move(experiment);
    return loaded;
}

LoadedExperiment loadExperiment(const std::filesystem::path &file, const std::vector<std::string> &overrides)
{
    try {
        const std::string text = readFile(file, kMostBytes);
        return parseExperiment(text, file.string(), std::filesystem::absolute(file).parent_path(), overrides);
    } catch (const Error &error) {
        Issue issue;
        issue.file = file.string();
        issue.message = error.what();
        issue.advice = error.advice().empty() ? "check the name and the permissions of the experiment file" : error.advice();
        LoadedExperiment loaded;
        loaded.issues = {std::move(issue)};
        return loaded;
    }
}

Issues validate(const Experiment &experiment)
{
    Issues issues;
    for (Finding &finding : checkExperiment(experiment))
        issues.push_back(std::move(finding.issue));
    for (Finding &finding : checkFiles(experiment))
        issues.push_back(std::move(finding.issue));
    return issues;
}

} // namespace krater
