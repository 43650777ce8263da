// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/options.h"
#include "core/store/frozen_experiment.h"
#include "core/store/run_reader.h"

#include <memory>

namespace krater::cli {

// Opens the store for reading; null if it is empty, or if there is no such file yet and the user did not name one. Runs whose process is gone are marked
// as interrupted first. Throws Error.
std::unique_ptr<RunReader> openStore(const Options &options);

// As openStore, where a run is needed: throws UsageError if there is no store.
std::unique_ptr<RunReader> openStoreWithRuns(const Options &options);

// A run by its number, "last" (the newest), or its name if only one has it. Throws UsageError.
RunRecord findRun(RunReader &reader, const std::string &word);

// "krater-cli show 3 MORE", with --store when it is not the default one: a command to copy.
std::string commandFor(const std::string &command, RunId run, const Options &options, const std::string &more = {});

} // namespace krater::cli
