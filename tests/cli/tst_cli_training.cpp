// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/cli/cli_process.h"
#include "tests/support/tiny_corpus.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <cmath>
#include <memory>

using namespace krater::test;

// Real trainings of a tiny model with the real engine, and everything that one can ask of the saved runs afterwards. The two runs are
// trained once, for all tests: run 1 by the policy gibbs, run 2 by natural.
class CliTrainingTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase();

    void jsonLinesTellTheWholeRun();
    void jsonLinesEqualTheStore();
    void gibbsTargetsAreTheSoftmaxOfHeldOutLosses();
    void realisedSharesFollowTheTargets();
    void lossesFall();
    void linesForAPipeEndInTheTable();
    void quietPrintsTheTableOnly();
    void overridesAreFrozenWithTheRun();
    void exportedExperimentRunsElsewhere();
    void exportRefusesWhatItCannotWrite();
    void listShowsBothRuns();
    void showFindsRunsByNumberNameAndLast();
    void compareScoresOnAFixedMixture();
    void compareOverSeeds();
    void compareRefusesUnknownDomains();
    void queryIsReadOnly();
    void showTellsTheLog();
    void fullDiskFails();
    void everyMessageHasAStep();
    void queryPrintsOneLineARow();
    void newerStoreIsReadWithAWarning();
    void exportsIntoTheCurrentFolder();
    void exportsCurves();
    void exportsMixtures();
    void exportsWeights();
    void finishedRunHasNothingToResume();
    void divergedRunGoesOnWithALowerRate();
    void unwritableStoreIsReportedFirst();
    void closedPipeDoesNotEndTheRun();

private:
    CliResult cli(QStringList arguments) const { return runCli(arguments << "--store" << m_store); }
    double held(int run, const QString &domain, const QString &which) const;

    std::unique_ptr<QTemporaryDir> m_folder;
    QString m_experiment;
    QString m_store;
    CliResult m_gibbs;   // --json
    CliResult m_natural; // lines for a pipe
};

const QStringList kDomains{"sums", "brackets", "verses"};

void CliTrainingTest::initTestCase()
{
    m_folder = std::make_unique<QTemporaryDir>();
    m_experiment = QString::fromStdString(writeTinyExperiment(m_folder->path().toStdString()));
    m_store = m_folder->filePath("runs of the test.krater");
    m_gibbs = cli({"train", m_experiment, "--json"});
    QVERIFY2(m_gibbs.exitCode == 0, m_gibbs.err.constData());
    m_natural = cli(
        {"train", m_experiment, "--set", "mixture.policy=natural", "--set", "experiment.name=plain", "--seed", "8"});
    QVERIFY2(m_natural.exitCode == 0, m_natural.err.constData());
}

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

double CliTrainingTest::held(int run, const QString &domain, const QString &which) const
{
    const QJsonArray domains = cli({"show", QString::number(run), "--json"}).object()["domains"].toArray();
    for (const QJsonValue &value : domains)
        if (value["name"] == domain)
            return value["loss.held_out"][which].toDouble();
    return std::nan("");
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

void CliTrainingTest::exportedExperimentRunsElsewhere()
{
    const QTemporaryDir elsewhere;
    const QString file = elsewhere.filePath("again.toml");
    const CliResult exported = cli({"export", "1", "experiment", "-o", file});
    QCOMPARE(exported.exitCode, 0);
    QVERIFY2(exported.err.contains("absolute"), exported.err.constData());
    QVERIFY(cli({"export", "1", "experiment"}).out.contains(m_folder->filePath("sums.txt").toUtf8()));
    const QString store = elsewhere.filePath("again.krater");
    const CliResult again = runCli({"train", file, "--quiet", "--store", store});
    QVERIFY2(again.exitCode == 0, again.err.constData());
    const auto hash = [](const CliResult &shown) { return shown.object()["corpus_hash"].toString(); };
    QCOMPARE(hash(runCli({"show", "1", "--json", "--store", store})), hash(cli({"show", "1", "--json"})));
}

void CliTrainingTest::exportRefusesWhatItCannotWrite()
{
    const QString yaml = m_folder->filePath("x.yaml");
    for (const QStringList &wrong :
         {QStringList{"experiment", "--format", "json"}, QStringList{"experiment", "--json"},
          QStringList{"curves", "--best"}, QStringList{"mixture", "-o", yaml}, QStringList{"model", "--format", "csv"},
          QStringList{"model", "-o", "-"}, QStringList{"curves", "--format", "toml"}}) {
        const CliResult result = cli(QStringList{"export", "1"} + wrong);
        QVERIFY2(result.exitCode == 2, qPrintable(wrong.join(' ')));
        QVERIFY(result.out.isEmpty());
    }
    QVERIFY(!QFile::exists(yaml));
}

void CliTrainingTest::listShowsBothRuns()
{
    const QJsonArray runs = cli({"list", "--json"}).array();
    QCOMPARE(runs.size(), 2);
    QCOMPARE(runs[0]["run"].toInt(), 2); // newest first
    QCOMPARE(runs[0]["state"].toString(), QStringLiteral("Done"));
    QVERIFY(runs[0]["loss.held_out"]["natural"].toDouble() > 0);
    const CliResult text = cli({"list"});
    QCOMPARE(text.exitCode, 0);
    QCOMPARE(text.out.count('\n'), 3);
    QVERIFY2(text.out.contains("40/40"), text.out.constData());
    const CliResult none = runCli({"list", "--json"});
    QCOMPARE(none.exitCode, 0);
    QCOMPARE(none.out, QByteArray("[]\n"));
}

void CliTrainingTest::showFindsRunsByNumberNameAndLast()
{
    QCOMPARE(cli({"show", "plain", "--json"}).object()["run"].toInt(), 2);
    QCOMPARE(cli({"show", "last", "--json"}).object()["run"].toInt(), 2);
    QCOMPARE(cli({"show", "1", "--json"}).object()["name"].toString(), QStringLiteral("tiny"));
    const CliResult unknown = cli({"show", "plan"});
    QCOMPARE(unknown.exitCode, 2);
    QVERIFY2(unknown.err.contains("Did you mean 'plain'?"), unknown.err.constData());
    QCOMPARE(cli({"show", "99"}).exitCode, 2);
    QVERIFY(cli({"show", "1"}).out.contains("Checkpoint:"));
}

void CliTrainingTest::compareScoresOnAFixedMixture()
{
    const QJsonObject comparison =
        cli({"compare", "1", "2", "--baseline", "2", "--on", "sums=0.25,verses=0.75", "--json"}).object();
    QCOMPARE(comparison["baseline"].toInt(), 2);
    const QJsonArray runs = comparison["runs"].toArray();
    QCOMPARE(runs.size(), 2);
    for (int run : {1, 2}) {
        const double expected = 0.25 * held(run, "sums", "last") + 0.75 * held(run, "verses", "last");
        QVERIFY(std::abs(runs[run - 1]["score"].toDouble() - expected) < 1e-12);
    }
    QCOMPARE(runs[1]["difference"].toDouble(), 0.0);
    QStringList keys;
    for (const QJsonValue &difference : comparison["configuration"].toArray())
        keys.append(difference["key"].toString());
    QVERIFY2(keys.contains("mixture.policy"), qPrintable(keys.join(' ')));
    const CliResult text = cli({"compare", "tiny", "last"});
    QCOMPARE(text.exitCode, 0);
    QVERIFY2(text.out.contains("(baseline)"), text.out.constData());
    QVERIFY2(text.out.contains("mean on uniform"), text.out.constData());
    QCOMPARE(text.err, QByteArray()); // another seed, the same corpus: nothing to warn of
}

void CliTrainingTest::compareOverSeeds()
{
    const QString store = m_folder->filePath("seeds.krater");
    for (const char *policy : {"uniform", "natural"})
        for (const char *seed : {"1", "2"}) {
            const QString name = QStringLiteral("experiment.name=%1 rule").arg(policy);
            QCOMPARE(runCli({"train", m_experiment, "--store", store, "--quiet", "--seed", seed, "--set", "training.token_budget=8000", "--set",
                             QStringLiteral("mixture.policy=%1").arg(policy), "--set", name})
                         .exitCode,
                     0);
        }
    const QJsonObject comparison = runCli({"compare", "1", "2", "3", "4", "--store", store, "--json"}).object();
    const QJsonArray overSeeds = comparison["over_seeds"].toArray();
    QCOMPARE(overSeeds.size(), 5); // natural, uniform and three domains
    QCOMPARE(overSeeds[0]["on"].toString(), QStringLiteral("natural"));
    QCOMPARE(overSeeds[1]["groups"].toArray().size(), 2);
    double mean = 0;
    for (int run : {2, 3})
        mean += comparison["runs"][run]["score"].toDouble() / 2; // on uniform
    QVERIFY(std::abs(overSeeds[1]["groups"][1]["mean"].toDouble() - mean) < 1e-12);
    const double verses = overSeeds[4]["groups"][1]["mean"].toDouble();
    QVERIFY(std::abs(verses - (comparison["runs"][2]["domains"]["verses"]["last"].toDouble() + comparison["runs"][3]["domains"]["verses"]["last"].toDouble()) / 2) < 1e-12);
    const CliResult text = runCli({"compare", "1", "2", "3", "4", "--store", store});
    QVERIFY2(text.out.contains("natural rule, 2 seeds") && text.out.contains("uniform rule, 2 seeds (baseline)") && text.out.contains("paired by seed"),
             text.out.constData());
}

void CliTrainingTest::compareRefusesUnknownDomains()
{
    const CliResult result = cli({"compare", "1", "2", "--on", "summs=1"});
    QCOMPARE(result.exitCode, 2);
    QVERIFY2(result.err.contains("Did you mean 'sums'?"), result.err.constData());
    QCOMPARE(cli({"compare", "1", "2", "--on", "unifrom"}).exitCode, 2);
    QCOMPARE(cli({"compare", "1", "1"}).exitCode, 2);
    QCOMPARE(cli({"compare", "1"}).exitCode, 2);
}

void CliTrainingTest::queryIsReadOnly()
{
    const CliResult count = cli({"query", "select count(*) from runs"});
    QCOMPARE(count.exitCode, 0);
    QVERIFY2(count.out.contains("2\n"), count.out.constData());
    QCOMPARE(cli({"query", "--json", "select 1 as a, 2 as a, null as n"}).out.simplified(),
             QByteArray("[ { \"a\": 1, \"a:2\": 2, \"n\": null } ]"));
    const CliResult write = cli({"query", "delete from runs"});
    QVERIFY(write.exitCode != 0);
    QVERIFY(!write.err.isEmpty());
    for (const char *sql : {"selekt", "", "update runs set name = 'x'", "select 1; select 2"})
        QCOMPARE(cli({"query", sql}).exitCode, 2);
    QCOMPARE(cli({"query", "select 1 as one; -- and no more"}).out, QByteArray("one\n1\n"));
    QCOMPARE(cli({"list", "--json"}).array().size(), 2);
}

void CliTrainingTest::showTellsTheLog()
{
    const QJsonArray log = cli({"show", "1", "--json"}).object()["log"].toArray();
    QVERIFY(log.size() > 10);
    QVERIFY(log.last()["step"].toInt() == 40 && log.last()["time_ms"].toDouble() > 0);
    const QByteArray last = log.last()["text"].toString().toUtf8(), first = log.first()["text"].toString().toUtf8();
    const QByteArray shown = cli({"show", "1"}).out;
    QVERIFY2(shown.contains("\nLog (the last 10 of "), shown.constData());
    QVERIFY(shown.contains(last));
    QVERIFY(shown.startsWith("Run 1 (tiny)\n"));
    QVERIFY(cli({"show", "1", "--log", "all"}).out.contains("\nLog\n"));
    QVERIFY(!cli({"show", "1", "--log", "0"}).out.contains("\nLog"));
    QVERIFY(cli({"show", "1", "--log", "all"}).out.contains(first));
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

void CliTrainingTest::queryPrintsOneLineARow()
{
    const CliResult hostile = cli({"query",
                                   "select 'a' || char(10) || 'b' || char(9) || '\\' || char(27) || '[2J' as "
                                   "\"x\x1b[2J\", null as n, 0.5 as half"});
    QCOMPARE(hostile.exitCode, 0);
    QCOMPARE(hostile.out, QByteArray("x\xEF\xBF\xBD[2J\tn\thalf\na\\nb\\t\\\\\xEF\xBF\xBD[2J\t\t0.5\n"));
    // More than the rows that the store's own limit would give.
    const CliResult many =
        cli({"query", "with recursive n(x) as (select 1 union all select x + 1 from n limit 1000005) select x from n"});
    QCOMPARE(many.exitCode, 0);
    QVERIFY(many.out.endsWith("\n1000005\n"));
    QCOMPARE(many.out.count('\n'), 1'000'006);
    QCOMPARE(cli({"query", "--json", "select 1 as a union select 2"}).out,
             QByteArray("[\n  {\n    \"a\": 1\n  },\n  {\n    \"a\": 2\n  }\n]\n"));
    QCOMPARE(cli({"query", "--json", "select 1 where 0"}).out, QByteArray("[]\n"));
}

void CliTrainingTest::newerStoreIsReadWithAWarning()
{
    const QString copy = m_folder->filePath("newer.krater");
    QVERIFY(QFile::copy(m_store, copy));
    QFile file(copy);
    QVERIFY(file.open(QIODevice::ReadWrite));
    QVERIFY(file.seek(60)); // user_version, in the header of an SQLite file
    QCOMPARE(file.write(QByteArray("\0\0\0\7", 4)), 4);
    file.close();
    const CliResult list = runCli({"list", "--json", "--store", copy});
    QCOMPARE(list.exitCode, 0);
    QCOMPARE(list.array().size(), 2);
    QVERIFY2(list.err.contains("krater-cli: warning: "), list.err.constData());
    QVERIFY2(list.err.contains("newer Krater"), list.err.constData());
}

void CliTrainingTest::exportsIntoTheCurrentFolder()
{
    QTemporaryDir folder;
    const QString before = QDir::currentPath();
    QVERIFY(QDir::setCurrent(folder.path()));
    const CliResult curves = cli({"export", "1", "curves", "-o", "c.csv"});
    const CliResult model = cli({"export", "1", "model"});
    QVERIFY(QDir::setCurrent(before));
    QVERIFY2(curves.exitCode == 0, curves.err.constData());
    QVERIFY2(model.exitCode == 0, model.err.constData());
    QVERIFY(QFile::exists(folder.filePath("c.csv")));
    QVERIFY(QFile::exists(folder.filePath("run-1.safetensors")));
}

void CliTrainingTest::exportsCurves()
{
    const QString file = m_folder->filePath("curves.csv");
    QCOMPARE(cli({"export", "1", "curves", "-o", file}).exitCode, 0);
    QFile csv(file);
    QVERIFY(csv.open(QIODevice::ReadOnly));
    const QList<QByteArray> lines = csv.readAll().trimmed().split('\n');
    QCOMPARE(lines.first(), QByteArray("run,metric,domain,step,tokens,seconds,value"));
    const int points =
        cli({"query", "--json", "select count(*) as n from points where run = 1"}).array()[0]["n"].toInt();
    QVERIFY(points > 500);
    QCOMPARE(lines.size() - 1, points);
    for (const QByteArray &line : lines)
        QCOMPARE(line.split(',').size(), 7);
    QCOMPARE(cli({"export", "1", "curves"}).out.trimmed().split('\n').size(), lines.size());
}

void CliTrainingTest::exportsMixtures()
{
    const QJsonObject json = cli({"export", "1", "mixture", "--json"}).object();
    double sum = 0;
    for (const QString &domain : kDomains)
        sum += json["final"][domain].toDouble();
    QVERIFY(std::abs(sum - 1) < 1e-9);
    const QByteArray csv = cli({"export", "1", "mixture", "--format", "csv"}).out;
    QVERIFY2(csv.startsWith("domain,final,mean,realised\nsums,"), csv.constData());
    const QByteArray toml = cli({"export", "1", "mixture"}).out;
    QVERIFY2(toml.contains("[final]\n\"sums\" = 0."), toml.constData());
    QCOMPARE(cli({"export", "1", "curves", "--format", "toml"}).exitCode, 2);
}

void CliTrainingTest::exportsWeights()
{
    const QString file = m_folder->filePath("weights.safetensors");
    QCOMPARE(cli({"export", "last", "model", "-o", file}).exitCode, 0);
    QFile weights(file);
    QVERIFY(weights.open(QIODevice::ReadOnly));
    const QByteArray bytes = weights.readAll();
    QVERIFY(bytes.size() > 10'000);
    QCOMPARE(bytes[8], '{'); // the header's length, then JSON
    QVERIFY(!bytes.contains("optimizer."));
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
