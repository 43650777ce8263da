// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace krater {

class RegexSplitter;

// A piece of text as a reader hands it out; valid during the call only.
struct RawDocument {
    std::string_view
        text; // what the document stream reads is valid UTF-8: it repairs a file's bytes before a reader sees them
    std::string_view json;    // the whole line for JSON Lines, empty otherwise: what `where.field` looks at
    std::uint64_t index = 0;  // 0-based within the file; JSON Lines: the line number less 1
    std::string_view problem; // why there is no text (a line that is not JSON); empty if all is well
};

struct ReaderOptions {
    std::string textField = "text";
    std::shared_ptr<const RegexSplitter> splitter; // text and HTML; null: a document is a file
    std::stop_token stop;                          // looked at in what may take long
};

// Turns one file's bytes (already decompressed) into documents. Stateless; several threads may use one reader at once.
class CorpusReader {
public:
    // Return false to stop reading.
    using Sink = std::function<bool(const RawDocument &)>;

    virtual ~CorpusReader() = default;
    // A part that cannot be read is handed out as a document with a problem, and reading goes on; throws Error only if nothing can
    // be read. Returns false when the sink or the stop token ended it.
    virtual bool read(std::string_view bytes, const ReaderOptions &options, const Sink &sink) const = 0;
};

struct ReaderInfo {
    std::string name; // "text", "jsonl", "html"
    std::string summary;
    std::vector<std::string> extensions; // without the dot and without .gz/.zst: what format = "auto" goes by
    const CorpusReader *reader = nullptr;
    bool lines = false;         // every line stands alone: a long file may be given in parts cut at line ends
    std::uint64_t maxBytes = 0; // decompressed bytes of a file (of a line where `lines`) that it takes at once
};

// Every reader, in an explicit table; the first is what `auto` falls back to (text).
std::span<const ReaderInfo> readers();
const ReaderInfo *findReader(std::string_view name);
const ReaderInfo &readerFor(const std::filesystem::path &file,
                            std::string_view format); // format may be "auto"; throws Error if unknown

// The whole file, decompressed if it is gzip (also dictzip) or zstd by its magic bytes. Throws Error: unreadable, damaged, or over
// maxBytes, which bounds the memory that a decompression bomb can take. Ends early, with what there is, when stopped. `remark` is
// set to what is odd about the file though it can be read, if anything.
std::string readSourceFile(const std::filesystem::path &file, std::uint64_t maxBytes = std::uint64_t{4} << 30,
                           std::stop_token stop = {}, std::string *remark = nullptr);

} // namespace krater
