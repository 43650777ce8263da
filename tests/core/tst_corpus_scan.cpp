// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/corpus/corpus_scan.h"
#include "core/corpus/document_stream.h"
#include "tests/core/corpus_samples.h"

#include <QTest>

#include <algorithm>
#include <map>
#include <set>

using namespace krater;
using namespace krater::test;

namespace {

std::string line(int number)
{
    return "document number " + std::to_string(number) + "\n";
}

std::string lines(int first, int last)
{
    std::string text;
    for (int i = first; i < last; ++i)
        text += line(i);
    return text;
}

DomainConfig lineDomain(const std::string &name, std::vector<std::string> sources, double heldOut = 0.2)
{
    DomainConfig domain = sampleDomain(name, std::move(sources), heldOut);
    domain.split = "\\n";
    return domain;
}

// Every kept document of a domain by its text, and whether it is held out.
std::map<std::string, bool> splitOf(const Experiment &experiment, std::size_t domain)
{
    std::map<std::string, bool> split;
    for (const PreviewDocument &document : previewDocuments(experiment, domain, 0, 1'000'000)) {
        if (document.kept)
            split[document.text] = document.heldOut;
    }
    return split;
}

Issues issuesWith(const Issues &issues, std::string_view part)
{
    Issues found;
    std::ranges::copy_if(issues, std::back_inserter(found),
                         [part](const Issue &issue) { return issue.message.find(part) != std::string::npos; });
    return found;
}

class CorpusScanTest : public QObject {
    Q_OBJECT

private slots:
    void countsDomains();
    void splitFollowsTheFraction();
    void splitStaysWhenFilesAreAdded();
    void splitDependsOnSeedAndTextOnly();
    void identicalTextIsNeverOnBothSides();
    void leaksAreReportedAndCountAgainstNoCap();
    void previewAgreesWithTheScan();
    void duplicatesAreCounted();
    void overlapIsReported();
    void filtersMakeDomainsOfOneFile();
    void capsEndADomain();
    void badFilesDoNotEndAScan();
    void manyBadFilesAreSummedUp();
    void invalidUtf8IsRepairedAndReported();
    void textInAnotherEncodingIsLeftOut();
    void oddFilesAreNamed();
    void fieldsNeedJson();
    void binaryFilesAreLeftOut();
    void jsonProblemsNameTheLine();
    void longJsonFilesAreReadInParts();
    void smallDomainsAreErrors();
    void brokenConfigurationIsReported();
    void tokensAreEstimatedForSentencePiece();
    void previewSkipsAndCuts();
    void previewShowsWhyNot();
    void progressGrowsToTheEnd();
    void stopsWhenAsked();
    void hugeLinesAndNulBytesAreText();
    void survivesRandomFiles();
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

void CorpusScanTest::splitFollowsTheFraction()
{
    const SampleFolder folder;
    folder.write("a.txt", lines(0, 10'000));
    for (const double fraction : {0.0, 0.05, 0.5}) {
        const CorpusReport report = scanCorpus(sampleExperiment(folder, {lineDomain("d", {"a.txt"}, fraction)}));
        const double expected = fraction * 10'000;
        const double deviation = std::sqrt(fraction * (1 - fraction) * 10'000); // of a binomial count
        QVERIFY(std::abs(static_cast<double>(report.domains[0].heldOutDocuments) - expected) <= 4 * deviation);
        QCOMPARE(report.domains[0].documents, std::uint64_t{10'000});
    }
}

void CorpusScanTest::splitStaysWhenFilesAreAdded()
{
    const SampleFolder folder;
    folder.write("texts/m.txt", lines(0, 500));
    const Experiment experiment = sampleExperiment(folder, {lineDomain("d", {"texts"})});
    const auto before = splitOf(experiment, 0);
    QCOMPARE(before.size(), std::size_t{500});
    folder.write("texts/a.txt", lines(500, 700)); // read first
    folder.write("texts/z.txt", lines(400, 800));
    const auto after = splitOf(experiment, 0);
    QCOMPARE(after.size(), std::size_t{800});
    for (const auto &[text, heldOut] : before)
        QCOMPARE(after.at(text), heldOut);
}

void CorpusScanTest::splitDependsOnSeedAndTextOnly()
{
    const SampleFolder folder;
    folder.write("a.txt", lines(0, 500));
    folder.write("b.txt", lines(0, 500));
    Experiment experiment = sampleExperiment(folder, {lineDomain("one", {"a.txt"}), lineDomain("two", {"b.txt"})});
    QCOMPARE(splitOf(experiment, 0), splitOf(experiment, 1));
    const auto before = splitOf(experiment, 0);
    experiment.info.splitSeed = 2;
    QVERIFY(splitOf(experiment, 0) != before);
    // What is held out at a fraction stays so at a larger one.
    experiment.info.splitSeed = 1;
    experiment.domains[0].heldOut = 0.4;
    for (const auto &[text, heldOut] : splitOf(experiment, 0))
        QVERIFY(heldOut || !before.at(text));
}

void CorpusScanTest::identicalTextIsNeverOnBothSides()
{
    const SampleFolder folder;
    folder.write("a.txt", lines(0, 1'000));
    folder.write("b.txt", lines(500, 1'500));
    // Other fractions: a text at 0.3 would be held out in the second domain and trained on in the first.
    const Experiment experiment =
        sampleExperiment(folder, {lineDomain("less", {"a.txt"}, 0.1), lineDomain("more", {"b.txt"}, 0.5)});
    ProgressMeter meter({});
    DocumentStream stream(experiment, {}, meter);
    stream.list();
    QVERIFY(stream.findLeaks());
    std::set<std::string> training;
    std::set<std::string> heldOut;
    std::uint64_t numLeaks = 0;
    for (std::size_t i = 0; i < 2; ++i) {
        stream.read(i, [&](const StreamedDocument &document) {
            numLeaks += document.leak ? 1 : 0;
            if (document.kept)
                (document.heldOut ? heldOut : training).insert(std::string(document.text));
            return true;
        });
    }
    QVERIFY(std::ranges::none_of(heldOut, [&training](const std::string &text) { return training.contains(text); }));
    QVERIFY(numLeaks > 100); // 0.4 of the 500 that both have

    const CorpusReport report = scanCorpus(experiment);
    QCOMPARE(report.domains[0].heldOutDuplicates, numLeaks);
    QCOMPARE(report.domains[0].documents, 1'000 - numLeaks);
    QCOMPARE(report.domains[0].rejected, numLeaks);
    QCOMPARE(report.domains[1].heldOutDuplicates, std::uint64_t{0});
    QCOMPARE(report.domains[1].documents, std::uint64_t{1'000});
}

void CorpusScanTest::leaksAreReportedAndCountAgainstNoCap()
{
    const SampleFolder folder;
    folder.write("a.txt", lines(0, 1'000));
    folder.write("b.txt", lines(0, 1'000));
    Experiment experiment =
        sampleExperiment(folder, {lineDomain("less", {"a.txt"}, 0.1), lineDomain("more", {"b.txt"}, 0.5)});
    experiment.domains[0].maxDocuments = 200;
    const CorpusReport report = scanCorpus(experiment);
    QCOMPARE(report.domains[0].documents, std::uint64_t{200});
    QVERIFY(report.domains[0].heldOutDuplicates > 50);
    const Issues notes = issuesWith(report.issues, "left out of training because another domain holds the same text out");
    QCOMPARE(notes.size(), std::size_t{1});
    QCOMPARE(notes[0].domain, std::string("less"));
    QCOMPARE(notes[0].severity, Issue::Severity::Note);
    QVERIFY(notes[0].message.starts_with(std::to_string(report.domains[0].heldOutDuplicates)));
}

void CorpusScanTest::previewAgreesWithTheScan()
{
    const SampleFolder folder;
    folder.write("a.txt", lines(0, 600));
    folder.write("b.txt", lines(300, 900));
    folder.write("c.txt", lines(0, 900));
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

void CorpusScanTest::duplicatesAreCounted()
{
    const SampleFolder folder;
    folder.write("a.txt", "one\ntwo\none\none\n");
    folder.write("b.txt", "two\nthree\ntwo\n");
    const CorpusReport report =
        scanCorpus(sampleExperiment(folder, {lineDomain("a", {"a.txt"}, 0), lineDomain("b", {"b.txt"}, 0)}));
    QCOMPARE(report.domains[0].duplicates, std::uint64_t{2});
    QCOMPARE(report.domains[1].duplicates, std::uint64_t{1});
    QCOMPARE(report.shared, std::vector<std::vector<std::uint64_t>>({{0, 1}, {2, 0}}));
    const Issues found = issuesWith(report.issues, "\"b\" has too");
    QCOMPARE(found.size(), std::size_t{1});
    QCOMPARE(found[0].severity, Issue::Severity::Note);
    QCOMPARE(found[0].domain, std::string("a"));
}

void CorpusScanTest::overlapIsReported()
{
    const SampleFolder folder;
    folder.write("a.txt", lines(0, 10));
    folder.write("b.txt", lines(10, 20));
    const CorpusReport report =
        scanCorpus(sampleExperiment(folder, {lineDomain("all", {"*.txt"}, 0), lineDomain("some", {"b.txt"}, 0)}));
    const Issues found = issuesWith(report.issues, "overlaps \"some\": 10 documents");
    QCOMPARE(found.size(), std::size_t{1});
    QCOMPARE(found[0].severity, Issue::Severity::Warning);
    QVERIFY(!found[0].advice.empty());
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

void CorpusScanTest::badFilesDoNotEndAScan()
{
    const SampleFolder folder;
    folder.write("a.txt", "first");
    folder.write("b.txt.gz", gzipped("damaged text").substr(0, 15));
    folder.write("c.txt", "");
    folder.write("d.html", [] {
        std::string page;
        for (int i = 0; i < 20'000; ++i)
            page += "<div>";
        return page;
    }());
    folder.write("z.txt", "last");
    const CorpusReport report = scanCorpus(sampleExperiment(folder, {sampleDomain("d", {"*"}, 0)}));
    QCOMPARE(report.domains[0].documents, std::uint64_t{2});
    QCOMPARE(report.domains[0].bytes, std::uint64_t{9});
    QCOMPARE(report.domains[0].files, std::uint64_t{3}); // the empty one was read
    QCOMPARE(report.domains[0].rejected, std::uint64_t{2});
    for (const auto &[part, name, severity] : {std::tuple("damaged", "b.txt.gz", Issue::Severity::Warning),
                                               std::tuple("is empty", "c.txt", Issue::Severity::Note),
                                               std::tuple("too deeply", "d.html", Issue::Severity::Warning)}) {
        const Issues found = issuesWith(report.issues, part);
        QCOMPARE(found.size(), std::size_t{1});
        QCOMPARE(found[0].file, folder.path(name).string());
        QCOMPARE(found[0].domain, std::string("d"));
        QCOMPARE(found[0].severity, severity);
    }
}

void CorpusScanTest::manyBadFilesAreSummedUp()
{
    const SampleFolder folder;
    for (int i = 0; i < 35; ++i)
        folder.write("empty" + std::to_string(i), "");
    folder.write("text", "text");
    const CorpusReport report = scanCorpus(sampleExperiment(folder, {sampleDomain("d", {"*"}, 0)}));
    QCOMPARE(issuesWith(report.issues, "The file is empty").size(), std::size_t{10});
    QCOMPARE(issuesWith(report.issues, "25 more files are empty").size(), std::size_t{1});
}

void CorpusScanTest::invalidUtf8IsRepairedAndReported()
{
    const SampleFolder folder;
    folder.write("latin1.txt", "caf\xe9 na\xefve");
    folder.write("lines.jsonl", "{\"text\": \"caf\xe9\"}\n{\"text\": \"fine\"}\n");
    folder.write("page.html", "<p>caf\xe9");
    const Experiment experiment = sampleExperiment(folder, {sampleDomain("d", {"*"}, 0)});
    const CorpusReport report = scanCorpus(experiment);
    QCOMPARE(issuesWith(report.issues, "2 invalid UTF-8").size(), std::size_t{1});
    QCOMPARE(issuesWith(report.issues, "2 invalid UTF-8")[0].file, folder.path("latin1.txt").string());
    QCOMPARE(issuesWith(report.issues, "1 invalid UTF-8").size(), std::size_t{2});
    const auto documents = previewDocuments(experiment, 0, 0, 10);
    QCOMPARE(documents.at(0).text, std::string("caf\xef\xbf\xbd na\xef\xbf\xbdve"));
    QCOMPARE(documents.at(1).text, std::string("caf\xef\xbf\xbd"));
    QCOMPARE(documents.at(3).text, std::string("caf\xef\xbf\xbd"));
}

void CorpusScanTest::textInAnotherEncodingIsLeftOut()
{
    const SampleFolder folder;
    folder.write("a.txt", "text");
    folder.write("b.txt.gz", gzipped(std::string(20'000'000, '\xff'))); // 60 MB if it were repaired
    const CorpusReport report = scanCorpus(sampleExperiment(folder, {sampleDomain("d", {"*"}, 0)}));
    QCOMPARE(report.domains[0].documents, std::uint64_t{1});
    QCOMPARE(report.domains[0].rejected, std::uint64_t{1});
    const Issues found = issuesWith(report.issues, "not UTF-8");
    QCOMPARE(found.size(), std::size_t{1});
    QCOMPARE(found[0].file, folder.path("b.txt.gz").string());
    QVERIFY(found[0].advice.find("iconv") != std::string::npos);
}

void CorpusScanTest::oddFilesAreNamed()
{
    const SampleFolder folder;
    folder.write("blank.jsonl", "\n \n\n");
    folder.write("blank.txt", " \n\t\n");
    folder.write("nothing.jsonl.gz", gzipped(""));
    folder.write("rubbish.txt.gz", gzipped("kept") + "rubbish");
    folder.write("rubbish.jsonl.gz", gzipped("{\"text\": \"kept\"}\n") + "rubbish");
    Experiment experiment = sampleExperiment(folder, {sampleDomain("d", {"*"}, 0)});
    CorpusReport report = scanCorpus(experiment);
    QCOMPARE(report.domains[0].documents, std::uint64_t{2});
    const Issues empty = issuesWith(report.issues, "has no text in it");
    QCOMPARE(empty.size(), std::size_t{3});
    for (const Issue &issue : empty)
        QVERIFY(!issue.file.empty() && issue.severity == Issue::Severity::Note);
    QCOMPARE(issuesWith(report.issues, "follows the gzip data").size(), std::size_t{2});
    experiment.domains[0].sources = {"blank.jsonl"};
    report = scanCorpus(experiment);
    QCOMPARE(issuesWith(report.issues, "The domain has no text: its files are empty").size(), std::size_t{1});
}

void CorpusScanTest::fieldsNeedJson()
{
    const SampleFolder folder;
    folder.write("a.txt", "text");
    DomainConfig domain = sampleDomain("d", {"*"}, 0);
    domain.where.field = "language == 'en'";
    const Experiment experiment = sampleExperiment(folder, {domain});
    QVERIFY(previewDocuments(experiment, 0, 0, 1).at(0).reason.find("no fields") != std::string::npos);
    QCOMPARE(issuesWith(scanCorpus(experiment).issues, "none of 1 documents is kept; the first: not JSON").size(),
             std::size_t{1});
}

void CorpusScanTest::binaryFilesAreLeftOut()
{
    const SampleFolder folder;
    folder.write("a.txt", "text");
    folder.write("b.bin",
                 std::string("\x7f"
                             "ELF\0\0",
                             6));
    folder.write("c.txt", std::string("\xff\xfeh\0i\0", 6));
    Experiment experiment = sampleExperiment(folder, {sampleDomain("d", {"*"}, 0)});
    CorpusReport report = scanCorpus(experiment);
    QCOMPARE(report.domains[0].documents, std::uint64_t{1});
    QCOMPARE(report.domains[0].rejected, std::uint64_t{2});
    QCOMPARE(issuesWith(report.issues, "binary").size(), std::size_t{1});
    QCOMPARE(issuesWith(report.issues, "UTF-16").size(), std::size_t{1});
    experiment.domains[0].format = "text"; // who says that it is text is believed
    report = scanCorpus(experiment);
    QCOMPARE(report.domains[0].documents, std::uint64_t{3});
}

void CorpusScanTest::jsonProblemsNameTheLine()
{
    const SampleFolder folder;
    folder.write("a.jsonl", "{\"text\": \"fine\"}\n\n{\"text\": 1}\n{\"body\": \"x\"}\n");
    folder.write("b.json", "[{\"text\": \"an array\"}]");
    const CorpusReport report = scanCorpus(sampleExperiment(folder, {sampleDomain("d", {"*"}, 0)}));
    QCOMPARE(report.domains[0].documents, std::uint64_t{1});
    QCOMPARE(report.domains[0].rejected, std::uint64_t{3});
    const Issues found = issuesWith(report.issues, "2 lines have no text");
    QCOMPARE(found.size(), std::size_t{1});
    QCOMPARE(found[0].line, 3);
    const Issues array = issuesWith(report.issues, "a JSON array");
    QCOMPARE(array.size(), std::size_t{1});
    QVERIFY(array[0].advice.find("jq -c '.[]'") != std::string::npos);

    const SampleFolder laidOut;
    laidOut.write("array.json", "[\n  {\n    \"text\": \"a\"\n  }\n]\n");
    laidOut.write("object.json", "{\n  \"text\": \"a\"\n}\n");
    laidOut.write("later.json", "{\"text\": \"a\"}\n[\n");
    const Issues issues = scanCorpus(sampleExperiment(laidOut, {sampleDomain("d", {"*"}, 0)})).issues;
    const auto adviceOf = [&](const std::string &name) {
        return std::ranges::find(issues, laidOut.path(name).string(), &Issue::file)->advice;
    };
    QVERIFY(adviceOf("array.json").find("jq -c '.[]'") != std::string::npos);
    QVERIFY(adviceOf("object.json").find("jq -c .") != std::string::npos);
    QVERIFY(adviceOf("later.json").find("jq") == std::string::npos);
}

void CorpusScanTest::longJsonFilesAreReadInParts()
{
    const SampleFolder folder;
    std::string text;
    std::uint64_t bytes = 0;
    int count = 0;
    for (; text.size() < 5'000'000; ++count) {
        const std::string content =
            std::string(static_cast<std::size_t>(count % 700) * (count % 97 == 0 ? 40 : 1) + 1, 'x')
            + std::to_string(count);
        bytes += content.size();
        text += "{\"text\": \"" + content + "\"}\n";
    }
    text += "{\"text\": \"" + std::string(3'000'000, 'y') + "\"}\n{\"text\": 1}"; // longer than a part; no line end
    folder.write("a.jsonl.zst", zstdCompressed(text));
    const Experiment experiment = sampleExperiment(folder, {sampleDomain("d", {"*"}, 0)});
    const CorpusReport report = scanCorpus(experiment);
    QCOMPARE(report.domains[0].documents, static_cast<std::uint64_t>(count) + 1);
    QCOMPARE(report.domains[0].bytes, bytes + 3'000'000);
    QCOMPARE(issuesWith(report.issues, "no text").at(0).line, count + 2);
    const auto documents = previewDocuments(experiment, 0, static_cast<std::uint64_t>(count), 5);
    QCOMPARE(documents.size(), std::size_t{2});
    QCOMPARE(documents[0].index, static_cast<std::uint64_t>(count));
    QCOMPARE(documents[0].length, std::uint64_t{3'000'000});
    QCOMPARE(documents[0].text.size(), std::size_t{64 << 10});
}

void CorpusScanTest::smallDomainsAreErrors()
{
    const SampleFolder folder;
    folder.write("a.txt", lines(0, 100));
    folder.write("b.txt", lines(100, 200));
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
    folder.write("a.txt", lines(0, 100));
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
    folder.write("a.txt", lines(0, 1'000));
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
    folder.write("a.txt", lines(0, 10));
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
    folder.write("a.txt", lines(0, 20'000));
    folder.write("b.txt.gz", gzipped(lines(0, 20'000)));
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
    folder.write("a.txt", lines(0, 100'000));
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

void CorpusScanTest::hugeLinesAndNulBytesAreText()
{
    const SampleFolder folder;
    folder.write("long.txt", std::string(10'000'000, 'x'));
    folder.write("nul.txt",
                 std::string(10'000, 'a') + std::string(10, '\0') + "b"); // beyond where binary data is looked for
    folder.write("nul.jsonl", "{\"text\": \"a\\u0000b\"}\n" + std::string(5, '\0') + "\n");
    const CorpusReport report = scanCorpus(sampleExperiment(folder, {sampleDomain("d", {"*"}, 0)}));
    QCOMPARE(report.domains[0].documents, std::uint64_t{3});
    QCOMPARE(report.domains[0].bytes, std::uint64_t{10'000'000 + 10'011 + 3});
    QCOMPARE(report.domains[0].lengthHistogram.at(23), std::uint64_t{1});
}

void CorpusScanTest::survivesRandomFiles()
{
    const SampleFolder folder;
    Rng rng(11);
    const std::vector<std::string> extensions = {"txt", "jsonl", "html", "gz", "zst"};
    for (int i = 0; i < 300; ++i) {
        std::string bytes = randomBytes(rng, 2'000);
        if (i % 3 == 0)
            bytes = i % 2 == 0 ? gzipped(bytes) : zstdCompressed(bytes);
        if (i % 7 == 0)
            bytes.resize(bytes.size() / 2);
        folder.write(std::to_string(i) + "." + extensions[rng.below(extensions.size())], bytes);
    }
    const Experiment experiment = sampleExperiment(folder, {lineDomain("d", {"*"})});
    const CorpusReport report = scanCorpus(experiment);
    QVERIFY(report.domains[0].files <= 300);
    QVERIFY(report.domains[0].rejected > 0);
    const CorpusReport again = scanCorpus(experiment);
    QCOMPARE(again.domains[0].documents, report.domains[0].documents);
    QCOMPARE(again.issues, report.issues);
}

} // namespace

QTEST_GUILESS_MAIN(CorpusScanTest)
#include "tst_corpus_scan.moc"
