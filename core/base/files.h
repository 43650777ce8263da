// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>

namespace krater {

// Where Krater keeps its files (XDG base directories; $XDG_* first, then the defaults below $HOME). No folder is created here.
std::filesystem::path dataFolder();   // $XDG_DATA_HOME/krater: runs.krater, checkpoints
std::filesystem::path cacheFolder();  // $XDG_CACHE_HOME/krater: tokenised corpora, LibTorch
std::filesystem::path configFolder(); // $XDG_CONFIG_HOME/krater: settings
std::filesystem::path stateFolder();  // $XDG_STATE_HOME/krater: window layout
std::filesystem::path defaultStoreFile();
std::filesystem::path homeFolder(); // $HOME, else the account's

// The folder of the running program: <prefix>/bin in an install tree, <build>/bin in a build tree.
std::filesystem::path programFolder();
// The folder that libkrater_core.so was loaded from, where libkrater_nn.so lies beside it: <prefix or build>/lib/krater.
std::filesystem::path libraryFolder();
// experiments/ that came with the program (install tree or source tree), empty if there is none.
std::filesystem::path experimentsFolder();

// A file that appears whole or not at all: written beside its target under a name that no other writer uses
// ("<file>.tmp-<pid>-<n>"), then synced and renamed over it. What was not committed is removed. Missing folders are made, a
// symbolic link is followed, permissions of a file that is replaced are kept. A named pipe or a device is written straight
// to instead. Every call throws Error naming the file.
// One thread at a time.
class AtomicFile {
public:
    explicit AtomicFile(const std::filesystem::path &file);
    ~AtomicFile();
    AtomicFile(const AtomicFile &) = delete;
    AtomicFile &operator=(const AtomicFile &) = delete;

    void write(std::string_view bytes);
    void writeAt(std::uint64_t offset,
                 std::string_view bytes); // within what was written: a header known only at the end
    void commit();

private:
    void openInPlace();
    void openBeside(std::optional<mode_t> permissions);
    [[noreturn]] void fail(std::string_view action, int code) const;

    std::filesystem::path m_file;
    std::filesystem::path m_temporary; // empty: written in place
    int m_descriptor = -1;
};

// A reader sees the old file or the new one, never half (AtomicFile in one call). Throws Error.
void writeFileAtomically(const std::filesystem::path &file, std::string_view bytes);
// Whole file, at most `maxBytes`. Throws Error naming the file.
std::string readFile(const std::filesystem::path &file, std::uintmax_t maxBytes);

} // namespace krater
