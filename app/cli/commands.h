// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/options.h"

namespace krater::cli {

// What a command does once the whole command line is known to be right; returns an ExitCode, throws Error.
using Action = std::function<int()>;

// Each adds one sub-command, which puts its action into `chosen` when the user names it. One file each.
void addTrainCommand(CLI::App &program, Options &options, Action &chosen);
void addResumeCommand(CLI::App &program, Options &options, Action &chosen);
void addListCommand(CLI::App &program, Options &options, Action &chosen);
void addShowCommand(CLI::App &program, Options &options, Action &chosen);
void addCompareCommand(CLI::App &program, Options &options, Action &chosen);
void addExportCommand(CLI::App &program, Options &options, Action &chosen);
void addGenerateCommand(CLI::App &program, Options &options, Action &chosen);
void addQueryCommand(CLI::App &program, Options &options, Action &chosen);
void addCorpusCommand(CLI::App &program, Options &options, Action &chosen);
void addPoliciesCommand(CLI::App &program, Options &options, Action &chosen);
void addPreviewCommand(CLI::App &program, Options &options, Action &chosen);
void addTokenizerCommand(CLI::App &program, Action &chosen); // for Krater itself

} // namespace krater::cli
