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

// What is held out, and what is in more than one place.
class CorpusSplitTest : public QObject {
    Q_OBJECT

private slots:
    void splitFollowsTheFraction();
    void splitStaysWhenFilesAreAdded();
    void splitDependsOnSeedAndTextOnly();
    void identicalTextIsNeverOnBothSides();
    void leaksAreReportedAndCountAgainstNoCap();
    void duplicatesAreCounted();
    void overlapIsReported();
};

void CorpusSplitTest::splitFollowsTheFraction()
{
    const SampleFolder folder;
    folder.write("a.txt", sampleLines(0, 10'000));
    for (const double fraction : {0.0, 0.05, 0.5}) {
        const CorpusReport report = scanCorpus(sampleExperiment(folder, {lineDomain("d", {"a.txt"}, fraction)}));
        const double expected = fraction * 10'000;
        const double deviation = std::sqrt(fraction * (1 - fraction) * 10'000); // of a binomial count
        QVERIFY(std::abs(static_cast<double>(report.domains[0].heldOutDocuments) - expected) <= 4 * deviation);
        QCOMPARE(report.domains[0].documents, std::uint64_t{10'000});
    }
}

void CorpusSplitTest::splitStaysWhenFilesAreAdded()
{
    const SampleFolder folder;
    folder.write("texts/m.txt", sampleLines(0, 500));
    const Experiment experiment = sampleExperiment(folder, {lineDomain("d", {"texts"})});
    const auto before = splitOf(experiment, 0);
    QCOMPARE(before.size(), std::size_t{500});
    folder.write("texts/a.txt", sampleLines(500, 700)); // read first
    folder.write("texts/z.txt", sampleLines(400, 800));
    const auto after = splitOf(experiment, 0);
    QCOMPARE(after.size(), std::size_t{800});
    for (const auto &[text, heldOut] : before)
        QCOMPARE(after.at(text), heldOut);
}

void CorpusSplitTest::splitDependsOnSeedAndTextOnly()
{
    const SampleFolder folder;
    folder.write("a.txt", sampleLines(0, 500));
    folder.write("b.txt", sampleLines(0, 500));
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

void CorpusSplitTest::identicalTextIsNeverOnBothSides()
{
    const SampleFolder folder;
    folder.write("a.txt", sampleLines(0, 1'000));
    folder.write("b.txt", sampleLines(500, 1'500));
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

void CorpusSplitTest::leaksAreReportedAndCountAgainstNoCap()
{
    const SampleFolder folder;
    folder.write("a.txt", sampleLines(0, 1'000));
    folder.write("b.txt", sampleLines(0, 1'000));
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

void CorpusSplitTest::duplicatesAreCounted()
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

void CorpusSplitTest::overlapIsReported()
{
    const SampleFolder folder;
    folder.write("a.txt", sampleLines(0, 10));
    folder.write("b.txt", sampleLines(10, 20));
    const CorpusReport report =
        scanCorpus(sampleExperiment(folder, {lineDomain("all", {"*.txt"}, 0), lineDomain("some", {"b.txt"}, 0)}));
    const Issues found = issuesWith(report.issues, "overlaps \"some\": 10 documents");
    QCOMPARE(found.size(), std::size_t{1});
    QCOMPARE(found[0].severity, Issue::Severity::Warning);
    QVERIFY(!found[0].advice.empty());
}

} // namespace

QTEST_GUILESS_MAIN(CorpusSplitTest)
#include "tst_corpus_split.moc"
