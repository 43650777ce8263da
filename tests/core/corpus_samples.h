// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/issue.h"
#include "core/base/rng.h"
#include "core/config/experiment.h"
#include "core/corpus/corpus_reader.h"

#include <QTemporaryDir>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include <zlib.h>
#include <zstd.h>

namespace krater::test {

// A folder for a test's files, removed with it.
class SampleFolder {
public:
    std::filesystem::path path(const std::string &name = {}) const
    {
        const std::filesystem::path folder = m_folder.path().toStdString();
        return name.empty() ? folder : folder / name;
    }
    std::filesystem::path write(const std::string &name, std::string_view bytes) const
    {
        std::filesystem::create_directories(path(name).parent_path());
        std::ofstream(path(name), std::ios::binary) << bytes;
        return path(name);
    }

private:
    QTemporaryDir m_folder;
};

inline std::string gzipped(std::string_view bytes)
{
    z_stream stream = {};
    deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
    std::string out(deflateBound(&stream, bytes.size()) + 64, '\0');
    stream.next_in = reinterpret_cast<Bytef *>(const_cast<char *>(bytes.data()));
    stream.avail_in = static_cast<uInt>(bytes.size());
    stream.next_out = reinterpret_cast<Bytef *>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    deflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
}

inline std::string zstdCompressed(std::string_view bytes)
{
    std::string out(ZSTD_compressBound(bytes.size()), '\0');
    out.resize(ZSTD_compress(out.data(), out.size(), bytes.data(), bytes.size(), 3));
    return out;
}

inline std::string randomBytes(Rng &rng, std::size_t maxSize)
{
    std::string bytes(rng.below(maxSize + 1), '\0');
    for (char &byte : bytes)
        byte = static_cast<char>(rng());
    return bytes;
}

// Text made of the pieces that matter to a parser, to reach more of it than random bytes do.
inline std::string randomPieces(Rng &rng, const std::vector<std::string> &pieces, std::size_t maxPieces)
{
    std::string text;
    for (std::size_t left = rng.below(maxPieces + 1); left > 0; --left)
        text += pieces[rng.below(pieces.size())];
    return text;
}

struct ReadDocument {
    std::string text;
    std::string problem;
    std::uint64_t index = 0;
};

inline std::vector<ReadDocument> readAll(std::string_view format, std::string_view bytes,
                                         const ReaderOptions &options = {})
{
    std::vector<ReadDocument> documents;
    findReader(format)->reader->read(bytes, options, [&documents](const RawDocument &document) {
        documents.push_back({std::string(document.text), std::string(document.problem), document.index});
        return true;
    });
    return documents;
}

inline std::vector<std::string> textsOf(const std::vector<ReadDocument> &documents)
{
    std::vector<std::string> texts;
    for (const ReadDocument &document : documents)
        texts.push_back(document.text);
    return texts;
}

inline Experiment sampleExperiment(const SampleFolder &folder, std::vector<DomainConfig> domains)
{
    Experiment experiment;
    experiment.info.name = "sample";
    experiment.folder = folder.path();
    experiment.domains = std::move(domains);
    experiment.model.context = 8;
    return experiment;
}

inline DomainConfig sampleDomain(const std::string &name, std::vector<std::string> sources, double heldOut = 0.2)
{
    DomainConfig domain;
    domain.name = name;
    domain.sources = std::move(sources);
    domain.heldOut = heldOut;
    return domain;
}

// Documents of a line each, from `first` to before `last`; no two are the same.
inline std::string sampleLines(int first, int last)
{
    std::string text;
    for (int i = first; i < last; ++i)
        text += "document number " + std::to_string(i) + "\n";
    return text;
}

// A domain whose documents are lines.
inline DomainConfig lineDomain(const std::string &name, std::vector<std::string> sources, double heldOut = 0.2)
{
    DomainConfig domain = sampleDomain(name, std::move(sources), heldOut);
    domain.split = "\\n";
    return domain;
}

inline Issues issuesWith(const Issues &issues, std::string_view part)
{
    Issues found;
    std::ranges::copy_if(issues, std::back_inserter(found),
                         [part](const Issue &issue) { return issue.message.find(part) != std::string::npos; });
    return found;
}

} // namespace krater::test
