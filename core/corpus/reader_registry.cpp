// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/corpus/corpus_reader.h"
#include "core/corpus/readers.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

namespace krater {

namespace {

std::string lowerExtension(const std::filesystem::path &file)
{
    std::string extension = file.extension().string();
    std::transform(extension.begin(), extension.end(), extension.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return extension.empty() ? extension : extension.substr(1);
}

} // namespace

std::span<const ReaderInfo> readers()
{
    // A parsed HTML tree takes many times the file's size; a line of JSON is held twice.
    static const std::array<ReaderInfo, 3> table = {{
        {"text",
         "Plain text: a file is a document, or its parts between matches of `split`.",
         {"txt", "text", "md", "rst", "pod", "tex"},
         &textReader(),
         false,
         std::uint64_t{1} << 30},
        {"jsonl",
         "JSON Lines: a line is a document, its text is the field `text_field`.",
         {"jsonl", "ndjson", "jsonlines", "json"},
         &jsonlReader(),
         true,
         std::uint64_t{256} << 20},
        {"html",
         "HTML: the visible text of a page is a document, or its parts between matches of `split`.",
         {"html", "htm", "xhtml"},
         &htmlReader(),
         false,
         std::uint64_t{64} << 20},
    }};
    return table;
}

const ReaderInfo *findReader(std::string_view name)
{
    const auto table = readers();
    const auto found = std::ranges::find(table, name, &ReaderInfo::name);
    return found == table.end() ? nullptr : &*found;
}

const ReaderInfo &readerFor(const std::filesystem::path &file, std::string_view format)
{
    if (format != "auto") {
        if (const ReaderInfo *reader = findReader(format))
            return *reader;
        std::vector<std::string_view> names = {"auto"};
        for (const ReaderInfo &reader : readers())
            names.push_back(reader.name);
        throw Error(fmt::format("There is no format \"{}\"", format),
                    fmt::format("Use one of: {}.", fmt::join(names, ", ")));
    }
    std::string extension = lowerExtension(file);
    if (extension == "gz" || extension == "dz" || extension == "zst" || extension == "zstd")
        extension = lowerExtension(file.stem());
    for (const ReaderInfo &reader : readers()) {
        if (std::ranges::find(reader.extensions, extension) != reader.extensions.end())
            return reader;
    }
    return readers().front();
}

} // namespace krater
