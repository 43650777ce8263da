// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/hash.h"
#include "core/base/mapped_file.h"
#include "core/corpus/document_stream.h"
#include "core/corpus/tokenizer.h"

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace krater {

// A tokenised corpus on disk. Little endian, version 1:
//
//   offset  bytes
//        0      8  "KRATERTK"
//        8      8  version
//       16      8  N, the number of tokens
//       24      8  J, the bytes of the description
//       32     16  XXH3-128 of the tokens, high and low half
//       48     16  XXH3-128 of the description
//       64    2 N  tokens, 16 bits each: of each domain in turn the training documents, then the held-out ones
//   64+2 N      J  description in JSON: key, fingerprint of the tokenizer, extent of each domain, report of the scan,
//                  files that could not be read
//
// A file is written whole (AtomicFile) and never changed, so that processes may share it; of two that write the same one the
// later wins with the same content.

struct DomainExtent {
    std::uint64_t trainingTokens = 0;
    std::uint64_t heldOutTokens = 0;
    std::uint64_t trainingBytes = 0; // of text
    std::uint64_t heldOutBytes = 0;
};

struct TokenCacheDescription {
    std::string key;
    std::string fingerprint;
    std::vector<DomainExtent> domains;
    CorpusReport report;
    std::set<SourcePlace> unread; // files that are missing here and may be readable another time
};

// Writes tokens as they come, domain after domain; held-out ones wait in a file of their own until their domain ends, so memory
// does not grow with the corpus. Throws Error. One thread.
class TokenCacheWriter {
public:
    explicit TokenCacheWriter(const std::filesystem::path &file);
    ~TokenCacheWriter();

    void add(std::span<const TokenId> tokens, std::uint64_t textBytes, bool heldOut);
    void endDomain();
    const std::vector<DomainExtent> &domains() const { return m_domains; }
    void commit(TokenCacheDescription description); // `domains` are filled in

private:
    class Scratch;

    void guarded(const std::function<void()> &action) const;
    void append(std::string_view bytes);
    void flush();

    std::filesystem::path m_folder;
    std::optional<AtomicFile> m_file;
    std::unique_ptr<Scratch> m_heldOut;
    std::string m_buffer; // of tokens for m_file
    Hasher m_hash;
    std::uint64_t m_numTokens = 0;
    DomainExtent m_extent; // of the domain being written
    std::vector<DomainExtent> m_domains;
};

// A cache file, mapped and found to be whole.
struct TokenCache {
    std::unique_ptr<const MappedFile> file;
    TokenCacheDescription description;
    std::span<const TokenId> tokens;
    Hash128 tokensHash;
};

// Nothing if the file is missing, damaged, of another version or for another key; `damage` says which but for missing.
std::optional<TokenCache> readTokenCache(const std::filesystem::path &file, const std::string &key,
                                         std::string &damage);

// Says in whose folder it is that something could not be written, and what to do.
[[noreturn]] void throwCacheError(const std::filesystem::path &folder, const Error &error);

// Removes the caches that were used longest ago until those in the folder take at most `maxBytes`, but never `keep`; and what
// writers that were killed left behind: after ten minutes if the process is gone, after a day in any case.
void trimCacheFolder(const std::filesystem::path &folder, const std::filesystem::path &keep, std::uint64_t maxBytes);

} // namespace krater
