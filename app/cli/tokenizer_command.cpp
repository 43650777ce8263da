// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"
#include "app/cli/exit_code.h"
#include "core/corpus/tokenizer_training.h"

#include <sys/prctl.h>

#include <csignal>
#include <cstdio>
#include <iostream>
#include <memory>

namespace krater::cli {
namespace {

// The other end of trainSentencePieceApart(): lines on standard input, the model on standard output, an Error in two lines on
// standard error.
int train(int vocabulary)
{
    ::prctl(PR_SET_PDEATHSIG, SIGKILL); // nobody else wants the model
    std::vector<std::string> lines;
    for (std::string line; std::getline(std::cin, line);)
        lines.push_back(std::move(line));
    try {
        const std::string model = trainSentencePiece(lines, vocabulary);
        return std::fwrite(model.data(), 1, model.size(), stdout) == model.size() && std::fflush(stdout) == 0 ? kDone
                                                                                                              : kFailed;
    } catch (const Error &error) {
        std::fprintf(stderr, "%s\n%s", error.what(), error.advice().c_str());
        return kFailed;
    }
}

} // namespace

void addTokenizerCommand(CLI::App &program, Action &chosen)
{
    CLI::App *command = program.add_subcommand("train-tokenizer", "Train a tokenizer for another process of Krater");
    command->group(""); // not in --help
    const auto vocabulary = std::make_shared<int>(0);
    command->add_option("VOCABULARY", *vocabulary)->required();
    command->callback([=, &chosen] { chosen = [=] { return train(*vocabulary); }; });
}

} // namespace krater::cli
