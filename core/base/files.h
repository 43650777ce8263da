// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace krater {

// Where Krater keeps its files (XDG base directories; $XDG_* first, then the defaults below $HOME). No folder is created here.
std::filesystem::path dataFolder();   // $XDG_DATA_HOME/krater: runs.krater, checkpoints
std::filesystem::path cacheFolder();  // $XDG_CACHE_HOME/krater: tokenised corpora, LibTorch
std::filesystem::path configFolder(); // $XDG_CONFIG_HOME/krater: settings
std::filesystem::path stateFolder();  // $XDG_STATE_HOME/krater: window layout
std::filesystem::path defaultStoreFile();

// The folder of the running program or library, for finding libkrater_nn.so, experiments/ and resources in any install tree.
std::filesystem::path programFolder();
// experiments/ that came with the program (install tree or source tree), empty if there is none.
std::filesystem::path experimentsFolder();

// Writes to "<file>.tmp-<pid>", syncs and renames: a reader sees the old file or the new one, never half. Throws Error.
void writeFileAtomically(const std::filesystem::path &file, std::string_view bytes);
// Whole file, at most `maxBytes`. Throws Error naming the file.
std::string readFile(const std::filesystem::path &file, std::uintmax_t maxBytes);

} // namespace krater
