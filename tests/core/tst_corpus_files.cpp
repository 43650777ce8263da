// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/corpus/corpus_scan.h"
#include "core/corpus/document_stream.h"
#include "tests/core/corpus_samples.h"

#include <QTest>

#include <algorithm>

using namespace krater;
using namespace krater::test;

namespace {

// Files that are not as one would wish.
class CorpusFilesTest : public QObject {
    Q_OBJECT

private slots:
    void badFilesDoNotEndAScan();
    void manyBadFilesAreSummedUp();
    void invalidUtf8IsRepairedAndReported();
    void textInAnotherEncodingIsLeftOut();
    void oddFilesAreNamed();
    void fieldsNeedJson();
    void binaryFilesAreLeftOut();
    void jsonProblemsNameTheLine();
    void longJsonFilesAreReadInParts();
    void hugeLinesAndNulBytesAreText();
    void survivesRandomFiles();
};

void CorpusFilesTest::badFilesDoNotEndAScan()
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

void CorpusFilesTest::manyBadFilesAreSummedUp()
{
    const SampleFolder folder;
    for (int i = 0; i < 35; ++i)
        folder.write("empty" + std::to_string(i), "");
    folder.write("text", "text");
    const CorpusReport report = scanCorpus(sampleExperiment(folder, {sampleDomain("d", {"*"}, 0)}));
    QCOMPARE(issuesWith(report.issues, "The file is empty").size(), std::size_t{10});
    QCOMPARE(issuesWith(report.issues, "25 more files are empty").size(), std::size_t{1});
}

void CorpusFilesTest::invalidUtf8IsRepairedAndReported()
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

void CorpusFilesTest::textInAnotherEncodingIsLeftOut()
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

void CorpusFilesTest::oddFilesAreNamed()
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

void CorpusFilesTest::fieldsNeedJson()
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

void CorpusFilesTest::binaryFilesAreLeftOut()
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

void CorpusFilesTest::jsonProblemsNameTheLine()
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

void CorpusFilesTest::longJsonFilesAreReadInParts()
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

void CorpusFilesTest::hugeLinesAndNulBytesAreText()
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

void CorpusFilesTest::survivesRandomFiles()
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

QTEST_GUILESS_MAIN(CorpusFilesTest)
#include "tst_corpus_files.moc"
