// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/config/experiment_toml.h"

#include <CLI/CLI.hpp>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace krater::cli {

// What several commands share. Every command names the options that it takes; all of them may also stand before the command.
struct Options {
    std::string store; // empty: the default store
    bool json = false;
    bool quiet = false;
    std::vector<std::string> set; // "training.token_budget=1e6"
    std::optional<std::uint64_t> seed;
    std::string device;
    std::optional<int> threads;

    std::filesystem::path storeFile() const;
    std::vector<std::string> overrides() const; // set, seed, device and threads as overrides of an experiment file
};

enum class Common { Store, Json, Quiet, Set, Seed, Device, Threads };
void addOptions(CLI::App &command, Options &options, std::initializer_list<Common> which);
void addAllOptions(CLI::App &program, Options &options);

// An option that stands before the command must be one that the command takes. Throws UsageError.
void checkOptionsApply(const CLI::App &program, const CLI::App &command);

// Loads an experiment, prints every issue, and returns it only if it can be run (else: exit with kBadUsage).
std::optional<LoadedExperiment> loadOrReport(const std::string &file, const Options &options);
// What a scan found about a domain as a whole, or about a source that is not there, gets the place of the domain's sources in the
// experiment file.
Issues placedInFile(Issues issues, const std::string &file, const LoadedExperiment &loaded);

// "name=value" with a finite number. Throws UsageError that quotes `option`.
struct NamedNumber {
    std::string name;
    double value = 0;
};
NamedNumber parseNamedNumber(const std::string &word, const std::string &option);
double parseNumber(const std::string &text, const std::string &option);

// "did you mean" as a sentence, empty if nothing is near.
std::string didYouMean(const std::string &name, const std::vector<std::string> &known);

} // namespace krater::cli
