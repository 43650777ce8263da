// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/cli/cli_process.h"
#include "tests/support/tiny_corpus.h"

#include <QDir>
#include <QJsonArray>
#include <QRandomGenerator>
#include <QTemporaryDir>
#include <QTest>

#include <sqlite3.h>

#include <csignal>
#include <memory>

using namespace krater::test;

namespace {

constexpr int kNumSteps = 240;

// All that a run has stored, but for what is a matter of the clock.
QByteArray points(const QString &store)
{
    return runCli(
               {"query", "--json", "--store", store,
                "select metric, domain, step, tokens, value from points where run = 1 and metric <> 'tokens_per_second'"
                " order by metric, domain, step"})
        .out;
}

QString integrity(const QString &store)
{
    sqlite3 *database = nullptr;
    sqlite3_stmt *statement = nullptr;
    QString answer;
    if (sqlite3_open_v2(store.toUtf8().constData(), &database, SQLITE_OPEN_READWRITE, nullptr) == SQLITE_OK
        && sqlite3_prepare_v2(database, "PRAGMA integrity_check", -1, &statement, nullptr) == SQLITE_OK
        && sqlite3_step(statement) == SQLITE_ROW)
        answer = QString::fromUtf8(reinterpret_cast<const char *>(sqlite3_column_text(statement, 0)));
    sqlite3_finalize(statement);
    sqlite3_close(database);
    return answer;
}

bool isStep(const QJsonObject &line, int step)
{
    return line["event"] == QStringLiteral("step") && line["step"].toInt() == step;
}

} // namespace

// Ctrl-C, kill and resume with the real engine: whatever happens to a run, once it is resumed its points are those of an undisturbed one.
class CliInterruptionTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase();

    void stopAndResumeEqualsAnUndisturbedRun();
    void secondSignalQuitsAtOnce();
    void killAndResumeEqualsAnUndisturbedRun_data();
    void killAndResumeEqualsAnUndisturbedRun();
    void killBeforeTheFirstCheckpointStartsAgain();
    void withoutItsCheckpointsARunStaysAsItIs();
    void startsAgainAndFromAChosenStep();
    void anotherNumberOfThreadsIsTold();
    void overridesOutliveAKill();
    void activeRunIsNotResumed();
    void changedTextIsRefused();

private:
    QStringList train(const QString &store) const;
    CliResult stopAt(int step, const QString &store, Deed deed) const;

    std::unique_ptr<QTemporaryDir> m_folder;
    QString m_experiment;
    QByteArray m_undisturbed;
};

QStringList CliInterruptionTest::train(const QString &store) const
{
    return {"train",   m_experiment,
            "--store", store,
            "--set",   QStringLiteral("training.token_budget=%1").arg(kNumSteps * 256),
            "--set",   "training.checkpoint_interval=40",
            "--set",   "training.eval_interval=20",
            "--set",   "model.layers=2",
            "--set",   "model.width=32"};
}

CliResult CliInterruptionTest::stopAt(int step, const QString &store, Deed deed) const
{
    return runCliStreaming(
        train(store), [=](const QJsonObject &line, QProcess &) { return isStep(line, step) ? deed : Deed::Nothing; });
}

void CliInterruptionTest::initTestCase()
{
    m_folder = std::make_unique<QTemporaryDir>();
    m_experiment = QString::fromStdString(writeTinyExperiment(m_folder->path().toStdString()));
    const QString store = m_folder->filePath("undisturbed.krater");
    const CliResult result = runCli(train(store) << "--quiet");
    QVERIFY2(result.exitCode == 0, result.err.constData());
    m_undisturbed = points(store);
    QVERIFY(m_undisturbed.size() > 100'000);
}

void CliInterruptionTest::stopAndResumeEqualsAnUndisturbedRun()
{
    const QString store = m_folder->filePath("stopped.krater");
    const CliResult stopped = stopAt(50, store, Deed::Interrupt);
    QVERIFY2(stopped.exitCode == 3, stopped.err.constData());
    const QJsonObject last = stopped.lines().last();
    QCOMPARE(last["event"].toString(), QStringLiteral("finished"));
    QCOMPARE(last["state"].toString(), QStringLiteral("Stopped"));
    QVERIFY(last["step"].toInt() >= 50 && last["step"].toInt() < kNumSteps);
    QCOMPARE(last["resume"].toString(), "krater-cli resume 1 --store " + store);

    const CliResult resumed = runCli({"resume", "last", "--store", store, "--json"});
    QVERIFY2(resumed.exitCode == 0, resumed.err.constData());
    QCOMPARE(resumed.lines().first()["resumed_from"].toInt(), last["checkpoint"].toInt());
    QVERIFY(points(store) == m_undisturbed);
}

void CliInterruptionTest::secondSignalQuitsAtOnce()
{
    const QString store = m_folder->filePath("quit.krater");
    // Steps that take over a second: both signals fall into the second one.
    const QStringList slow{"--set", "training.sequences_per_step=32768", "--set", "training.token_budget=1e9"};
    const CliResult result = runCliStreaming(train(store) + slow, [](const QJsonObject &line, QProcess &) {
        const bool stopping = line["text"].toString().startsWith(QStringLiteral("Stopping"));
        if (!stopping && !isStep(line, 1))
            return Deed::Nothing;
        QTest::qSleep(250); // two signals within a tenth of a second count as one
        return Deed::Interrupt;
    });
    QVERIFY2(result.exitCode == 130, (result.out.right(600) + result.err).constData());
    QCOMPARE(integrity(store), QStringLiteral("ok"));
    const QJsonArray runs = runCli({"list", "--json", "--store", store}).array();
    // Interrupted, unless the step ended just before the second signal.
    QVERIFY(QStringList({"Interrupted", "Stopped"}).contains(runs[0]["state"].toString()));
}

void CliInterruptionTest::killAndResumeEqualsAnUndisturbedRun_data()
{
    QTest::addColumn<int>("step");
    // Moments of another kind at each run of the test; the step is printed if it fails.
    QTest::newRow("early") << QRandomGenerator::global()->bounded(41, 90);
    QTest::newRow("middle") << QRandomGenerator::global()->bounded(90, 150);
    QTest::newRow("late") << QRandomGenerator::global()->bounded(150, 220);
}

void CliInterruptionTest::killAndResumeEqualsAnUndisturbedRun()
{
    QFETCH(const int, step);
    const QString store = m_folder->filePath(QStringLiteral("killed at %1.krater").arg(step));
    QCOMPARE(stopAt(step, store, Deed::Kill).exitCode, -1);
    QCOMPARE(integrity(store), QStringLiteral("ok"));
    const QJsonObject killed = runCli({"show", "1", "--json", "--store", store}).object();
    QCOMPARE(killed["state"].toString(), QStringLiteral("Interrupted"));
    QVERIFY(killed["step"].toInt() < kNumSteps);

    const CliResult resumed = runCli({"resume", "1", "--quiet", "--store", store});
    QVERIFY2(resumed.exitCode == 0, resumed.err.constData());
    QVERIFY2(points(store) == m_undisturbed, qPrintable(QStringLiteral("killed at step %1").arg(step)));
    QCOMPARE(integrity(store), QStringLiteral("ok"));
}

void CliInterruptionTest::killBeforeTheFirstCheckpointStartsAgain()
{
    const QString store = m_folder->filePath("killed early.krater");
    QCOMPARE(stopAt(5, store, Deed::Kill).exitCode, -1);
    const CliResult resumed = runCli({"resume", "1", "--store", store});
    QVERIFY2(resumed.exitCode == 0, resumed.err.constData());
    QVERIFY(points(store) == m_undisturbed);
}

void CliInterruptionTest::withoutItsCheckpointsARunStaysAsItIs()
{
    const QString store = m_folder->filePath("moved.krater");
    QCOMPARE(stopAt(100, store, Deed::Kill).exitCode, -1);
    const QByteArray before = points(store);
    QVERIFY(QDir().rename(store + ".checkpoints", store + ".elsewhere"));
    const CliResult refused = runCli({"resume", "1", "--store", store});
    QCOMPARE(refused.exitCode, 1);
    QVERIFY2(refused.err.contains("--restart") && refused.err.contains(".checkpoints"), refused.err.constData());
    QVERIFY(points(store) == before);
    QVERIFY(QDir().rename(store + ".elsewhere", store + ".checkpoints"));
    QCOMPARE(runCli({"resume", "1", "--quiet", "--store", store}).exitCode, 0);
    QVERIFY(points(store) == m_undisturbed);
}

void CliInterruptionTest::startsAgainAndFromAChosenStep()
{
    const QString store = m_folder->filePath("again.krater");
    QCOMPARE(stopAt(130, store, Deed::Interrupt).exitCode, 3);
    const CliResult wrong = runCli({"resume", "1", "--step", "77", "--store", store});
    QCOMPARE(wrong.exitCode, 1);
    QVERIFY2(wrong.err.contains("checkpoint of step 77") && wrong.err.contains("(best)"), wrong.err.constData());
    QCOMPARE(runCli({"resume", "1", "--step", "7", "--best", "--store", store}).exitCode, 2);
    const CliResult best =
        runCliStreaming({"resume", "1", "--best", "--store", store}, [](const QJsonObject &line, QProcess &) {
            return line["event"] == QStringLiteral("step") && line["step"].toInt() == 160 ? Deed::Interrupt
                                                                                          : Deed::Nothing;
        });
    QCOMPARE(best.exitCode, 3);
    QCOMPARE(best.lines().first()["resumed_from"].toInt() % 20, 0); // an evaluation
    const CliResult again = runCli({"resume", "1", "--restart", "--json", "--store", store});
    QCOMPARE(again.exitCode, 0);
    QVERIFY(!again.lines().first().contains("resumed_from"));
    QVERIFY(points(store) == m_undisturbed);
}

void CliInterruptionTest::anotherNumberOfThreadsIsTold()
{
    const QString store = m_folder->filePath("threads.krater");
    const CliResult stopped = runCliStreaming(
        train(store) << "--threads"
                     << "2",
        [](const QJsonObject &line, QProcess &) { return isStep(line, 50) ? Deed::Interrupt : Deed::Nothing; });
    QCOMPARE(stopped.exitCode, 3);
    const CliResult resumed = runCli({"resume", "1", "--threads", "3", "--store", store});
    QCOMPARE(resumed.exitCode, 0);
    QVERIFY2(resumed.err.contains("CPU, 3 threads") && resumed.err.contains("instead of CPU, 2 threads"),
             resumed.err.constData());
    QCOMPARE(runCli({"show", "1", "--json", "--store", store}).object()["device"].toString(),
             QStringLiteral("CPU, 2 threads"));
}

void CliInterruptionTest::overridesOutliveAKill()
{
    const QString store = m_folder->filePath("overrides.krater");
    QCOMPARE(stopAt(50, store, Deed::Interrupt).exitCode, 3);
    const CliResult killed = runCliStreaming(
        {"resume", "1", "--store", store, "--set", "training.learning_rate=1e-5"},
        [](const QJsonObject &line, QProcess &) { return isStep(line, 90) ? Deed::Kill : Deed::Nothing; });
    QCOMPARE(killed.exitCode, -1);
    const CliResult resumed = runCli({"resume", "1", "--json", "--store", store});
    QCOMPARE(resumed.exitCode, 0);
    for (const QJsonObject &line : resumed.lines()) {
        if (line["event"] == QStringLiteral("step"))
            QVERIFY(line["learning_rate"].toDouble() <= 1e-5);
    }
    const QJsonArray overrides = runCli({"show", "1", "--json", "--store", store}).object()["overrides"].toArray();
    QCOMPARE(overrides, QJsonArray{"training.learning_rate=1e-5"});
}

void CliInterruptionTest::activeRunIsNotResumed()
{
    const QString store = m_folder->filePath("active.krater");
    CliResult second;
    const CliResult first = runCliStreaming(train(store), [&](const QJsonObject &line, QProcess &) {
        if (isStep(line, 30))
            second = runCli({"resume", "last", "--store", store});
        return isStep(line, 30) ? Deed::Interrupt : Deed::Nothing;
    });
    QCOMPARE(second.exitCode, 1);
    QVERIFY2(second.err.contains("active in process"), second.err.constData());
    QCOMPARE(first.exitCode, 3);
}

void CliInterruptionTest::changedTextIsRefused()
{
    const QTemporaryDir folder;
    const QString store = folder.filePath("runs.krater");
    const QString experiment = QString::fromStdString(writeTinyExperiment(folder.path().toStdString()));
    QStringList arguments = train(store);
    arguments[1] = experiment;
    const CliResult stopped = runCliStreaming(arguments, [](const QJsonObject &line, QProcess &) {
        return isStep(line, 5) ? Deed::Interrupt : Deed::Nothing;
    });
    QCOMPARE(stopped.exitCode, 3);
    QFile text(folder.filePath("verses.txt"));
    QVERIFY(text.open(QIODevice::Append));
    text.write("%\nAnother verse, that was not there before.\n");
    text.close();
    const CliResult resumed = runCli({"resume", "last", "--store", store});
    QCOMPARE(resumed.exitCode, 1);
    QVERIFY2(resumed.err.contains("has changed"), resumed.err.constData());
    QCOMPARE(runCli({"show", "last", "--json", "--store", store}).object()["state"].toString(),
             QStringLiteral("Stopped"));
}

QTEST_GUILESS_MAIN(CliInterruptionTest)
#include "tst_cli_interruption.moc"
