// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/corpus/token_cache.h"
#include "core/corpus/tokenized_corpus.h"
#include "core/corpus/tokenizer_training.h"
#include "tests/core/corpus_samples.h"

#include <QTest>

#include <algorithm>
#include <csignal>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <fstream>
#include <set>
#include <thread>
#include <unistd.h>

using namespace krater;
using namespace krater::test;
namespace fs = std::filesystem;

namespace {

std::string lines(int first, int last)
{
    std::string text;
    for (int i = first; i < last; ++i)
        text += "document number " + std::to_string(i) + " of many\n";
    return text;
}

std::string damaged(std::string bytes, const std::string &damage)
{
    if (damage == "empty")
        return {};
    if (damage == "prefix only")
        return bytes.substr(0, 64);
    if (damage == "cut")
        return bytes.substr(0, bytes.size() - 1);
    if (damage == "longer")
        return bytes + 'x';
    if (damage == "huge count")
        return bytes.replace(16, 8, 8, '\xff');
    const std::size_t place = damage == "magic" ? 0
        : damage == "version"                   ? 8
        : damage == "count"                     ? 16
        : damage == "token"                     ? 100
                                                : bytes.size() - 10; // in the description
    bytes[place] = static_cast<char>(bytes[place] ^ 1);
    return bytes;
}

class TokenizedCorpusTest : public QObject {
    Q_OBJECT

private slots:
    void init();
    void tokensAreTheDocuments();
    void reportMatchesTheScan();
    void cacheEqualsWhatWasRead();
    void keyFollowsContent();
    void damagedCacheIsRebuilt_data();
    void damagedCacheIsRebuilt();
    void cacheOfAnotherCorpusIsRefused();
    void randomDamageIsNoticed();
    void editedTextIsReadAgain();
    void swappedFilesAreReadAgain();
    void whatCannotBeReadIsTriedAgain_data();
    void whatCannotBeReadIsTriedAgain();
    void sentencePieceIsTrainedAndKept();
    void damagedTokenizerIsTrainedAgain();
    void givenModelIsUsed();
    void longDocumentsAreWhole();
    void smallDomainsAreRefused();
    void cancelledWhenAsked();
    void failuresOfTheCacheAreErrors();
    void openersShareACache();
    void trimRemovesTheOldest();
    void corpusFromMemory();

private:
    std::shared_ptr<const TokenizedCorpus> open() const
    {
        return openTokenizedCorpus(m_experiment, m_folder->path("cache"));
    }
    fs::path cacheFile() const;
    static std::vector<std::string> documentsOf(const TokenizedCorpus &corpus, std::span<const TokenId> tokens);
    static void compare(const TokenizedCorpus &one, const TokenizedCorpus &other);

    std::unique_ptr<SampleFolder> m_folder;
    Experiment m_experiment;
};

void TokenizedCorpusTest::init()
{
    m_folder = std::make_unique<SampleFolder>();
    m_folder->write("a.txt", lines(0, 300));
    m_folder->write("b/one.txt", "a document\nof lines\n");
    for (int i = 0; i < 40; ++i)
        m_folder->write("b/" + std::to_string(i) + ".txt",
                        "file " + std::to_string(i) + "\nwith \xe7\xac\xac\xe4\xb8\x80");
    DomainConfig first = sampleDomain("first", {"a.txt"});
    first.split = "\\n";
    m_experiment = sampleExperiment(*m_folder, {first, sampleDomain("second", {"b"})});
}

fs::path TokenizedCorpusTest::cacheFile() const
{
    return fs::directory_iterator(m_folder->path("cache/corpora"))->path();
}

std::vector<std::string> TokenizedCorpusTest::documentsOf(const TokenizedCorpus &corpus,
                                                          std::span<const TokenId> tokens)
{
    std::vector<std::string> documents;
    auto begin = tokens.begin();
    while (begin != tokens.end()) {
        const auto end = std::find(begin, tokens.end(), corpus.tokenizer().endOfDocument());
        if (end == tokens.end())
            return {}; // every document has an end
        documents.push_back(corpus.tokenizer().decode({begin, end}));
        begin = end + 1;
    }
    return documents;
}

void TokenizedCorpusTest::compare(const TokenizedCorpus &one, const TokenizedCorpus &other)
{
    QCOMPARE(one.hash(), other.hash());
    QCOMPARE(one.numDomains(), other.numDomains());
    for (std::size_t i = 0; i < one.numDomains(); ++i) {
        QVERIFY(std::ranges::equal(one.domain(i).training, other.domain(i).training));
        QVERIFY(std::ranges::equal(one.domain(i).heldOut, other.domain(i).heldOut));
        QCOMPARE(one.domain(i).trainingBytes, other.domain(i).trainingBytes);
        QCOMPARE(one.domain(i).heldOutBytes, other.domain(i).heldOutBytes);
        QCOMPARE(one.report().domains[i].duplicates, other.report().domains[i].duplicates);
        QCOMPARE(one.report().domains[i].lengthHistogram, other.report().domains[i].lengthHistogram);
    }
    QCOMPARE(one.report().shared, other.report().shared);
}

void TokenizedCorpusTest::tokensAreTheDocuments()
{
    const auto corpus = open();
    QCOMPARE(corpus->numDomains(), std::size_t{2});
    for (std::size_t i = 0; i < 2; ++i) {
        std::vector<std::string> training;
        std::vector<std::string> heldOut;
        std::uint64_t trainingBytes = 0;
        for (const PreviewDocument &document : previewDocuments(m_experiment, i, 0, 1'000)) {
            (document.heldOut ? heldOut : training).push_back(document.text);
            trainingBytes += document.heldOut ? 0 : document.length;
        }
        const DomainTokens domain = corpus->domain(i);
        QVERIFY(!heldOut.empty());
        QCOMPARE(documentsOf(*corpus, domain.training), training);
        QCOMPARE(documentsOf(*corpus, domain.heldOut), heldOut);
        QCOMPARE(domain.trainingBytes, trainingBytes);
    }
    QCOMPARE(corpus->hash().size(), std::size_t{32});
}

void TokenizedCorpusTest::reportMatchesTheScan()
{
    const CorpusReport scan = scanCorpus(m_experiment);
    const CorpusReport report = open()->report();
    QCOMPARE(report.issues, scan.issues);
    QCOMPARE(report.shared, scan.shared);
    for (std::size_t i = 0; i < 2; ++i) {
        QCOMPARE(report.domains[i].name, scan.domains[i].name);
        QCOMPARE(report.domains[i].documents, scan.domains[i].documents);
        QCOMPARE(report.domains[i].heldOutBytes, scan.domains[i].heldOutBytes);
        QCOMPARE(report.domains[i].tokens, scan.domains[i].tokens);
        QCOMPARE(report.domains[i].heldOutTokens, scan.domains[i].heldOutTokens);
        QVERIFY(report.domains[i].exact);
    }
}

void TokenizedCorpusTest::cacheEqualsWhatWasRead()
{
    m_folder->write("b/latin1.txt", "caf\xe9");
    const auto fresh = open();
    bool hasTokenised = false;
    const auto cached =
        openTokenizedCorpus(m_experiment, m_folder->path("cache"), {}, [&hasTokenised](const CorpusProgress &progress) {
            hasTokenised = hasTokenised || progress.phase == CorpusProgress::Phase::Tokenising;
        });
    QVERIFY(!hasTokenised);
    compare(*fresh, *cached);
    QCOMPARE(fresh->report().issues, cached->report().issues);
    QVERIFY(!cached->report().issues.empty());
}

void TokenizedCorpusTest::keyFollowsContent()
{
    std::set<std::string> files;
    const auto add = [&] {
        open();
        files.clear();
        for (const auto &entry : fs::directory_iterator(m_folder->path("cache/corpora")))
            files.insert(entry.path().filename().string());
        return files.size();
    };
    QCOMPARE(add(), std::size_t{1});
    m_experiment.domains[0].colour = "#123456"; // not content
    m_experiment.model.layers = 7;
    m_experiment.info.seed = 2; // seeds of one file share their corpus
    QCOMPARE(add(), std::size_t{1});
    m_experiment.info.splitSeed = 2;
    QCOMPARE(add(), std::size_t{2});
    m_experiment.domains[0].heldOut = 0.3;
    QCOMPARE(add(), std::size_t{3});
    m_experiment.domains[0].where.minLength = 2;
    QCOMPARE(add(), std::size_t{4});
    m_experiment.domains[0].maxDocuments = 299;
    QCOMPARE(add(), std::size_t{5});
    m_experiment.domains[0].split = "\\n+";
    QCOMPARE(add(), std::size_t{6});
    m_folder->write("b/new.txt", "one more");
    QCOMPARE(add(), std::size_t{7});
    fs::last_write_time(m_folder->path("a.txt"), fs::file_time_type::clock::now() + std::chrono::hours(1));
    QCOMPARE(add(), std::size_t{8});
    std::swap(m_experiment.domains[0], m_experiment.domains[1]);
    QCOMPARE(add(), std::size_t{9});
}

void TokenizedCorpusTest::damagedCacheIsRebuilt_data()
{
    QTest::addColumn<std::string>("damage");
    for (const char *damage :
         {"empty", "prefix only", "cut", "longer", "token", "description", "magic", "version", "count", "huge count"})
        QTest::newRow(damage) << std::string(damage);
}

void TokenizedCorpusTest::damagedCacheIsRebuilt()
{
    QFETCH(std::string, damage);
    const auto fresh = open();
    const fs::path file = cacheFile();
    const std::string whole = readFile(file, 1 << 30);
    writeFileAtomically(file, damaged(whole, damage)); // not in place: it is mapped
    const auto rebuilt = open();
    compare(*fresh, *rebuilt);
    QVERIFY(readFile(file, 1 << 30) == whole);
    const auto note = std::ranges::find(rebuilt->report().issues, file.string(), &Issue::file);
    QVERIFY(note != rebuilt->report().issues.end());
    QCOMPARE(note->severity, Issue::Severity::Note);
    QVERIFY(open()->report().issues.empty()); // it is whole again
}

void TokenizedCorpusTest::cacheOfAnotherCorpusIsRefused()
{
    const auto fresh = open();
    const fs::path file = cacheFile();
    const std::string whole = readFile(file, 1 << 30);
    fs::rename(file, m_folder->path("moved"));
    m_experiment.info.splitSeed = 2;
    open();
    const fs::path other = cacheFile();
    writeFileAtomically(other, whole);
    QVERIFY(open()->hash() != fresh->hash());
    QVERIFY(readFile(other, 1 << 30) != whole);
}

void TokenizedCorpusTest::randomDamageIsNoticed()
{
    open();
    const fs::path file = cacheFile();
    const std::string whole = readFile(file, 1 << 30);
    const std::string key = file.stem().string();
    std::string damage;
    QVERIFY(readTokenCache(file, key, damage).has_value());
    Rng rng(8);
    for (int round = 0; round < 300; ++round) {
        std::string bytes = whole;
        if (round % 3 == 0)
            bytes.resize(rng.below(bytes.size()));
        else
            bytes[rng.below(bytes.size())] ^= static_cast<char>(1 + rng.below(255));
        m_folder->write("damaged.tokens", bytes);
        QVERIFY(!readTokenCache(m_folder->path("damaged.tokens"), key, damage).has_value());
        QVERIFY(!damage.empty());
    }
    QVERIFY(!readTokenCache(m_folder->path("missing"), key, damage).has_value());
    QVERIFY(damage.empty());
}

void TokenizedCorpusTest::editedTextIsReadAgain()
{
    const std::string hash = open()->hash();
    const fs::path file = m_folder->path("a.txt");
    const auto modified = fs::last_write_time(file);
    QTest::qSleep(20); // time stamps are as coarse as the kernel's ticks
    m_folder->write("a.txt", lines(300, 600).substr(0, fs::file_size(file)));
    fs::last_write_time(file, modified);
    QVERIFY(open()->hash() != hash);
}

void TokenizedCorpusTest::swappedFilesAreReadAgain()
{
    // Two files of one moment and size, of which a link names the one and then the other: only the inode tells them apart. (Where the
    // clock is too fine for two files of one moment, the times do.)
    const std::string text = lines(0, 90);
    struct stat one = {};
    struct stat other = {};
    const auto isOneMoment = [&] {
        return one.st_ctim.tv_sec == other.st_ctim.tv_sec && one.st_ctim.tv_nsec == other.st_ctim.tv_nsec
            && one.st_mtim.tv_nsec == other.st_mtim.tv_nsec;
    };
    std::string folder;
    for (int attempt = 0; attempt < 100 && (attempt == 0 || !isOneMoment()); ++attempt) {
        folder = "attempt" + std::to_string(attempt); // new files: looking at one can make its next time stamp finer
        std::ofstream first(m_folder->write(folder + "/one/x.txt", ""));
        std::ofstream second(m_folder->write(folder + "/other/x.txt", ""));
        first << text;
        second << lines(10, 100).substr(0, text.size());
        first.close();
        second.close();
        QCOMPARE(::stat(m_folder->path(folder + "/one/x.txt").c_str(), &one), 0);
        QCOMPARE(::stat(m_folder->path(folder + "/other/x.txt").c_str(), &other), 0);
    }
    m_experiment.domains[0].sources = {"now/x.txt"};
    fs::create_directory_symlink(folder + "/one", m_folder->path("now"));
    const std::string ofOne = open()->hash();
    fs::remove(m_folder->path("now"));
    fs::create_directory_symlink(folder + "/other", m_folder->path("now"));
    QVERIFY(open()->hash() != ofOne);
}

void TokenizedCorpusTest::whatCannotBeReadIsTriedAgain_data()
{
    QTest::addColumn<bool>("trainsTokenizer");
    QTest::newRow("bytes") << false;
    QTest::newRow("sentencepiece") << true;
}

void TokenizedCorpusTest::whatCannotBeReadIsTriedAgain()
{
    QFETCH(bool, trainsTokenizer);
    if (trainsTokenizer) {
        m_experiment.tokenizer.kind = TokenizerConfig::Kind::SentencePiece;
        m_experiment.tokenizer.vocabulary = 320;
    }
    const auto whole = openTokenizedCorpus(m_experiment, m_folder->path("other cache"));
    int numTokenised = 0;
    const auto openCounted = [&] {
        return openTokenizedCorpus(m_experiment, m_folder->path("cache"), {}, [&](const CorpusProgress &progress) {
            numTokenised += progress.phase == CorpusProgress::Phase::Tokenising ? 1 : 0;
        });
    };
    // Nobody else opens a file while someone holds a lease on it; nothing of the file changes.
    ::signal(SIGIO, SIG_IGN);
    const int lease = ::open(m_folder->path("b/one.txt").c_str(), O_RDONLY | O_CLOEXEC);
    QVERIFY2(::fcntl(lease, F_SETLEASE, F_WRLCK) == 0, "Set TMPDIR to a folder of a file system that has leases.");
    const auto partial = openCounted();
    QVERIFY(numTokenised > 0);
    QCOMPARE(partial->report().domains[1].rejected, std::uint64_t{1});
    QVERIFY(partial->hash() != whole->hash());
    numTokenised = 0;
    QCOMPARE(openCounted()->hash(), partial->hash());
    QCOMPARE(numTokenised, 0); // it would come out the same

    QCOMPARE(::fcntl(lease, F_SETLEASE, F_UNLCK), 0);
    ::close(lease);
    compare(*openCounted(), *whole);
    QVERIFY(numTokenised > 0);
    numTokenised = 0;
    compare(*openCounted(), *whole);
    QCOMPARE(numTokenised, 0);
}

void TokenizedCorpusTest::sentencePieceIsTrainedAndKept()
{
    m_experiment.tokenizer.kind = TokenizerConfig::Kind::SentencePiece;
    m_experiment.tokenizer.vocabulary = 320;
    const auto fresh = open();
    QCOMPARE(fresh->tokenizer().name(), std::string("sentencepiece"));
    QVERIFY(fresh->tokenizer().vocabulary() <= 320);
    QVERIFY(fresh->domain(0).training.size() < fresh->domain(0).trainingBytes / 2);
    const std::vector<std::string> documents = documentsOf(*fresh, fresh->domain(1).training);
    QCOMPARE(documents.size(), fresh->report().domains[1].documents - fresh->report().domains[1].heldOutDocuments);
    QVERIFY(documents[0].ends_with("第一"));
    compare(*fresh, *open());

    // A model that is lost or damaged is trained again, to the same end.
    const fs::path model = fs::directory_iterator(m_folder->path("cache/tokenizers"))->path();
    fs::remove(model);
    compare(*fresh, *open());
    m_folder->write("cache/tokenizers/" + model.filename().string(), "damaged");
    compare(*fresh, *open());
    m_folder->write("cache/tokenizers/" + model.filename().string(),
                    trainSentencePiece({"another model altogether"}, 300));
    compare(*fresh, *open());
}

void TokenizedCorpusTest::damagedTokenizerIsTrainedAgain()
{
    m_experiment.tokenizer.kind = TokenizerConfig::Kind::SentencePiece;
    m_experiment.tokenizer.vocabulary = 320;
    const auto fresh = open();
    fs::remove_all(m_folder->path("cache/corpora")); // nothing else tells which model is the right one
    const fs::path model = fs::directory_iterator(m_folder->path("cache/tokenizers"))->path();
    m_folder->write("cache/tokenizers/" + model.filename().string(),
                    trainSentencePiece({"another model altogether"}, 300));
    const auto again = open();
    compare(*fresh, *again);
    const auto note = std::ranges::find(again->report().issues, model.string(), &Issue::file);
    QVERIFY(note != again->report().issues.end());
    QCOMPARE(note->severity, Issue::Severity::Note);
    QVERIFY(note->message.find("tokenizer") != std::string::npos);
}

void TokenizedCorpusTest::givenModelIsUsed()
{
    m_folder->write("my.model", trainSentencePiece({"document number of many lines", "file with"}, 300));
    m_experiment.tokenizer.kind = TokenizerConfig::Kind::SentencePiece;
    m_experiment.tokenizer.model = "my.model"; // relative to the experiment
    const auto corpus = open();
    QCOMPARE(corpus->tokenizer().fingerprint(), loadSentencePiece(m_folder->path("my.model"))->fingerprint());
    const std::string hash = corpus->hash();
    m_folder->write("my.model", trainSentencePiece({"something else"}, 300));
    QVERIFY(open()->hash() != hash);
    m_experiment.tokenizer.model = "missing.model";
    QVERIFY_EXCEPTION_THROWN(open(), Error);
}

void TokenizedCorpusTest::longDocumentsAreWhole()
{
    // Longer than what is encoded and written at once, on both sides of the split.
    std::string text;
    std::vector<std::string> parts;
    for (int i = 0; i < 6; ++i) {
        std::string &part = parts.emplace_back();
        for (int k = 0; k < 400'000; ++k)
            part += static_cast<char>('a' + (k * (i + 1)) % 23);
        part += std::string(1'500'000, static_cast<char>('a' + i)) + (i % 2 == 0 ? "\n第" : "第\n");
        text += (i > 0 ? "%" : "") + part;
    }
    m_folder->write("a.txt", text);
    m_experiment.domains[0].split = "%";
    m_experiment.domains[0].heldOut = 0.5;
    m_experiment.domains[1].heldOut = 0.5;
    const auto corpus = open();
    std::vector<std::string> documents = documentsOf(*corpus, corpus->domain(0).training);
    const std::vector<std::string> heldOut = documentsOf(*corpus, corpus->domain(0).heldOut);
    QVERIFY(!documents.empty() && !heldOut.empty());
    documents.insert(documents.end(), heldOut.begin(), heldOut.end());
    std::ranges::sort(documents);
    std::ranges::sort(parts);
    QVERIFY(documents == parts);
}

void TokenizedCorpusTest::smallDomainsAreRefused()
{
    const auto messageOf = [this]() -> std::string {
        try {
            open();
        } catch (const Error &error) {
            return error.what() + (error.advice().empty() ? std::string(" NO ADVICE") : std::string());
        }
        return {};
    };
    m_experiment.model.context = 30'000;
    std::string message = messageOf();
    QVERIFY2(message.find("\"first\"") != std::string::npos && message.find("30001") != std::string::npos,
             message.c_str());
    QVERIFY(message.find("more)") != std::string::npos && message.find("NO ADVICE") == std::string::npos);
    m_experiment.model.context = 8;
    QVERIFY(messageOf().empty());
    m_experiment.domains[1].heldOut = 0;
    message = messageOf();
    QVERIFY2(message.find("\"second\"") != std::string::npos && message.find("held-out") != std::string::npos,
             message.c_str());
    m_experiment.domains[1].sources = {"nothing"};
    message = messageOf();
    QVERIFY2(message.find("matches no file") != std::string::npos, message.c_str());
    m_experiment.domains.clear();
    QVERIFY(messageOf().find("no domains") != std::string::npos);
}

void TokenizedCorpusTest::cancelledWhenAsked()
{
    m_folder->write("a.txt", lines(0, 200'000));
    m_experiment.tokenizer.kind = TokenizerConfig::Kind::SentencePiece;
    fs::create_directories(m_folder->path("cache"));
    for (const auto phase : {CorpusProgress::Phase::Listing, CorpusProgress::Phase::TrainingTokenizer,
                             CorpusProgress::Phase::Tokenising}) {
        if (phase == CorpusProgress::Phase::Tokenising)
            m_experiment.tokenizer.kind = TokenizerConfig::Kind::Bytes;
        std::stop_source stop;
        std::string message;
        try {
            openTokenizedCorpus(m_experiment, m_folder->path("cache"), stop.get_token(),
                                [&](const CorpusProgress &progress) {
                                    if (progress.phase == phase)
                                        stop.request_stop();
                                });
        } catch (const Error &error) {
            message = error.what();
        }
        QVERIFY2(message.find("cancelled") != std::string::npos, message.c_str());
        for (const auto &entry : fs::recursive_directory_iterator(m_folder->path("cache")))
            QVERIFY2(entry.is_directory(), entry.path().c_str()); // nothing half done stays
    }
}

void TokenizedCorpusTest::failuresOfTheCacheAreErrors()
{
    m_folder->write("cache", "a file where the folder should be");
    for (const auto kind : {TokenizerConfig::Kind::Bytes, TokenizerConfig::Kind::SentencePiece}) {
        m_experiment.tokenizer.kind = kind;
        try {
            open();
            QFAIL("it was written");
        } catch (const Error &error) {
            QVERIFY2(std::string(error.what()).starts_with("The cache folder " + m_folder->path("cache").string()),
                     error.what());
            QVERIFY2(error.advice().find("XDG_CACHE_HOME") != std::string::npos, error.advice().c_str());
        }
    }
}

void TokenizedCorpusTest::openersShareACache()
{
    m_folder->write("a.txt", lines(0, 20'000));
    std::vector<std::shared_ptr<const TokenizedCorpus>> corpora(4);
    {
        std::vector<std::jthread> threads;
        for (auto &corpus : corpora)
            threads.emplace_back([this, &corpus] { corpus = open(); });
    }
    for (const auto &corpus : corpora) {
        QVERIFY(corpus != nullptr);
        compare(*corpora[0], *corpus);
        QVERIFY(corpus->report().issues.empty());
    }
    QCOMPARE(std::distance(fs::directory_iterator(m_folder->path("cache/corpora")), fs::directory_iterator()), 1);
    // What is mapped stays, even when the file goes.
    fs::remove_all(m_folder->path("cache"));
    QCOMPARE(documentsOf(*corpora[0], corpora[0]->domain(0).training).size()
                 + documentsOf(*corpora[0], corpora[0]->domain(0).heldOut).size(),
             std::size_t{20'000});
}

void TokenizedCorpusTest::trimRemovesTheOldest()
{
    const auto now = fs::file_time_type::clock::now();
    for (int i = 0; i < 4; ++i) {
        const auto file = m_folder->write("old/" + std::to_string(i) + ".tokens", std::string(100, 'x'));
        fs::last_write_time(file, now - std::chrono::hours(100 - i));
    }
    fs::last_write_time(m_folder->write("old/x.tokens.tmp-1-2", "left behind"), now - std::chrono::hours(48));
    m_folder->write("old/y.tokens.tmp-1-2", "being written");
    const pid_t dead = ::fork();
    if (dead == 0)
        ::_exit(0);
    QCOMPARE(::waitpid(dead, nullptr, 0), dead);
    const std::string ofDead = "old/z.tokens.tmp-" + std::to_string(dead) + "-0";
    fs::last_write_time(m_folder->write(ofDead, "left behind"), now - std::chrono::minutes(20));
    fs::last_write_time(m_folder->write("old/z.tokens.tmp-1-3", "slow"), now - std::chrono::minutes(20));
    trimCacheFolder(m_folder->path("old"), m_folder->path("old/0.tokens"), 250);
    std::set<std::string> left;
    for (const auto &entry : fs::directory_iterator(m_folder->path("old")))
        left.insert(entry.path().filename().string());
    QCOMPARE(left, std::set<std::string>({"0.tokens", "3.tokens", "y.tokens.tmp-1-2", "z.tokens.tmp-1-3"}));
}

void TokenizedCorpusTest::corpusFromMemory()
{
    const auto corpus = makeTokenizedCorpus({{'a', 'b', 256, 'c', 256}, {'x', 256}}, {{'d', 256}, {}});
    QCOMPARE(corpus->numDomains(), std::size_t{2});
    QCOMPARE(corpus->domain(0).trainingBytes, std::uint64_t{3});
    QCOMPARE(corpus->domain(0).heldOutBytes, std::uint64_t{1});
    QCOMPARE(corpus->report().domains[0].documents, std::uint64_t{3});
    QCOMPARE(corpus->report().domains[1].tokens, 2.0);
    QCOMPARE(documentsOf(*corpus, corpus->domain(0).training), std::vector<std::string>({"ab", "c"}));
    QVERIFY(corpus->hash() != makeTokenizedCorpus({{'a'}, {}}, {{}, {}})->hash());
    QVERIFY_EXCEPTION_THROWN(makeTokenizedCorpus({{'a'}}, {}), Error);
}

} // namespace

QTEST_GUILESS_MAIN(TokenizedCorpusTest)
#include "tst_tokenized_corpus.moc"
