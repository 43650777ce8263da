// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/corpus/corpus_key.h"

#include "core/base/files.h"
#include "core/corpus/path_glob.h"

#include <bit>

namespace krater {

namespace {

// To be raised whenever a reader, the split or the training of a tokenizer comes to give other tokens for the same files.
constexpr std::uint64_t kReadingVersion = 2;

void addStrings(Hasher &hasher, const std::vector<std::string> &strings)
{
    hasher.add(std::uint64_t{strings.size()});
    for (const std::string &string : strings)
        hasher.add(string);
}

void addOptional(Hasher &hasher, const std::optional<std::uint64_t> &number)
{
    hasher.add(std::uint64_t{number ? 1u : 0u}).add(number.value_or(0));
}

void addDomain(Hasher &hasher, const DomainConfig &domain)
{
    hasher.add(domain.name).add(domain.format).add(domain.textField).add(domain.split);
    addStrings(hasher, domain.sources);
    addStrings(hasher, domain.exclude);
    hasher.add(domain.where.path).add(domain.where.text).add(domain.where.field).add(domain.where.minLength);
    addOptional(hasher, domain.where.maxLength);
    addOptional(hasher, domain.maxDocuments);
    addOptional(hasher, domain.maxBytes);
    hasher.add(std::bit_cast<std::uint64_t>(domain.heldOut));
}

void addFiles(Hasher &hasher, const std::vector<SourceFile> &files)
{
    hasher.add(std::uint64_t{files.size()});
    for (const SourceFile &file : files)
        hasher.add(file.path.native())
            .add(file.bytes)
            .add(static_cast<std::uint64_t>(file.modifiedNs))
            .add(static_cast<std::uint64_t>(file.changedNs))
            .add(file.identity.second); // not the device, whose number may be another after a restart
}

void addTokenizer(Hasher &hasher, const Experiment &experiment)
{
    constexpr std::uintmax_t kMaxModelBytes = 256 << 20;
    const TokenizerConfig &tokenizer = experiment.tokenizer;
    hasher.add(static_cast<std::uint64_t>(tokenizer.kind));
    if (tokenizer.kind == TokenizerConfig::Kind::Bytes)
        return;
    hasher.add(tokenizer.model);
    if (tokenizer.model.empty())
        hasher.add(static_cast<std::uint64_t>(tokenizer.vocabulary));
    else
        hasher.add(readFile(resolvePath(tokenizer.model, experiment.folder), kMaxModelBytes));
}

} // namespace

std::string corpusKey(const Experiment &experiment, const DocumentStream &stream)
{
    Hasher hasher;
    hasher.add(kReadingVersion).add(experiment.info.splitSeed);
    addTokenizer(hasher, experiment);
    hasher.add(std::uint64_t{experiment.domains.size()});
    for (std::size_t i = 0; i < experiment.domains.size(); ++i) {
        addDomain(hasher, experiment.domains[i]);
        addFiles(hasher, stream.files(i));
    }
    return hasher.digest().hex();
}

} // namespace krater
