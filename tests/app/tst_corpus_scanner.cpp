// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/corpus_scanner.h"
#include "core/config/experiment_toml.h"
#include "tests/support/tiny_corpus.h"

#include <QFile>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

using namespace krater;

class TestCorpusScanner : public QObject {
    Q_OBJECT

private slots:
    void init();

    void reportsWhatIsThere();
    void knowsWhetherTheReportIsCurrent();
    void aNewScanReplacesTheOldOne();
    void cancellingIsToldAtOnce();
    void previewsDocuments();
    void theLastPreviewWins();
    void closingWhileScanningWaits();

private:
    // Enough text that a scan takes a while.
    Experiment largeExperiment() const;

    std::unique_ptr<QTemporaryDir> m_folder;
    Experiment m_experiment;
};

void TestCorpusScanner::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    m_experiment = *loadExperiment(test::writeTinyExperiment(m_folder->path().toStdString())).experiment;
}

Experiment TestCorpusScanner::largeExperiment() const
{
    QFile file(m_folder->filePath(QStringLiteral("large.txt")));
    if (!file.exists() && file.open(QIODevice::WriteOnly))
        for (int document = 0; document < 200'000; ++document)
            file.write(QByteArray::number(document)
                       + " is the number of this document, which has nothing else to say.\n%\n");
    Experiment experiment = m_experiment;
    experiment.domains[0].sources = {"large.txt"};
    return experiment;
}

void TestCorpusScanner::reportsWhatIsThere()
{
    CorpusScanner scanner;
    QSignalSpy finished(&scanner, &CorpusScanner::finished), progress(&scanner, &CorpusScanner::progressChanged);
    QVERIFY(!scanner.report());
    scanner.scan(m_experiment);
    QVERIFY(scanner.isScanning());
    QTRY_COMPARE(finished.count(), 1);
    QVERIFY(!scanner.isScanning());
    QVERIFY(progress.count() >= 1);
    QCOMPARE(scanner.report()->domains.size(), std::size_t(3));
    QCOMPARE(scanner.report()->domains[0].name, std::string("sums"));
    QVERIFY(scanner.report()->domains[0].documents > 10);
    QVERIFY(scanner.report()->domains[0].tokens > 1000);
}

void TestCorpusScanner::knowsWhetherTheReportIsCurrent()
{
    CorpusScanner scanner;
    QVERIFY(!scanner.isCurrent(m_experiment));
    scanner.scan(m_experiment);
    QTRY_VERIFY(scanner.isCurrent(m_experiment));
    Experiment other = m_experiment;
    other.domains[0].colour = "#123456";
    other.training.tokenBudget *= 2;
    other.mixture.policy = "uniform";
    QVERIFY(scanner.isCurrent(other));
    other.domains[0].heldOut = 0.3;
    QVERIFY(!scanner.isCurrent(other));
    other = m_experiment;
    other.info.seed += 1;
    QVERIFY(scanner.isCurrent(other));
    other.info.splitSeed += 1;
    QVERIFY(!scanner.isCurrent(other));
}

void TestCorpusScanner::aNewScanReplacesTheOldOne()
{
    CorpusScanner scanner;
    QSignalSpy finished(&scanner, &CorpusScanner::finished);
    scanner.scan(largeExperiment());
    scanner.scan(largeExperiment());
    scanner.scan(m_experiment);
    QTRY_COMPARE(finished.count(), 1);
    QVERIFY(scanner.isCurrent(m_experiment));
    QTest::qWait(50);
    QCOMPARE(finished.count(), 1);
}

void TestCorpusScanner::cancellingIsToldAtOnce()
{
    CorpusScanner scanner;
    QSignalSpy finished(&scanner, &CorpusScanner::finished), cancelled(&scanner, &CorpusScanner::cancelled);
    scanner.cancel();
    QCOMPARE(cancelled.count(), 0);
    scanner.scan(largeExperiment());
    scanner.cancel();
    QCOMPARE(cancelled.count(), 1);
    QVERIFY(!scanner.isScanning());
    QTest::qWait(100);
    QCOMPARE(finished.count(), 0);
    scanner.scan(m_experiment);
    QTRY_COMPARE(finished.count(), 1);
}

void TestCorpusScanner::previewsDocuments()
{
    CorpusScanner scanner;
    std::vector<PreviewDocument> documents;
    connect(&scanner, &CorpusScanner::previewReady, this,
            [&](std::size_t domain, std::uint64_t skip, const std::vector<PreviewDocument> &found) {
                QCOMPARE(domain, std::size_t(2));
                QCOMPARE(skip, std::uint64_t(1));
                documents = found;
            });
    scanner.preview(m_experiment, 2, 1, 3);
    QTRY_COMPARE(documents.size(), std::size_t(3));
    QVERIFY(!documents[0].text.empty());
}

void TestCorpusScanner::theLastPreviewWins()
{
    CorpusScanner scanner;
    QSignalSpy ready(&scanner, &CorpusScanner::previewReady);
    for (std::size_t domain = 0; domain < 3; ++domain)
        scanner.preview(m_experiment, domain, 0, 1);
    QTRY_COMPARE(ready.count(), 1);
    QTest::qWait(50);
    QCOMPARE(ready.count(), 1);
    QCOMPARE(ready.front()[0].value<std::size_t>(), std::size_t(2));
}

void TestCorpusScanner::closingWhileScanningWaits()
{
    CorpusScanner scanner;
    scanner.scan(largeExperiment());
    scanner.preview(largeExperiment(), 0, 100'000, 1);
}

QTEST_GUILESS_MAIN(TestCorpusScanner)
#include "tst_corpus_scanner.moc"
