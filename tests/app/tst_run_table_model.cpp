// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/run_library.h"
#include "app/run_table_model.h"
#include "core/store/run_writer.h"
#include "tests/core/store_samples.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

using namespace krater;

using Kind = RunTableModel::Kind;

namespace {

// loss.held_out of the samples at the last evaluation.
double heldOut(std::uint64_t step, int domain)
{
    return samples::loss(step, domain) + 1;
}

} // namespace

class TestRunTableModel : public QObject {
    Q_OBJECT

private slots:
    void init();
    void cleanup();

    void hasARowForEachRunAndAColumnForEachDomain();
    void scoresOnAFixedMixture_data();
    void scoresOnAFixedMixture();
    void agreesWithTheComparisonOfCore();
    void differsFromThePinnedBaseline();
    void theBaselineMayGoAndComeBack();
    void aRunThatFailedEarlyDoesNotTakeTheScoresAway();
    void followsRowByRow();
    void newDomainsComeBehindTheKnownOnes();
    void sortsNumbersAndNames();
    void renamingIsAskedFor();
    void manyRunsAreTakenInTogether();

private:
    QVariant value(int row, Kind kind, const QString &domain = {}) const
    {
        return m_model->data(m_model->index(row, m_model->columnOf({kind, domain})));
    }
    RunId addRun(const std::string &name, std::uint64_t steps, std::vector<std::string> domains = {})
    {
        RunRecord record = samples::record(name);
        if (!domains.empty())
            record.domains = std::move(domains);
        const RunId run = m_writer->createRun(record);
        samples::train(m_writer->observerFor(run), 1, steps);
        m_writer->observerFor(run).onRunEvent(StateEvent{RunState::Done, steps, {}});
        m_writer->flush();
        return run;
    }
    void waitForRuns(std::size_t count) { QTRY_COMPARE(m_library->runs().size(), count); }

    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<RunWriter> m_writer;
    std::unique_ptr<RunLibrary> m_library;
    std::unique_ptr<RunTableModel> m_model;
    std::unique_ptr<QAbstractItemModelTester> m_tester;
};

void TestRunTableModel::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    const QString file = m_folder->filePath(QStringLiteral("runs.krater"));
    m_writer = std::make_unique<RunWriter>(file.toStdString());
    m_library = std::make_unique<RunLibrary>();
    QVERIFY(m_library->open(file));
    m_model = std::make_unique<RunTableModel>(m_library.get());
    m_tester = std::make_unique<QAbstractItemModelTester>(m_model.get(),
                                                          QAbstractItemModelTester::FailureReportingMode::QtTest);
}

void TestRunTableModel::cleanup()
{
    m_tester.reset();
    m_model.reset();
    m_library.reset();
    m_writer.reset();
    m_folder.reset();
}

void TestRunTableModel::hasARowForEachRunAndAColumnForEachDomain()
{
    QCOMPARE(m_model->rowCount(), 0);
    addRun("first", 100);
    addRun("second", 200);
    waitForRuns(2);
    QCOMPARE(m_model->rowCount(), 2);
    QCOMPARE(m_model->domains(),
             QStringList({QStringLiteral("quotes"), QStringLiteral("code"), QStringLiteral("manual")}));
    QTRY_COMPARE(value(0, Kind::Name).toString(), QStringLiteral("second"));
    QTRY_COMPARE(value(0, Kind::State).toString(), QStringLiteral("Done"));
    QCOMPARE(value(0, Kind::Policy).toString(), QStringLiteral("gibbs"));
    QCOMPARE(value(0, Kind::Tokens).toDouble(), 200.0 * 128);
    QCOMPARE(value(0, Kind::Seed).toDouble(), 7.0);
    QCOMPARE(value(0, Kind::Loss, QStringLiteral("code")).toDouble(), heldOut(200, 1));
    QCOMPARE(value(1, Kind::Loss, QStringLiteral("manual")).toDouble(), heldOut(100, 2));
    QVERIFY(!value(0, Kind::Difference).isValid()); // nothing is pinned
    QCOMPARE(m_model->headerData(m_model->columnOf({Kind::Loss, QStringLiteral("code")}), Qt::Horizontal).toString(),
             QStringLiteral("code"));
    QCOMPARE((RunTableModel::Column{Kind::Loss, QStringLiteral("code")}.key()), QStringLiteral("loss.code"));
    QCOMPARE(m_model->row(0).meanShares[1], 0.3);
    QCOMPARE(m_model->rowOf(99), -1);
}

void TestRunTableModel::scoresOnAFixedMixture_data()
{
    QTest::addColumn<QString>("mixture");
    QTest::addColumn<double>("score");
    const double a = heldOut(100, 0), b = heldOut(100, 1), c = heldOut(100, 2);
    QTest::newRow("uniform") << QStringLiteral("uniform") << (a + b + c) / 3;
    QTest::newRow("natural") << QStringLiteral("natural") << (1000 * a + 20000 * b + 5000 * c) / 26000;
    QTest::newRow("typed") << QStringLiteral("code=3,quotes=1") << (3 * b + a) / 4;
    QTest::newRow("a domain that the run lacks") << QStringLiteral("code=1,poems=1") << samples::kNaN;
}

void TestRunTableModel::scoresOnAFixedMixture()
{
    addRun("first", 100);
    waitForRuns(1);
    QFETCH(QString, mixture);
    QFETCH(double, score);
    Issues issues;
    QSignalSpy changed(m_model.get(), &RunTableModel::scoringChanged);
    m_model->setScoreMixture(*parseScoreMixture(mixture.toStdString(), issues));
    QCOMPARE(changed.count(), 1);
    QTRY_VERIFY(m_model->row(0).record.state == RunState::Done);
    if (std::isnan(score))
        QVERIFY(!value(0, Kind::Score).isValid());
    else
        QVERIFY(qAbs(value(0, Kind::Score).toDouble() - score) < 1e-12);
}

void TestRunTableModel::agreesWithTheComparisonOfCore()
{
    const RunId baseline = addRun("baseline", 100);
    addRun("other", 300);
    waitForRuns(2);
    QTRY_VERIFY(m_model->row(0).record.state == RunState::Done);
    m_model->setScoreMixture({ScoreMixture::Kind::Natural, {}});
    m_model->setBaseline(baseline);
    const RunRow &other = m_model->row(0), &pinned = m_model->row(1);
    const Comparison comparison =
        compareRuns({{pinned.record, *pinned.summaries}, {other.record, *other.summaries}}, 0, m_model->scoreMixture());
    QVERIFY(qAbs(other.score - comparison.scores[1].score) < 1e-12);
    QVERIFY(qAbs(other.scoreDifference - comparison.scores[1].scoreDifference) < 1e-12);
    QVERIFY(qAbs(other.mixtureDistance - comparison.scores[1].mixtureDistance) < 1e-12);
    QVERIFY(other.mixtureDistance > 0);
}

void TestRunTableModel::differsFromThePinnedBaseline()
{
    const RunId first = addRun("first", 100);
    addRun("second", 200);
    waitForRuns(2);
    QTRY_VERIFY(m_model->row(0).record.state == RunState::Done);
    m_model->setBaseline(first);
    QCOMPARE(m_model->baseline(), std::optional<RunId>(first));
    QVERIFY(qAbs(value(0, Kind::Difference).toDouble() - (heldOut(200, 0) - heldOut(100, 0))) < 1e-9);
    QVERIFY(!value(1, Kind::Difference).isValid()); // of itself
    m_model->setBaseline({});
    QVERIFY(!value(0, Kind::Difference).isValid());
}

void TestRunTableModel::theBaselineMayGoAndComeBack()
{
    const RunId first = addRun("first", 100);
    addRun("second", 200);
    waitForRuns(2);
    QTRY_VERIFY(m_model->row(0).record.state == RunState::Done);
    m_model->setBaseline(first);
    m_library->setDeleted({first}, true);
    QVERIFY(!m_model->baseline());
    QVERIFY(!value(0, Kind::Difference).isValid());
    m_library->setDeleted({first}, false);
    QCOMPARE(m_model->baseline(), std::optional<RunId>(first));
    QVERIFY(value(0, Kind::Difference).isValid());
}

void TestRunTableModel::aRunThatFailedEarlyDoesNotTakeTheScoresAway()
{
    addRun("good", 100);
    waitForRuns(1);
    m_model->setScoreMixture({ScoreMixture::Kind::Natural, {}});
    RunRecord failed = samples::record("failed");
    failed.domainTokens = {0, 0, 0};
    m_writer->createRun(failed);
    waitForRuns(2);
    QCOMPARE(value(0, Kind::Name).toString(), QStringLiteral("failed"));
    QTRY_VERIFY(value(1, Kind::Score).isValid());
}

void TestRunTableModel::followsRowByRow()
{
    const RunId first = addRun("first", 10), second = addRun("second", 10);
    addRun("third", 10);
    waitForRuns(3);
    QSignalSpy reset(m_model.get(), &QAbstractItemModel::modelReset),
        removed(m_model.get(), &QAbstractItemModel::rowsRemoved),
        inserted(m_model.get(), &QAbstractItemModel::rowsInserted),
        changed(m_model.get(), &QAbstractItemModel::dataChanged);
    const QPersistentModelIndex held = m_model->index(2, 0); // "first"
    m_library->setDeleted({second}, true);
    QCOMPARE(removed.count(), 1);
    QCOMPARE(held.row(), 1);
    addRun("fourth", 10);
    waitForRuns(3);
    QCOMPARE(inserted.count(), 1);
    QCOMPARE(held.row(), 2);
    m_library->setDeleted({second}, false);
    QCOMPARE(held.row(), 3);
    QCOMPARE(m_model->data(held).toString(), QStringLiteral("first"));
    changed.clear();
    m_library->rename(first, QStringLiteral("renamed"));
    QVERIFY(changed.count() >= 1);
    QCOMPARE(m_model->data(held).toString(), QStringLiteral("renamed"));
    QCOMPARE(reset.count(), 0);
}

void TestRunTableModel::newDomainsComeBehindTheKnownOnes()
{
    addRun("first", 10);
    waitForRuns(1);
    addRun("second", 10, {"verses", "code", "sums"});
    waitForRuns(2);
    QCOMPARE(m_model->domains(),
             QStringList({QStringLiteral("quotes"), QStringLiteral("code"), QStringLiteral("manual"),
                          QStringLiteral("verses"), QStringLiteral("sums")}));
    QTRY_VERIFY(value(0, Kind::Loss, QStringLiteral("sums")).isValid());
    QVERIFY(!value(0, Kind::Loss, QStringLiteral("quotes")).isValid());
    QVERIFY(m_model->isMissing(0, m_model->columnOf({Kind::Loss, QStringLiteral("quotes")})));
    QVERIFY(!m_model->isMissing(1, m_model->columnOf({Kind::Loss, QStringLiteral("quotes")})));
}

void TestRunTableModel::sortsNumbersAndNames()
{
    addRun("run 10", 10);
    addRun("Run 9", 200);
    waitForRuns(2);
    QTRY_VERIFY(m_model->row(0).record.state == RunState::Done);
    const int name = m_model->columnOf({Kind::Name, {}}), tokens = m_model->columnOf({Kind::Tokens, {}});
    QVERIFY(m_model->isLess(0, 1, name)); // 9 before 10
    QVERIFY(!m_model->isLess(1, 0, name));
    QVERIFY(m_model->isLess(1, 0, tokens));
}

void TestRunTableModel::renamingIsAskedFor()
{
    const RunId run = addRun("first", 10);
    waitForRuns(1);
    const QModelIndex name = m_model->index(0, m_model->columnOf({Kind::Name, {}}));
    QVERIFY(m_model->flags(name).testFlag(Qt::ItemIsEditable));
    QVERIFY(!m_model->flags(name.siblingAtColumn(1)).testFlag(Qt::ItemIsEditable));
    QSignalSpy asked(m_model.get(), &RunTableModel::renameRequested);
    QVERIFY(m_model->setData(name, QStringLiteral(" second ")));
    QVERIFY(m_model->setData(name, QStringLiteral("first"))); // as it was
    QVERIFY(!m_model->setData(name, QStringLiteral("  ")));
    QCOMPARE(asked.count(), 1);
    QCOMPARE(asked.front()[0].toLongLong(), run);
    QCOMPARE(asked.front()[1].toString(), QStringLiteral("second"));
}

void TestRunTableModel::manyRunsAreTakenInTogether()
{
    constexpr int kRuns = 800;
    for (int run = 0; run < kRuns; ++run)
        m_writer->observerFor(m_writer->createRun(samples::record("run"))).onRunEvent(samples::evaluation(0));
    m_writer->flush();
    QSignalSpy inserted(m_model.get(), &QAbstractItemModel::rowsInserted);
    m_tester.reset(); // it asks for every cell at every change
    QTRY_COMPARE_WITH_TIMEOUT(m_model->rowCount(), kRuns, 30'000);
    QTRY_VERIFY(value(0, Kind::Loss, QStringLiteral("code")).isValid());
    QVERIFY(inserted.count() < 100); // in blocks, not run by run
    m_model->setBaseline(m_model->row(kRuns - 1).record.id);
    QVERIFY(value(0, Kind::Distance).isValid());
}

QTEST_GUILESS_MAIN(TestRunTableModel)
#include "tst_run_table_model.moc"
