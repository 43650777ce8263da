// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>

namespace krater {

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

    class Decoder; // plain, gzip or zstd

private:
    std::unique_ptr<Decoder> m_decoder;
};

} // namespace krater
