// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/curve_export.h"
#include "core/store/run_reader.h"
#include "core/store/run_writer.h"
#include "tests/core/store_samples.h"

#include <QFile>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

using namespace krater;

class TestCurveExport : public QObject {
    Q_OBJECT

private slots:
    void init();
    void cleanup();

    void writesEveryPoint();
    void namesAreQuoted();
    void cancellingLeavesNoFile();
    void tellsWhatFailed();

private:
    RunId addRun(const std::string &name, std::uint64_t steps)
    {
        const RunId run = m_writer->createRun(samples::record(name));
        samples::train(m_writer->observerFor(run), 1, steps);
        m_writer->flush();
        return run;
    }
    QStringList lines() const
    {
        QFile file(m_target);
        return file.open(QIODevice::ReadOnly)
            ? QString::fromUtf8(file.readAll()).split(QLatin1Char('\n'), Qt::SkipEmptyParts)
            : QStringList();
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    std::filesystem::path m_store;
    QString m_target;
    std::unique_ptr<RunWriter> m_writer;
};

void TestCurveExport::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    m_store = m_folder->filePath(QStringLiteral("runs.krater")).toStdString();
    m_target = m_folder->filePath(QStringLiteral("curves.csv"));
    m_writer = std::make_unique<RunWriter>(m_store);
}

void TestCurveExport::cleanup()
{
    m_writer.reset();
    m_folder.reset();
}

void TestCurveExport::writesEveryPoint()
{
    const RunId first = addRun("first", 300), second = addRun("second", 120);
    addRun("not asked for", 10);
    CurveExport exporter;
    QSignalSpy finished(&exporter, &CurveExport::finished), progress(&exporter, &CurveExport::progressChanged);
    exporter.start(m_store, {first, second}, m_target.toStdString());
    QVERIFY(exporter.isRunning());
    QTRY_COMPARE(finished.count(), 1);
    QVERIFY(!exporter.isRunning());
    QVERIFY(progress.count() > 0);
    QCOMPARE(progress.back()[0], progress.back()[1]);

    RunReader reader(m_store);
    qint64 numPoints = 0;
    for (RunId run : {first, second})
        for (const auto &[metric, domain] : reader.curveNames(run))
            numPoints += qint64(reader.curve(run, metric, domain).size());
    const QStringList written = lines();
    QCOMPARE(finished.front()[1].toLongLong(), numPoints);
    QCOMPARE(written.size(), numPoints + 1);
    QCOMPARE(written.front(), QStringLiteral("run,name,metric,domain,step,tokens,seconds,value"));
    const QStringList sample = written.filter(QStringLiteral("%1,first,loss.training,code,250,").arg(first));
    QCOMPARE(sample.size(), 1);
    const QStringList cells = sample.front().split(QLatin1Char(','));
    QCOMPARE(cells[5], QString::number(250 * 128));
    QCOMPARE(cells[6].toDouble(), 2.5);
    QCOMPARE(cells[7].toDouble(), samples::loss(250, 1)); // every digit
    QVERIFY(written.filter(QStringLiteral("not asked for")).isEmpty());
    QCOMPARE(written.filter(QStringLiteral(",gradient_norm,,")).size(), 420); // a metric without a domain
}

void TestCurveExport::namesAreQuoted()
{
    const RunId run = addRun("a, \"b\"", 1);
    CurveExport exporter;
    QSignalSpy finished(&exporter, &CurveExport::finished);
    exporter.start(m_store, {run}, m_target.toStdString());
    QTRY_COMPARE(finished.count(), 1);
    QVERIFY(lines()[1].startsWith(QStringLiteral("%1,\"a, \"\"b\"\"\",").arg(run)));
}

void TestCurveExport::cancellingLeavesNoFile()
{
    const RunId run = addRun("long", 3000);
    CurveExport exporter;
    QSignalSpy finished(&exporter, &CurveExport::finished), cancelled(&exporter, &CurveExport::cancelled);
    exporter.start(m_store, std::vector<RunId>(200, run), m_target.toStdString());
    exporter.cancel();
    QCOMPARE(cancelled.count(), 1);
    QVERIFY(!exporter.isRunning());
    QTest::qWait(100);
    QCOMPARE(finished.count(), 0);
    QVERIFY(!QFile::exists(m_target));
}

void TestCurveExport::tellsWhatFailed()
{
    const RunId run = addRun("first", 10);
    CurveExport exporter;
    QSignalSpy failed(&exporter, &CurveExport::failed);
    exporter.start(m_store, {run}, m_folder->filePath(QStringLiteral("runs.krater/below/a/file.csv")).toStdString());
    QTRY_COMPARE(failed.count(), 1);
    QVERIFY(!failed.front()[0].toString().isEmpty());
    exporter.start(m_folder->filePath(QStringLiteral("none.krater")).toStdString(), {run}, m_target.toStdString());
    QTRY_COMPARE(failed.count(), 2);
    QVERIFY(!QFile::exists(m_target));
}

QTEST_GUILESS_MAIN(TestCurveExport)
#include "tst_curve_export.moc"
