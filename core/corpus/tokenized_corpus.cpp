// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/corpus/tokenized_corpus.h"

#include "core/base/error.h"
#include "core/corpus/corpus_counter.h"
#include "core/corpus/corpus_key.h"
#include "core/corpus/corpus_tokenizer.h"
#include "core/corpus/source_reader.h"
#include "core/corpus/token_cache.h"
#include "core/corpus/utf8.h"

#include <fmt/format.h>

#include <algorithm>

namespace krater {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t kMaxCacheBytes = std::uint64_t{16} << 30;
constexpr std::size_t kPartBytes = 1 << 20; // of a document that is encoded at once

class CachedCorpus : public TokenizedCorpus {
public:
    CachedCorpus(TokenCache cache, std::unique_ptr<Tokenizer> tokenizer, Issues more)
        : m_cache(std::move(cache))
        , m_tokenizer(std::move(tokenizer))
    {
        Issues &issues = m_cache.description.report.issues;
        issues.insert(issues.end(), more.begin(), more.end());
        Hasher hasher;
        hasher.add(m_tokenizer->fingerprint()).add(m_cache.tokensHash.high).add(m_cache.tokensHash.low);
        std::size_t begin = 0;
        for (const DomainExtent &extent : m_cache.description.domains) {
            const auto training = m_cache.tokens.subspan(begin, extent.trainingTokens);
            const auto heldOut = m_cache.tokens.subspan(begin + training.size(), extent.heldOutTokens);
            m_domains.push_back({training, heldOut, extent.trainingBytes, extent.heldOutBytes});
            begin += training.size() + heldOut.size();
            hasher.add(extent.trainingTokens).add(extent.heldOutTokens);
        }
        m_hash = hasher.digest().hex();
    }

    std::size_t numDomains() const override { return m_domains.size(); }
    DomainTokens domain(std::size_t index) const override { return m_domains.at(index); }
    const Tokenizer &tokenizer() const override { return *m_tokenizer; }
    const CorpusReport &report() const override { return m_cache.description.report; }
    std::string hash() const override { return m_hash; }

private:
    TokenCache m_cache;
    std::unique_ptr<Tokenizer> m_tokenizer;
    std::vector<DomainTokens> m_domains;
    std::string m_hash;
};

// Tokenises one domain after the other into a cache file.
class CorpusWriter {
public:
    CorpusWriter(const Experiment &experiment, const Tokenizer &tokenizer, const fs::path &file)
        : m_tokenizer(tokenizer)
        , m_writer(file)
        , m_counter(experiment)
    {
    }

    // False when stopped.
    bool readDomain(DocumentStream &stream, std::size_t domain)
    {
        const bool isWhole = stream.read(domain, [&](const StreamedDocument &document) {
            m_counter.add(document);
            return !document.kept || encode(document, stream);
        });
        m_writer.endDomain();
        return isWhole;
    }

    void commit(DocumentStream &stream, const std::string &key)
    {
        CorpusReport report = m_counter.finish(stream);
        for (std::size_t i = 0; i < report.domains.size(); ++i) {
            report.domains[i].tokens = static_cast<double>(m_writer.domains()[i].trainingTokens);
            report.domains[i].heldOutTokens = static_cast<double>(m_writer.domains()[i].heldOutTokens);
            report.domains[i].exact = true;
        }
        m_writer.commit({key, m_tokenizer.fingerprint(), {}, std::move(report), stream.unread()});
    }

private:
    bool encode(const StreamedDocument &document, const DocumentStream &stream)
    {
        std::string_view text = document.text;
        for (;;) {
            const std::string_view part = partOf(text, kPartBytes);
            text.remove_prefix(part.size());
            m_tokens.clear();
            m_tokenizer.encode(part, m_tokens);
            if (text.empty())
                m_tokens.push_back(m_tokenizer.endOfDocument());
            m_writer.add(m_tokens, part.size(), document.heldOut);
            if (text.empty() || stream.stopRequested())
                return text.empty();
        }
    }

    const Tokenizer &m_tokenizer;
    TokenCacheWriter m_writer;
    CorpusCounter m_counter;
    std::vector<TokenId> m_tokens;
};

[[noreturn]] void throwCancelled()
{
    throw Error("Reading the corpus was cancelled");
}

// Nothing that the cache lacks because it could not be read then can be read now.
bool isWhole(const TokenCache &cache, const DocumentStream &stream)
{
    return std::ranges::none_of(cache.description.unread, [&stream](const SourcePlace &place) {
        const auto &[domain, file] = place;
        return domain >= stream.numDomains() || file >= stream.files(domain).size()
            || canBeRead(stream.files(domain)[file].path);
    });
}

void writeCache(const Experiment &experiment, DocumentStream &stream, const Tokenizer &tokenizer, const fs::path &file,
                const std::string &key)
{
    CorpusWriter writer(experiment, tokenizer, file);
    stream.beginPhase(CorpusProgress::Phase::Tokenising);
    for (std::size_t i = 0; i < stream.numDomains(); ++i) {
        if (!writer.readDomain(stream, i))
            throwCancelled();
    }
    writer.commit(stream, key);
    trimCacheFolder(file.parent_path(), file, kMaxCacheBytes);
}

// Training needs a sequence of every domain, on both sides of the split.
void checkSizes(const CorpusReport &report, const Experiment &experiment)
{
    Issues issues = report.issues;
    const Issues small = findSmallDomains(report, experiment);
    issues.insert(issues.end(), small.begin(), small.end());
    const auto first = std::ranges::find(issues, Issue::Severity::Error, &Issue::severity);
    if (first == issues.end())
        return;
    const auto more = std::ranges::count(issues, Issue::Severity::Error, &Issue::severity) - 1;
    throw Error(fmt::format("Domain \"{}\": {}{}", first->domain, first->message,
                            more > 0 ? fmt::format(" (and {} more)", more) : ""),
                first->advice);
}

} // namespace

std::shared_ptr<const TokenizedCorpus> openTokenizedCorpus(const Experiment &experiment, const fs::path &cacheFolder,
                                                           std::stop_token stop, const CorpusProgressSink &progress)
{
    if (experiment.domains.empty())
        throw Error("The experiment has no domains", "Add at least one domain with sources.");
    ProgressMeter meter(progress);
    DocumentStream stream(experiment, stop, meter);
    stream.list();
    if (stop.stop_requested())
        throwCancelled();
    const std::string key = corpusKey(experiment, stream);
    const fs::path file = cacheFolder / "corpora" / (key + ".tokens");
    std::string damage;
    std::optional<TokenCache> cache = readTokenCache(file, key, damage);
    if (cache && !isWhole(*cache, stream))
        cache.reset();

    const CorpusTokenizer maker(experiment, cacheFolder, key);
    Issues more;
    std::unique_ptr<Tokenizer> tokenizer =
        maker.make(stream, cache ? cache->description.fingerprint : std::string(), more);
    if (!tokenizer)
        throwCancelled();
    if (!damage.empty())
        more.push_back(domainIssue(Issue::Severity::Note, {}, file.string(),
                                   fmt::format("The cached tokens could not be used: {}", damage),
                                   "They were made again."));
    if (!cache || cache->description.fingerprint != tokenizer->fingerprint()) {
        cache.reset();
        if (!stream.findLeaks())
            throwCancelled();
        writeCache(experiment, stream, *tokenizer, file, key);
        cache = readTokenCache(file, key, damage);
        if (!cache)
            throw Error(fmt::format("The tokens just written to {} cannot be read: {}", file.string(), damage),
                        "Check the disk.");
    }
    checkSizes(cache->description.report, experiment);
    return std::make_shared<const CachedCorpus>(std::move(*cache), std::move(tokenizer), std::move(more));
}

} // namespace krater
