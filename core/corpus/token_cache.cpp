// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/corpus/token_cache.h"

#include "core/base/error.h"
#include "core/corpus/corpus_report_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

namespace krater {

namespace fs = std::filesystem;

static_assert(std::endian::native == std::endian::little, "tokens are mapped as they lie on disk");

namespace {

constexpr std::string_view kMagic = "KRATERTK";
constexpr std::uint64_t kVersion = 1;
constexpr std::size_t kPrefixBytes = 64;
constexpr std::size_t kBufferBytes = 1 << 20;

struct Prefix {
    char magic[8];
    std::uint64_t version;
    std::uint64_t numTokens;
    std::uint64_t descriptionBytes;
    Hash128 tokensHash;
    Hash128 descriptionHash;
};
static_assert(sizeof(Prefix) == kPrefixBytes);

std::string_view bytesOf(std::span<const TokenId> tokens)
{
    return {reinterpret_cast<const char *>(tokens.data()), tokens.size_bytes()};
}

} // namespace

// Bytes that are written, read back once and forgotten; the file has no name, so nothing of it can stay behind.
class TokenCacheWriter::Scratch {
public:
    explicit Scratch(const fs::path &folder)
    {
        std::string name = (folder / "held-out.tmp-XXXXXX").string();
        m_descriptor = ::mkostemp(name.data(), O_CLOEXEC);
        if (m_descriptor < 0)
            fail();
        ::unlink(name.c_str());
    }
    ~Scratch() { ::close(m_descriptor); }
    Scratch(const Scratch &) = delete;
    Scratch &operator=(const Scratch &) = delete;

    void write(std::string_view bytes)
    {
        m_buffer.append(bytes);
        if (m_buffer.size() >= kBufferBytes)
            flush();
    }

    // Hands everything to `sink` and begins anew.
    void drain(const std::function<void(std::string_view)> &sink)
    {
        flush();
        if (::lseek(m_descriptor, 0, SEEK_SET) < 0)
            fail();
        std::string piece(kBufferBytes, '\0');
        for (;;) {
            const ssize_t got = ::read(m_descriptor, piece.data(), piece.size());
            if (got < 0 && errno == EINTR)
                continue;
            if (got < 0)
                fail();
            if (got == 0)
                break;
            sink({piece.data(), static_cast<std::size_t>(got)});
        }
        if (::ftruncate(m_descriptor, 0) != 0 || ::lseek(m_descriptor, 0, SEEK_SET) < 0)
            fail();
    }

private:
    void flush()
    {
        for (std::string_view rest = m_buffer; !rest.empty();) {
            const ssize_t written = ::write(m_descriptor, rest.data(), rest.size());
            if (written < 0 && errno == EINTR)
                continue;
            if (written < 0)
                fail();
            rest.remove_prefix(static_cast<std::size_t>(written));
        }
        m_buffer.clear();
    }

    [[noreturn]] static void fail() { throw Error(std::strerror(errno)); }

    int m_descriptor = -1;
    std::string m_buffer;
};

TokenCacheWriter::TokenCacheWriter(const fs::path &file) : m_folder(file.parent_path())
{
    guarded([&] {
        m_file.emplace(file);
        m_heldOut = std::make_unique<Scratch>(m_folder);
        m_file->write(std::string(kPrefixBytes, '\0'));
    });
}

TokenCacheWriter::~TokenCacheWriter() = default;

void TokenCacheWriter::add(std::span<const TokenId> tokens, std::uint64_t textBytes, bool heldOut)
{
    (heldOut ? m_extent.heldOutTokens : m_extent.trainingTokens) += tokens.size();
    (heldOut ? m_extent.heldOutBytes : m_extent.trainingBytes) += textBytes;
    guarded([&] {
        if (heldOut)
            m_heldOut->write(bytesOf(tokens));
        else
            append(bytesOf(tokens));
    });
}

// The user did not ask for a file there, and may not know of the folder.
void TokenCacheWriter::guarded(const std::function<void()> &action) const
{
    try {
        action();
    } catch (const Error &error) {
        throwCacheError(m_folder, error);
    }
}

void TokenCacheWriter::append(std::string_view bytes)
{
    m_numTokens += bytes.size() / sizeof(TokenId);
    m_buffer.append(bytes);
    if (m_buffer.size() >= kBufferBytes)
        flush();
}

void TokenCacheWriter::flush()
{
    m_hash.append(m_buffer);
    m_file->write(m_buffer);
    m_buffer.clear();
}

void TokenCacheWriter::endDomain()
{
    guarded([this] { m_heldOut->drain([this](std::string_view bytes) { append(bytes); }); });
    m_domains.push_back(std::exchange(m_extent, {}));
}

void TokenCacheWriter::commit(TokenCacheDescription description)
{
    description.domains = m_domains;
    const std::string json = toJson(description);
    guarded([&] { flush(); });
    Prefix prefix = {{}, kVersion, m_numTokens, json.size(), m_hash.digest(), hash128(json)};
    kMagic.copy(prefix.magic, sizeof prefix.magic);
    guarded([&] {
        m_file->write(json);
        m_file->writeAt(0, {reinterpret_cast<const char *>(&prefix), sizeof prefix});
        m_file->commit();
    });
}

namespace {

// Throws Error saying what is wrong with the file.
TokenCache parseTokenCache(std::unique_ptr<const MappedFile> file, const std::string &key)
{
    const std::string_view bytes = file->bytes();
    Prefix prefix = {};
    if (bytes.size() < kPrefixBytes)
        throw Error("it is cut off");
    std::memcpy(&prefix, bytes.data(), kPrefixBytes);
    if (std::string_view(prefix.magic, sizeof prefix.magic) != kMagic || prefix.version != kVersion)
        throw Error("it is of another version");
    const std::uint64_t rest = bytes.size() - kPrefixBytes;
    if (prefix.numTokens > rest / sizeof(TokenId)
        || prefix.descriptionBytes != rest - prefix.numTokens * sizeof(TokenId))
        throw Error("it is cut off");

    TokenCache cache;
    cache.tokens = {reinterpret_cast<const TokenId *>(bytes.data() + kPrefixBytes), prefix.numTokens};
    cache.tokensHash = prefix.tokensHash;
    const std::string_view json = bytes.substr(kPrefixBytes + cache.tokens.size_bytes());
    if (hash128(json) != prefix.descriptionHash || hash128(bytesOf(cache.tokens)) != prefix.tokensHash)
        throw Error("its checksum is wrong");
    cache.description = descriptionFromJson(json);
    if (cache.description.key != key)
        throw Error("it belongs to another corpus");
    std::uint64_t unclaimed = prefix.numTokens;
    for (const DomainExtent &domain : cache.description.domains) {
        if (domain.trainingTokens > unclaimed || domain.heldOutTokens > unclaimed - domain.trainingTokens)
            throw Error("its domains do not fit");
        unclaimed -= domain.trainingTokens + domain.heldOutTokens;
    }
    if (unclaimed != 0)
        throw Error("its domains do not fit");
    cache.file = std::move(file);
    return cache;
}

} // namespace

std::optional<TokenCache> readTokenCache(const fs::path &file, const std::string &key, std::string &damage)
{
    damage.clear();
    std::error_code failure;
    if (!fs::exists(file, failure))
        return std::nullopt;
    try {
        TokenCache cache = parseTokenCache(std::make_unique<const MappedFile>(file), key);
        fs::last_write_time(file, fs::file_time_type::clock::now(), failure); // for trimCacheFolder
        return cache;
    } catch (const Error &error) {
        damage = error.what();
        return std::nullopt;
    }
}

namespace {

// "<file>.tmp-<pid>-<n>" of a process that is gone. The folder may be on a network: another host's process of the same number, or
// one that this host knows nothing of, has at least written within the last minutes.
bool isOfDeadWriter(const std::string &name, fs::file_time_type written)
{
    const std::size_t begin = name.rfind(".tmp-") + 5;
    pid_t process = 0;
    const auto [end, failure] = std::from_chars(name.data() + begin, name.data() + name.size(), process);
    return failure == std::errc() && *end == '-' && process > 0 && ::kill(process, 0) != 0 && errno == ESRCH
        && written < fs::file_time_type::clock::now() - std::chrono::minutes(10);
}

} // namespace

void throwCacheError(const fs::path &folder, const Error &error)
{
    throw Error(fmt::format("The cache folder {} cannot be written: {}", folder.string(), error.what()),
                fmt::format("{}{}Set XDG_CACHE_HOME to another folder, or make room in this one.", error.advice(),
                            error.advice().empty() ? "" : " "));
}

void trimCacheFolder(const fs::path &folder, const fs::path &keep, std::uint64_t maxBytes)
{
    struct Entry {
        fs::file_time_type used;
        std::uint64_t bytes;
        fs::path path;
    };
    std::vector<Entry> entries;
    std::uint64_t total = 0;
    std::error_code failure;
    const auto dayAgo = fs::file_time_type::clock::now() - std::chrono::hours(24);
    for (fs::directory_iterator entry(folder, failure); !failure && entry != fs::directory_iterator();
         entry.increment(failure)) {
        std::error_code ignored;
        const fs::file_time_type used = entry->last_write_time(ignored);
        const std::uint64_t bytes = entry->file_size(ignored);
        if (ignored)
            continue;
        const std::string name = entry->path().filename().string();
        if (name.find(".tmp-") != std::string::npos) {
            if (used < dayAgo || isOfDeadWriter(name, used))
                fs::remove(entry->path(), ignored);
        } else {
            total += bytes;
            entries.push_back({used, bytes, entry->path()});
        }
    }
    std::ranges::sort(entries, {}, &Entry::used);
    for (const Entry &entry : entries) {
        if (total <= maxBytes)
            break;
        if (entry.path.filename() != keep.filename() && fs::remove(entry.path, failure))
            total -= entry.bytes;
    }
}

} // namespace krater
