// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/issue.h"
#include "core/config/experiment.h"

#include <optional>
#include <string>
#include <vector>

namespace krater {

// What reading gives: every problem at once. `experiment` is set when the TOML itself could be parsed, so that the window can open
// a file with mistakes in it; run it only when !hasErrors(issues). The policy's parameters are completed with
// their defaults, and an experiment without a name gets its file's.
struct LoadedExperiment {
    // Of a key in the file; 0 where it does not stand there.
    struct Place {
        int line = 0;
        int column = 0;

        bool operator==(const Place &) const = default;
    };

    std::optional<Experiment> experiment;
    Issues issues;
    std::optional<Issue> missingStage; // what keeps the file from being trained as it is (experiment_checks.h), though it is valid
    std::vector<Place> domainPlaces; // of each domain's sources: where to show what a scan of the corpus finds
};

// `overrides`: "training.token_budget=1e6", "domain.NAME.held_out=0.1", applied after parsing and before validation, as `krater-cli --set`
// gives them. Naming another policy leaves out the parameters that the file gives to its own (a note says so).
LoadedExperiment loadExperiment(const std::filesystem::path &file, const std::vector<std::string> &overrides = {});
LoadedExperiment parseExperiment(std::string_view toml, const std::string &fileName, const std::filesystem::path &folder,
                                 const std::vector<std::string> &overrides = {});

// Checks values that stand on their own (ranges, heads dividing width, duplicate names, policy parameters), and that a given tokenizer model is there.
Issues validate(const Experiment &experiment);

// Canonical text: reading it back gives an equal Experiment (policy parameters that are not set come back at their defaults). Keys at their
// default are written too, so that a frozen copy is complete.
std::string toToml(const Experiment &experiment);
void saveExperiment(const Experiment &experiment, const std::filesystem::path &file); // atomic; throws Error

} // namespace krater
