// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/cli/trained_runs.h"

#include <QFile>

using namespace krater::test;

// Real trainings with the real engine: what is printed, and what is stored.
class CliTrainingTest : public TrainedRunsTest {
    Q_OBJECT

private slots:
    void initTestCase() { trainBoth(); }

    void jsonLinesTellTheWholeRun();
    void jsonLinesEqualTheStore();
    void gibbsTargetsAreTheSoftmaxOfHeldOutLosses();
    void realisedSharesFollowTheTargets();
    void lossesFall();
    void linesForAPipeEndInTheTable();
    void quietPrintsTheTableOnly();
    void overridesAreFrozenWithTheRun();
    void fullDiskFails();
    void everyMessageHasAStep();
    void finishedRunHasNothingToResume();
    void divergedRunGoesOnWithALowerRate();
    void unwritableStoreIsReportedFirst();
    void closedPipeDoesNotEndTheRun();
};

void CliTrainingTest::jsonLinesTellTheWholeRun()
{
    const QList<QJsonObject> lines = m_gibbs.lines();
    QMap<QString, int> counts;
    for (const QJsonObject &line : lines)
        ++counts[line["event"].toString()];
    QCOMPARE(lines.first()["event"].toString(), QStringLiteral("run_started"));
    QCOMPARE(lines.first()["run"].toInt(), 1);
    QVERIFY(lines.first().contains("state"));
    QCOMPARE(lines.last()["event"].toString(), QStringLiteral("finished"));
    QCOMPARE(lines.last()["run"].toInt(), 1);
    QCOMPARE(lines.last()["state"].toString(), QStringLiteral("Done"));
    QCOMPARE(counts["step"], 40);
    QCOMPARE(counts["evaluation"], 5); // steps 0, 10, 20, 30, 40
    QVERIFY(counts["checkpoint"] >= 4);
    QCOMPARE(lines.last()["step"].toInt(), 40);
    QCOMPARE(lines.last()["domains"].toArray().size(), 3);
}

void CliTrainingTest::jsonLinesEqualTheStore()
{
    const QJsonArray points =
        cli({"query", "--json", "select step, domain, value from points where run = 1 and metric = 'loss.training'"})
            .array();
    QMap<QPair<int, QString>, double> stored;
    for (const QJsonValue &point : points)
        stored[{point["step"].toInt(), point["domain"].toString()}] = point["value"].toDouble();
    int compared = 0;
    for (const QJsonObject &line : m_gibbs.lines()) {
        if (line["event"] != QStringLiteral("step"))
            continue;
        for (const QString &domain : kDomains) {
            const QJsonValue loss = line["loss.training"][domain];
            const QPair<int, QString> key{line["step"].toInt(), domain};
            QCOMPARE(loss.isNull(), !stored.contains(key)); // null: no sequence of the domain in the batch
            if (!loss.isNull()) {
                QCOMPARE(loss.toDouble(), stored[key]); // every bit
                ++compared;
            }
        }
    }
    QVERIFY(compared > 60);
}

void CliTrainingTest::gibbsTargetsAreTheSoftmaxOfHeldOutLosses()
{
    const QJsonArray rows =
        cli({"query", "--json",
             "select l.step, l.domain, l.value as loss, t.value as target from points l join points t"
             " on t.run = l.run and t.step = l.step and t.domain = l.domain and t.metric = 'mixture.target'"
             " where l.run = 1 and l.metric = 'loss.held_out'"})
            .array();
    QMap<int, double> total;
    for (const QJsonValue &row : rows)
        total[row["step"].toInt()] += std::exp(-row["loss"].toDouble());
    QCOMPARE(total.size(), 5);
    QCOMPARE(rows.size(), 15);
    for (const QJsonValue &row : rows) {
        const double expected = std::exp(-row["loss"].toDouble()) / total[row["step"].toInt()];
        QVERIFY(std::abs(row["target"].toDouble() - expected) < 1e-6);
    }
}

void CliTrainingTest::realisedSharesFollowTheTargets()
{
    // Step n draws by the target in force after step n - 1.
    QMap<QString, double> expected, drawn;
    QJsonObject target;
    double tokensPerStep = 0;
    for (const QJsonObject &line : m_gibbs.lines()) {
        if (line["event"] == QStringLiteral("step")) {
            tokensPerStep = line["tokens"].toDouble() / line["step"].toDouble();
            for (const QString &domain : kDomains) {
                expected[domain] += target[domain].toDouble() * tokensPerStep;
                drawn[domain] = line["tokens.drawn"][domain].toDouble();
            }
        }
        if (line.contains("mixture.target"))
            target = line["mixture.target"].toObject();
    }
    constexpr double kTokensPerSequence = 32;
    constexpr double kCritical = 13.8; // chi-square, 2 degrees of freedom, p = 0.001
    double chiSquare = 0, sum = 0;
    for (const QString &domain : kDomains) {
        const double e = expected[domain] / kTokensPerSequence, o = drawn[domain] / kTokensPerSequence;
        chiSquare += (o - e) * (o - e) / e;
        sum += o;
    }
    QCOMPARE(sum, 320.0); // 40 steps of 8 sequences
    QVERIFY2(chiSquare < kCritical, qPrintable(QString::number(chiSquare)));
    QVERIFY(chiSquare > 0);
}

void CliTrainingTest::lossesFall()
{
    for (const QString &domain : kDomains) {
        QVERIFY(held(1, domain, "first") > 5.0); // about ln 257 nats/token untrained
        QVERIFY(held(1, domain, "last") < 0.8 * held(1, domain, "first"));
    }
}

void CliTrainingTest::linesForAPipeEndInTheTable()
{
    QCOMPARE(m_natural.out.count("\nstep "), 5);
    QVERIFY2(m_natural.out.contains("Run 2 (plain) is done"), m_natural.out.constData());
    QVERIFY2(m_natural.out.contains(m_store.toUtf8()), m_natural.out.constData());
    for (const char *title : {"domain", "tokens drawn", "epochs", "held-out first", "share first", "share last"})
        QVERIFY2(m_natural.out.contains(title), title);
    QVERIFY(!m_natural.out.contains('\x1b'));
    QVERIFY(!m_natural.err.contains('\x1b'));
    const QByteArray next = "krater-cli show 2 --store '" + m_store.toUtf8() + "'";
    QVERIFY2(m_natural.err.contains(next), m_natural.err.constData());
}

void CliTrainingTest::quietPrintsTheTableOnly()
{
    const QString store = m_folder->filePath("quiet.krater");
    const CliResult result =
        runCli({"train", m_experiment, "--quiet", "--store", store, "--set", "training.token_budget=512"});
    QCOMPARE(result.exitCode, 0);
    QCOMPARE(result.err, QByteArray());
    QVERIFY(!result.out.contains("\nstep "));
    QVERIFY2(result.out.contains("brackets"), result.out.constData());
}

void CliTrainingTest::overridesAreFrozenWithTheRun()
{
    const QJsonObject run = cli({"show", "2", "--json"}).object();
    QCOMPARE(run["seed"].toInt(), 8);
    QCOMPARE(run["policy"].toString(), QStringLiteral("natural"));
    QVERIFY(run["experiment"].toString().contains("seed = 8"));
    const QString beside = m_folder->filePath("beside.toml");
    QCOMPARE(cli({"export", "2", "experiment", "-o", beside}).exitCode, 0);
    QFile file(beside);
    QVERIFY(file.open(QIODevice::ReadOnly));
    QCOMPARE(file.readAll(), run["experiment"].toString().toUtf8());
}

void CliTrainingTest::fullDiskFails()
{
    const QStringList arguments{"train", m_experiment, "--quiet", "--set", "training.token_budget=512", "--store"};
    const auto exitCodeOf = [&](const QString &store, const char *redirection) {
        QProcess shell;
        shell.start("sh",
                    QStringList{"-c", QStringLiteral("exec \"$@\" %1").arg(redirection), "sh", cliProgram()} + arguments
                        + QStringList{m_folder->filePath(store)});
        shell.waitForFinished(60'000);
        return shell.exitCode();
    };
    QCOMPARE(exitCodeOf("full.krater", ">/dev/full"), 1);
    QCOMPARE(
        runCli({"show", "last", "--json", "--store", m_folder->filePath("full.krater")}).object()["state"].toString(),
        QStringLiteral("Done"));
    QCOMPARE(exitCodeOf("not full.krater", ">/dev/null"), 0);
}

void CliTrainingTest::everyMessageHasAStep()
{
    const CliResult stopped = runCliStreaming(
        {"train", m_experiment, "--store", m_folder->filePath("message.krater"), "--set", "training.token_budget=1e9"},
        [](const QJsonObject &line, QProcess &) {
            return line["step"].toInt() == 5 ? Deed::Interrupt : Deed::Nothing;
        });
    int messages = 0;
    for (const QJsonObject &line : stopped.lines()) {
        if (line["event"] == QStringLiteral("message") && line["text"].toString().startsWith("Stopping after")) {
            QVERIFY(line["step"].toInt() >= 5);
            ++messages;
        }
    }
    QCOMPARE(messages, 1);
}

void CliTrainingTest::finishedRunHasNothingToResume()
{
    const CliResult result = cli({"resume", "1"});
    QCOMPARE(result.exitCode, 2);
    QVERIFY2(result.err.contains("nothing to resume"), result.err.constData());
}

void CliTrainingTest::divergedRunGoesOnWithALowerRate()
{
    const QString store = m_folder->filePath("diverged.krater");
    const CliResult diverged =
        runCli({"train", m_experiment, "--store", store, "--set", "training.learning_rate=10", "--set",
                "training.clip=0", "--set", "training.warmup=0", "--set", "training.weight_decay=1"});
    QCOMPARE(diverged.exitCode, 4);
    QVERIFY2(diverged.err.contains("krater-cli resume 1"), diverged.err.constData());
    const CliResult refused = runCli({"resume", "1", "--store", store, "--set", "model.width=32"});
    QCOMPARE(refused.exitCode, 2);
    QVERIFY2(refused.err.contains("model.width"), refused.err.constData());
    QCOMPARE(runCli({"resume", "1", "--store", store, "--set", "training.learning_rate=1e-3"}).exitCode, 0);
    const QByteArray log =
        runCli({"query", "--store", store, "select text from events where text like 'Resumed with%'"}).out;
    QVERIFY2(log.contains("training.learning_rate=1e-3"), log.constData());
}

void CliTrainingTest::unwritableStoreIsReportedFirst()
{
    const CliResult result = runCli({"train", m_experiment, "--store", "/proc/krater/runs.krater"});
    QCOMPARE(result.exitCode, 1);
    QVERIFY2(result.err.contains("/proc/krater"), result.err.constData());
    QVERIFY(!result.err.contains("Tokenising"));
}

void CliTrainingTest::closedPipeDoesNotEndTheRun()
{
    const QString store = m_folder->filePath("closed.krater");
    QProcess process;
    process.start(cliProgram(), {"train", m_experiment, "--json", "--store", store}, QIODevice::ReadOnly);
    QVERIFY(process.waitForReadyRead(60'000));
    process.closeReadChannel(QProcess::StandardOutput);
    QVERIFY(process.waitForFinished(60'000));
    QCOMPARE(process.exitCode(), 0);
    QCOMPARE(runCli({"show", "last", "--store", store, "--json"}).object()["state"].toString(), QStringLiteral("Done"));
}

QTEST_GUILESS_MAIN(CliTrainingTest)
#include "tst_cli_training.moc"
