// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/issue.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace krater {

// A piece of text as a reader hands it out; valid during the call only.
struct RawDocument {
    std::string_view text;  // UTF-8 as found: the scanner validates it
    std::string_view json;  // the whole line for JSON Lines, empty otherwise: what `where.field` looks at
    std::uint64_t index = 0; // 0-based within the file
};

struct ReaderOptions {
    std::string textField = "text";
    std::string split; // regex, text files only
};

// Turns one file's bytes (already decompressed) into documents. Stateless; several threads may use one reader at once.
class CorpusReader {
public:
    // Return false to stop reading.
    using Sink = std::function<bool(const RawDocument &)>;

    virtual ~CorpusReader() = default;
    // Problems within the file (a line that is not JSON) become issues and reading goes on; throws Error only if nothing can be read.
    virtual void read(std::string_view bytes, const ReaderOptions &options, const Sink &sink, Issues &issues) const = 0;
};

struct ReaderInfo {
    std::string name;                    // "text", "jsonl", "html"
    std::string summary;
    std::vector<std::string> extensions; // without the dot and without .gz/.zst: what format = "auto" goes by
    const CorpusReader *reader = nullptr;
};

// Every reader, in an explicit table; the first is what `auto` falls back to (text).
std::span<const ReaderInfo> readers();
const ReaderInfo *findReader(std::string_view name);
const ReaderInfo &readerFor(const std::filesystem::path &file, std::string_view format); // format may be "auto"; throws Error if unknown

// The whole file, decompressed if it is gzip (also dictzip) or zstd by its magic bytes. Throws Error: unreadable, damaged, or over maxBytes.
std::string readSourceFile(const std::filesystem::path &file, std::uint64_t maxBytes = std::uint64_t{4} << 30);

} // namespace krater
