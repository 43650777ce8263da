// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/corpus/corpus_scan.h"
#include "core/corpus/document_stream.h"
#include "tests/core/corpus_samples.h"

#include <QTest>

#include <algorithm>
#include <map>

using namespace krater;
using namespace krater::test;

namespace {

class CorpusScanTest : public QObject {
    Q_OBJECT

private slots:
    void countsDomains();
    void previewAgreesWithTheScan();
    void filtersMakeDomainsOfOneFile();
    void capsEndADomain();
    void smallDomainsAreErrors();
    void brokenConfigurationIsReported();
    void tokensAreEstimatedForSentencePiece();
    void previewSkipsAndCuts();
    void previewShowsWhyNot();
    void progressGrowsToTheEnd();
    void stopsWhenAsked();
};

void CorpusScanTest::countsDomains()
{
    const SampleFolder folder;
    folder.write("a/one.txt", "abcde"); // 5 bytes
    folder.write("a/two.txt.gz", gzipped("fg"));
    folder.write("a/three.txt.zst", zstdCompressed("hijklmnop"));
    folder.write("b/x.html", "<p>wine</p>");
    folder.write("b/y.jsonl", "{\"text\": \"water\"}\n{\"text\": \"air\"}\n");
    const CorpusReport report =
        scanCorpus(sampleExperiment(folder, {sampleDomain("first", {"a"}, 0), sampleDomain("second", {"b"}, 0)}));
    const DomainReport &first = report.domains.at(0);
    QCOMPARE(first.name, std::string("first"));
    QCOMPARE(first.files, std::uint64_t{3});
    QCOMPARE(first.documents, std::uint64_t{3});
    QCOMPARE(first.bytes, std::uint64_t{16});
    QCOMPARE(first.heldOutDocuments, std::uint64_t{0});
    QCOMPARE(first.tokens, 19.0); // a token each byte, and each document's end
    QVERIFY(first.exact);
    QCOMPARE(first.lengthHistogram, std::vector<std::uint64_t>({0, 1, 1, 1}));
    const DomainReport &second = report.domains.at(1);
    QCOMPARE(second.files, std::uint64_t{2});
    QCOMPARE(second.documents, std::uint64_t{3});
    QCOMPARE(second.bytes, std::uint64_t{12});
    QCOMPARE(report.shared, std::vector<std::vector<std::uint64_t>>({{0, 0}, {0, 0}}));
}

void CorpusScanTest::previewAgreesWithTheScan()
{
    const SampleFolder folder;
    folder.write("a.txt", sampleLines(0, 600));
    folder.write("b.txt", sampleLines(300, 900));
    folder.write("c.txt", sampleLines(0, 900));
    Experiment experiment =
        sampleExperiment(folder, {lineDomain("less", {"a.txt"}, 0.1), lineDomain("middle", {"b.txt"}, 0.3),
                                  lineDomain("more", {"c.txt"}, 0.5)});
    experiment.domains[1].maxDocuments = 100; // less than it has even without leaks
    const CorpusReport report = scanCorpus(experiment);
    for (std::size_t i = 0; i < 3; ++i) {
        std::uint64_t numKept = 0;
        std::uint64_t numHeldOut = 0;
        std::uint64_t numLeaks = 0;
        for (const PreviewDocument &document : previewDocuments(experiment, i, 0, 10'000)) {
            numKept += document.kept ? 1 : 0;
            numHeldOut += document.kept && document.heldOut ? 1 : 0;
            numLeaks += document.reason == "held out in another domain" ? 1 : 0;
        }
        QCOMPARE(numKept, report.domains[i].documents);
        QCOMPARE(numHeldOut, report.domains[i].heldOutDocuments);
        QCOMPARE(numLeaks, report.domains[i].heldOutDuplicates);
        QCOMPARE(numLeaks > 0, i < 2);
    }
}

void CorpusScanTest::filtersMakeDomainsOfOneFile()
{
    const SampleFolder folder;
    std::string text;
    for (int i = 0; i < 100; ++i)
        text += "{\"text\": \"" + std::to_string(i) + " ..........\", \"language\": \"" + (i % 4 == 0 ? "fr" : "en")
            + "\"}\n";
    folder.write("all.jsonl", text);
    DomainConfig english = sampleDomain("en", {"all.jsonl"}, 0);
    english.where.field = "language == 'en'";
    DomainConfig french = sampleDomain("fr", {"all.jsonl"}, 0);
    french.where.field = "language == 'fr'";
    const CorpusReport report = scanCorpus(sampleExperiment(folder, {english, french}));
    QCOMPARE(report.domains[0].documents, std::uint64_t{75});
    QCOMPARE(report.domains[0].rejected, std::uint64_t{25});
    QCOMPARE(report.domains[1].documents, std::uint64_t{25});
    QVERIFY(issuesWith(report.issues, "overlaps").empty()); // the same file, but not the same documents
}

void CorpusScanTest::capsEndADomain()
{
    const SampleFolder folder;
    folder.write("a.txt", "one\ntwo\nthree\n");
    folder.write("b.txt", "four\nfive\n");
    folder.write("c.txt", "six\n");
    DomainConfig domain = lineDomain("d", {"*.txt"}, 0);
    const auto scan = [&] { return scanCorpus(sampleExperiment(folder, {domain})); };
    domain.maxDocuments = 4;
    CorpusReport report = scan();
    QCOMPARE(report.domains[0].documents, std::uint64_t{4});
    QCOMPARE(report.domains[0].files, std::uint64_t{2}); // the third is not opened
    QCOMPARE(issuesWith(report.issues, "max_documents was reached after 4 documents, in file 2 of 3").size(),
             std::size_t{1});

    domain.maxDocuments.reset();
    domain.maxBytes = 13; // one two three: 11 bytes, and not "four"
    report = scan();
    QCOMPARE(report.domains[0].documents, std::uint64_t{3});
    QCOMPARE(report.domains[0].bytes, std::uint64_t{11});
    QCOMPARE(report.domains[0].rejected, std::uint64_t{1});
    domain.maxBytes = 11;
    report = scan();
    QCOMPARE(report.domains[0].documents, std::uint64_t{3});
    QCOMPARE(report.domains[0].rejected, std::uint64_t{0});
    QCOMPARE(issuesWith(report.issues, "max_bytes").size(), std::size_t{1});
}

void CorpusScanTest::smallDomainsAreErrors()
{
    const SampleFolder folder;
    folder.write("a.txt", sampleLines(0, 100));
    folder.write("b.txt", sampleLines(100, 200));
    folder.write("tiny.txt", "abc\ndef\n");
    DomainConfig filtered = lineDomain("filtered", {"a.txt"});
    filtered.where.text = "nowhere";
    const Experiment experiment = sampleExperiment(folder,
                                                   {lineDomain("fine", {"a.txt"}), lineDomain("tiny", {"tiny.txt"}),
                                                    lineDomain("kept whole", {"b.txt"}, 0), filtered});
    const CorpusReport report = scanCorpus(experiment);
    std::map<std::string, std::string> errors;
    for (const Issue &issue : report.issues) {
        if (issue.severity == Issue::Severity::Error) {
            errors[issue.domain] += issue.message;
            QVERIFY(!issue.advice.empty());
        }
    }
    QCOMPARE(errors.size(), std::size_t{3});
    QVERIFY(errors["tiny"].find("8 training tokens, fewer than one sequence (9 tokens") != std::string::npos);
    QVERIFY(errors["kept whole"].find("0 held-out tokens in 0 of 100 documents") != std::string::npos);
    QVERIFY(errors["filtered"].find("none of 100 documents is kept") != std::string::npos);
}

void CorpusScanTest::brokenConfigurationIsReported()
{
    const SampleFolder folder;
    folder.write("a.txt", sampleLines(0, 100));
    DomainConfig broken = lineDomain("broken", {"a.txt"});
    broken.split = "(";
    const CorpusReport report =
        scanCorpus(sampleExperiment(folder, {broken, lineDomain("fine", {"a.txt"}), lineDomain("lost", {"none"})}));
    QCOMPARE(report.domains[0].documents, std::uint64_t{0});
    QCOMPARE(report.domains[1].documents, std::uint64_t{100});
    QCOMPARE(issuesWith(report.issues, "split").at(0).domain, std::string("broken"));
    const Issues lost = issuesWith(report.issues, "matches no file");
    QCOMPARE(lost.at(0).domain, std::string("lost"));
    QCOMPARE(std::ranges::count(report.issues, Issue::Severity::Error, &Issue::severity),
             2); // one each, no second about size
    QVERIFY(scanCorpus(Experiment()).domains.empty());
}

void CorpusScanTest::tokensAreEstimatedForSentencePiece()
{
    const SampleFolder folder;
    folder.write("a.txt", sampleLines(0, 1'000));
    Experiment experiment = sampleExperiment(folder, {lineDomain("d", {"a.txt"})});
    experiment.tokenizer.kind = TokenizerConfig::Kind::SentencePiece;
    CorpusReport report = scanCorpus(experiment);
    QVERIFY(!report.domains[0].exact);
    QVERIFY(report.domains[0].tokens > 1'000
            && report.domains[0].tokens < static_cast<double>(report.domains[0].bytes));
    experiment.tokenizer.model = "missing.model";
    report = scanCorpus(experiment);
    const Issues found = issuesWith(report.issues, "missing.model");
    QCOMPARE(found.size(), std::size_t{1});
    QCOMPARE(found[0].severity, Issue::Severity::Error);
}

void CorpusScanTest::previewSkipsAndCuts()
{
    const SampleFolder folder;
    folder.write("a.txt", sampleLines(0, 10));
    folder.write("b.txt", std::string(100'000, 'a') + "é");
    const Experiment experiment = sampleExperiment(folder, {lineDomain("d", {"a.txt", "b.txt"})});
    const auto documents = previewDocuments(experiment, 0, 8, 100);
    QCOMPARE(documents.size(), std::size_t{3});
    QCOMPARE(documents[0].text, std::string("document number 8"));
    QCOMPARE(documents[0].index, std::uint64_t{8});
    QCOMPARE(documents[0].file, folder.path("a.txt").string());
    QCOMPARE(documents[2].index, std::uint64_t{0});
    QCOMPARE(documents[2].length, std::uint64_t{100'002});
    QCOMPARE(documents[2].text.size(), std::size_t{65'536});
    QVERIFY(previewDocuments(experiment, 0, 11, 5).empty());
    QVERIFY(previewDocuments(experiment, 0, 0, 0).empty());
    QVERIFY(previewDocuments(experiment, 1, 0, 5).empty());
}

void CorpusScanTest::previewShowsWhyNot()
{
    const SampleFolder folder;
    folder.write("a.jsonl", "{\"text\": \"long enough\"}\n{\"text\": \"short\"}\nbroken\n{\"text\": \" \"}\n");
    folder.write("b.jsonl.gz", gzipped("x").substr(0, 12));
    DomainConfig domain = sampleDomain("d", {"*"}, 0);
    domain.where.minLength = 8;
    const auto documents = previewDocuments(sampleExperiment(folder, {domain}), 0, 0, 10);
    QCOMPARE(documents.size(), std::size_t{5});
    QVERIFY(documents[0].kept && documents[0].reason.empty());
    QVERIFY(!documents[1].kept);
    QCOMPARE(documents[1].reason, std::string("5 bytes, shorter than 8"));
    QCOMPARE(documents[2].text, std::string("broken"));
    QVERIFY(documents[2].reason.find("not JSON") != std::string::npos);
    QCOMPARE(documents[3].reason, std::string("no text"));
    QVERIFY(documents[4].reason.find("damaged") != std::string::npos);
    QCOMPARE(documents[4].file, folder.path("b.jsonl.gz").string());
}

void CorpusScanTest::progressGrowsToTheEnd()
{
    const SampleFolder folder;
    folder.write("a.txt", sampleLines(0, 20'000));
    folder.write("b.txt.gz", gzipped(sampleLines(0, 20'000)));
    std::vector<CorpusProgress> seen;
    scanCorpus(sampleExperiment(folder, {lineDomain("d", {"*"})}), {},
               [&seen](const CorpusProgress &progress) { seen.push_back(progress); });
    QVERIFY(seen.size() >= 2);
    QCOMPARE(seen.front().phase, CorpusProgress::Phase::Listing);
    QCOMPARE(seen.back().phase, CorpusProgress::Phase::Scanning);
    for (std::size_t i = 1; i < seen.size(); ++i) {
        QVERIFY(seen[i].bytesDone >= seen[i - 1].bytesDone);
        QVERIFY(seen[i].bytesDone <= seen[i].bytesTotal);
    }
}

void CorpusScanTest::stopsWhenAsked()
{
    const SampleFolder folder;
    folder.write("a.txt", sampleLines(0, 100'000));
    folder.write("b.jsonl", std::string(20'000'000, ' '));
    std::stop_source stop;
    const Experiment experiment = sampleExperiment(folder, {lineDomain("d", {"a.txt"}), lineDomain("e", {"b.jsonl"})});
    const CorpusReport report = scanCorpus(experiment, stop.get_token(), [&stop](const CorpusProgress &progress) {
        if (progress.phase == CorpusProgress::Phase::Scanning)
            stop.request_stop();
    });
    QCOMPARE(report.domains.size(), std::size_t{2});
    QVERIFY(report.domains[0].documents < 100'000);
    QVERIFY(!hasErrors(report.issues)); // what was not read is not too small
    QVERIFY(previewDocuments(experiment, 0, 0, 10, stop.get_token()).empty());
}

} // namespace

QTEST_GUILESS_MAIN(CorpusScanTest)
#include "tst_corpus_scan.moc"
