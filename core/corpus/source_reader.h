// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

namespace krater {

// The file could not be opened or read for a reason that may pass (permissions, the disk, the network), unlike one whose bytes are
// damaged: what is made without it must not be taken for the whole.
class UnreadableError : public Error {
public:
    using Error::Error;
};

// Reads a source file piece by piece, decompressing gzip (all members, also dictzip) and zstd (all frames), which are known by
// their magic bytes and not by the name. Throws Error, whose message leaves the file's name to the issue made of it.
// One thread at a time.
class SourceReader {
public:
    explicit SourceReader(const std::filesystem::path &file);
    ~SourceReader();
    SourceReader(const SourceReader &) = delete;
    SourceReader &operator=(const SourceReader &) = delete;

    // Fills the buffer as far as the file goes; fewer bytes than asked for mean the end.
    std::size_t read(std::span<char> buffer);
    std::uint64_t bytesConsumed() const; // of the file as it lies on disk
    std::string remark() const;          // what is odd though nothing is lost by it; known at the end of the file

    class Decoder; // plain, gzip or zstd

private:
    std::unique_ptr<Decoder> m_decoder;
};

// Whether a file that could not be read can be by now, at least its beginning.
bool canBeRead(const std::filesystem::path &file);

} // namespace krater
