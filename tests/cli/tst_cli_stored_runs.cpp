// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/cli/trained_runs.h"

#include <QDir>
#include <QFile>

using namespace krater::test;

// Everything that one can ask of saved runs.
class CliStoredRunsTest : public TrainedRunsTest {
    Q_OBJECT

private slots:
    void initTestCase() { trainBoth(); }

    void exportedExperimentRunsElsewhere();
    void exportRefusesWhatItCannotWrite();
    void listShowsBothRuns();
    void showFindsRunsByNumberNameAndLast();
    void compareScoresOnAFixedMixture();
    void compareOverSeeds();
    void compareRefusesUnknownDomains();
    void queryIsReadOnly();
    void showTellsTheLog();
    void queryPrintsOneLineARow();
    void newerStoreIsReadWithAWarning();
    void exportsIntoTheCurrentFolder();
    void exportsCurves();
    void exportsMixtures();
    void exportsWeights();
};

void CliStoredRunsTest::exportedExperimentRunsElsewhere()
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

void CliStoredRunsTest::exportRefusesWhatItCannotWrite()
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

void CliStoredRunsTest::listShowsBothRuns()
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

void CliStoredRunsTest::showFindsRunsByNumberNameAndLast()
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

void CliStoredRunsTest::compareScoresOnAFixedMixture()
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

void CliStoredRunsTest::compareOverSeeds()
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

void CliStoredRunsTest::compareRefusesUnknownDomains()
{
    const CliResult result = cli({"compare", "1", "2", "--on", "summs=1"});
    QCOMPARE(result.exitCode, 2);
    QVERIFY2(result.err.contains("Did you mean 'sums'?"), result.err.constData());
    QCOMPARE(cli({"compare", "1", "2", "--on", "unifrom"}).exitCode, 2);
    QCOMPARE(cli({"compare", "1", "1"}).exitCode, 2);
    QCOMPARE(cli({"compare", "1"}).exitCode, 2);
}

void CliStoredRunsTest::queryIsReadOnly()
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

void CliStoredRunsTest::showTellsTheLog()
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

void CliStoredRunsTest::queryPrintsOneLineARow()
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

void CliStoredRunsTest::newerStoreIsReadWithAWarning()
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

void CliStoredRunsTest::exportsIntoTheCurrentFolder()
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

void CliStoredRunsTest::exportsCurves()
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

void CliStoredRunsTest::exportsMixtures()
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

void CliStoredRunsTest::exportsWeights()
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

QTEST_GUILESS_MAIN(CliStoredRunsTest)
#include "tst_cli_stored_runs.moc"
