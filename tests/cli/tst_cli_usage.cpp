// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/cli/cli_process.h"
#include "tests/support/tiny_corpus.h"

#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>

#include <csignal>

using namespace krater::test;

// How krater-cli answers to what people type: help, mistakes, exit codes, previews.
class CliUsageTest : public QObject {
    Q_OBJECT

private slots:
    void helpAndVersionSucceed_data();
    void helpAndVersionSucceed();
    void mistakesAreBadUsage_data();
    void mistakesAreBadUsage();
    void closedStandardStreamsAreHarmless();
    void emptyStoreHasNoRuns();
    void previewOfTheWorkedExample();
    void previewAsJsonHasFullPrecision();
    void previewTakesParametersAndTokens();
    void previewReplaysInputs();
    void everyBadLineOfAReplayIsNamed();
    void previewSaysWhatItAssumes();
    void previewPrintsReadableNumbers();
    void policiesAreListedAndExplained();
    void badExperimentsAreReportedWithPlaceAndAdvice_data();
    void badExperimentsAreReportedWithPlaceAndAdvice();
    void everyProblemOfAFileIsReported();
    void corpusReportsTheTinyDomains();
    void corpusNamesASourceThatMatchesNothing();
    void listingIsInterrupted();
};

void CliUsageTest::helpAndVersionSucceed_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QString>("expected");
    QTest::newRow("help") << QStringList{"--help"} << "krater-cli train experiments/quickstart.toml";
    QTest::newRow("help as a command") << QStringList{"help"} << "Commands:";
    QTest::newRow("help on a command") << QStringList{"help", "show"} << "krater-cli show last";
    QTest::newRow("version") << QStringList{"--version"} << "krater-cli 0.";
    for (const char *command :
         {"train", "resume", "list", "show", "compare", "export", "generate", "query", "corpus", "policies", "preview"})
        QTest::newRow(command) << QStringList{command, "--help"} << "Examples:";
}

void CliUsageTest::helpAndVersionSucceed()
{
    QFETCH(const QStringList, arguments);
    QFETCH(const QString, expected);
    const CliResult result = runCli(arguments);
    QCOMPARE(result.exitCode, 0);
    QVERIFY2(result.out.contains(expected.toUtf8()), result.out.constData());
    QVERIFY2(!result.out.contains("\n\n\n"), result.out.constData());
    QCOMPARE(result.err, QByteArray());
}

void CliUsageTest::mistakesAreBadUsage_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QString>("expected"); // on standard error
    const QStringList preview{"preview", "gibbs", "--loss", "quotes=0.2"};
    QTest::newRow("nothing") << QStringList{} << "--help";
    QTest::newRow("unknown command") << QStringList{"tran", "x.toml"} << "Did you mean 'train'?";
    QTest::newRow("exchanged letters") << QStringList{"lsit"} << "Did you mean 'list'?";
    QTest::newRow("misspelt option") << QStringList{"list", "--jsno"} << "Did you mean '--json'?";
    QTest::newRow("log of a run") << QStringList{"show", "1", "--log", "some"} << "--log: 'some'";
    QTest::newRow("unknown option") << QStringList{"list", "--jsno"} << "krater-cli list --help";
    QTest::newRow("missing argument") << QStringList{"train"} << "FILE";
    QTest::newRow("option of another command") << QStringList{"--seed", "3", "list"} << "list takes no --seed";
    QTest::newRow("seed that is no number") << QStringList{"train", "x.toml", "--seed", "one"} << "--seed";
    for (const char *seed : {"-1", "99999999999999999999", "9223372036854775808", "1.5", ""})
        QTest::newRow(qPrintable(QStringLiteral("seed %1").arg(seed)))
            << QStringList{"train", "x.toml", "--seed", seed}
            << "--seed: '" + QString(seed) + "' is not a whole number from 0 to";
    QTest::newRow("missing file") << QStringList{"train", "no/such/file.toml"} << "no/such/file.toml";
    QTest::newRow("unknown policy") << QStringList{"preview", "gibs", "--loss", "a=1"} << "Did you mean 'gibbs'?";
    QTest::newRow("policies of unknown") << QStringList{"policies", "unifrm"} << "Did you mean 'uniform'?";
    QTest::newRow("no losses") << QStringList{"preview", "gibbs"} << "--loss";
    QTest::newRow("negative loss") << QStringList{"preview", "gibbs", "--loss", "a=-0.2"} << "negative";
    QTest::newRow("NaN loss") << QStringList{"preview", "gibbs", "--loss", "a=nan"} << "not a finite number";
    QTest::newRow("infinite loss") << QStringList{"preview", "gibbs", "--loss", "a=inf"} << "not a finite number";
    QTest::newRow("loss that is no number")
        << QStringList{"preview", "gibbs", "--loss", "a=low"} << "'low' is not a number";
    QTest::newRow("loss without a value")
        << QStringList{"preview", "gibbs", "--loss", "a"} << "a name, '=' and a number";
    QTest::newRow("the same domain twice")
        << QStringList{"preview", "gibbs", "--loss", "a=1", "--loss", "a=2"} << "has a loss already";
    QTest::newRow("tokens of an unknown domain")
        << preview + QStringList{"--tokens", "quote=10"} << "Did you mean 'quotes'?";
    QTest::newRow("unknown parameter") << preview + QStringList{"--set", "temprature=2"}
                                       << "did you mean \"temperature\"?";
    QTest::newRow("two bad parameters") << preview + QStringList{"--set", "floor=2", "--set", "temprature=2"}
                                        << "floor is 2";
    QTest::newRow("what is no parameter")
        << preview + QStringList{"--set", "policy=uniform"} << "no parameter 'policy'";
    QTest::newRow("name that a file forbids") << QStringList{"preview", "gibbs", "--loss", "a,b=1"} << "name";
    QTest::newRow("name with a control character")
        << QStringList{"preview", "gibbs", "--loss", QString("a\x01=1")} << "control";
    QTest::newRow("parameter out of range") << preview + QStringList{"--set", "temperature=-1"} << "temperature";
    QTest::newRow("prior of an unknown domain") << preview + QStringList{"--set", "prior=quoets=1"} << "quoets";
    const QStringList generate{"generate", "1"};
    QTest::newRow("negative temperature") << generate + QStringList{"--temperature=-1"} << "--temperature: -1";
    QTest::newRow("hot temperature") << generate + QStringList{"--temperature", "1e9"} << "--temperature: 1e9";
    QTest::newRow("NaN temperature") << generate + QStringList{"--temperature", "nan"} << "not a finite number";
    QTest::newRow("no tokens") << generate + QStringList{"--tokens", "0"} << "--tokens";
    QTest::newRow("many tokens") << generate + QStringList{"--tokens", "100001"} << "--tokens";
    QTest::newRow("negative top-k") << generate + QStringList{"--top-k=-1"} << "--top-k";
    QTest::newRow("long prompt") << generate + QStringList{"--prompt", QString(65537, 'a')} << "65537 bytes";
    QTest::newRow("two checkpoints") << generate + QStringList{"--best", "--step", "3"} << "--step";
    QTest::newRow("generate without runs") << generate << "krater-cli train FILE";
    QTest::newRow("show without runs") << QStringList{"show", "last"} << "krater-cli train FILE";
    QTest::newRow("folder as store") << QStringList{"list", "--store", "/"} << "/ is not a file";
    QTest::newRow("text as store") << QStringList{"list", "--store", KRATER_TEST_DATA "/tiny/tiny.toml"}
                                   << "is not a Krater store";
    QTest::newRow("training into a text")
        << QStringList{"train", KRATER_TEST_DATA "/tiny/tiny.toml", "--store", KRATER_TEST_DATA "/tiny/tiny.toml"}
        << "is not a Krater store";
    QTest::newRow("named store is missing") << QStringList{"list", "--store", "no/such.krater"} << "no/such.krater";
}

void CliUsageTest::mistakesAreBadUsage()
{
    QFETCH(const QStringList, arguments);
    QFETCH(const QString, expected);
    const CliResult result = runCli(arguments);
    QVERIFY2(result.exitCode == 2, result.err.constData());
    QVERIFY2(result.err.contains(expected.toUtf8()), result.err.constData());
    QCOMPARE(result.out, QByteArray());
}

void CliUsageTest::closedStandardStreamsAreHarmless()
{
    const QTemporaryDir folder;
    const QString file = QString::fromStdString(writeTinyExperiment(folder.path().toStdString()));
    QProcess shell;
    shell.start("sh", {"-c", "exec \"$0\" corpus \"$1\" <&- >&- 2>&-", cliProgram(), file});
    QVERIFY(shell.waitForFinished());
    QCOMPARE(shell.exitStatus(), QProcess::NormalExit);
    QCOMPARE(shell.exitCode(), 0);
}

void CliUsageTest::emptyStoreHasNoRuns()
{
    const QTemporaryDir folder;
    const QString store = folder.filePath("empty.krater");
    QVERIFY(QFile(store).open(QIODevice::WriteOnly));
    const CliResult list = runCli({"list", "--json", "--store", store});
    QCOMPARE(list.exitCode, 0);
    QCOMPARE(list.out, QByteArray("[]\n"));
    QCOMPARE(runCli({"show", "last", "--store", store}).exitCode, 2);
}

void CliUsageTest::previewOfTheWorkedExample()
{
    const CliResult result = runCli({"preview", "gibbs", "--loss", "a=0.2", "--loss", "b=0.8"});
    QCOMPARE(result.exitCode, 0);
    QVERIFY2(result.out.contains("0.6457"), result.out.constData());
    QVERIFY2(result.out.contains("0.3543"), result.out.constData());
    QVERIFY2(result.out.contains("log weight"), result.out.constData());
}

void CliUsageTest::previewAsJsonHasFullPrecision()
{
    const QJsonObject preview = runCli({"preview", "gibbs", "--loss", "a=0.2", "--loss", "b=0.8", "--json"}).object();
    const double expected = std::exp(-0.2) / (std::exp(-0.2) + std::exp(-0.8));
    QVERIFY(std::abs(preview["mixture"]["a"].toDouble() - expected) < 1e-15);
    QCOMPARE(preview["initial"]["a"].toDouble(), 0.5);
    QCOMPARE(preview["terms"]["H"]["b"].toDouble(), 0.8);
}

void CliUsageTest::previewTakesParametersAndTokens()
{
    const QStringList losses{"preview", "gibbs", "--json", "--loss", "a=0.2", "--loss", "b=0.8"};
    const auto shareOfA = [&losses](const QStringList &more) {
        return runCli(losses + more).object()["mixture"]["a"].toDouble();
    };
    const double low = std::exp(-0.4), high = std::exp(-1.6);
    QVERIFY(std::abs(shareOfA({"--set", "temperature=0.5"}) - low / (low + high)) < 1e-12);
    const double natural = 0.1 * std::exp(-0.2), other = 0.9 * std::exp(-0.8);
    QVERIFY(std::abs(shareOfA({"--set", "prior=natural", "--tokens", "a=1000", "--tokens", "b=9000"})
                     - natural / (natural + other))
            < 1e-12);
    for (const char *prior :
         {"mixture.prior=a=1,b=9", "prior=a=1,b=9", "prior={a = 1, b = 9}", "mixture.prior={ a = 1, b = 9 }"})
        QVERIFY(std::abs(shareOfA({"--set", prior}) - natural / (natural + other)) < 1e-12);
    QVERIFY(std::abs(shareOfA({"--set", "signal=held_out"}) - 0.6456563) < 1e-6);
}

void CliUsageTest::previewSaysWhatItAssumes()
{
    const QStringList losses{"--loss", "a=0.2", "--loss", "b=0.8"};
    QVERIFY(runCli(QStringList{"preview", "natural"} + losses).err.contains("--tokens"));
    QVERIFY(runCli(QStringList{"preview", "gibbs", "--set", "prior=natural"} + losses).err.contains("--tokens"));
    QCOMPARE(runCli(QStringList{"preview", "gibbs"} + losses).err, QByteArray());
    QCOMPARE(runCli(QStringList{"preview", "natural", "--quiet"} + losses).err, QByteArray());
    QVERIFY(runCli(QStringList{"preview", "manual", "--set", "weights=a=1,b=3"} + losses).out.contains("0.7500"));
}

void CliUsageTest::previewPrintsReadableNumbers()
{
    const CliResult result = runCli({"preview", "gibbs", "--loss", "a=-0", "--loss", "b=1e308"});
    QCOMPARE(result.exitCode, 0);
    QVERIFY2(!result.out.contains("-0.0000"), result.out.constData());
    for (const QByteArray &line : result.out.split('\n'))
        QVERIFY2(line.size() <= 100, line.constData());
}

void CliUsageTest::previewReplaysInputs()
{
    QTemporaryDir folder;
    QFile file(folder.filePath(QStringLiteral("inputs.jsonl")));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("{\"step\": 1, \"losses\": {\"a\": 1.0, \"b\": 2.0}, \"tokens\": {\"a\": 100, \"b\": 300}}\n\n"
               "{\"step\": 4, \"losses\": {\"a\": null, \"b\": 1.0}, \"reference_losses\": {\"b\": 0.5}}\n");
    file.close();
    const CliResult result = runCli({"preview", "gibbs", "--input", file.fileName(), "--json"});
    QVERIFY2(result.exitCode == 0, result.err.constData());
    const QList<QByteArray> lines = result.out.trimmed().split('\n');
    QCOMPARE(lines.size(), 2);
    const QJsonObject last = QJsonDocument::fromJson(lines[1]).object();
    QCOMPARE(last["step"].toInt(), 4);
    QCOMPARE(last["line"].toInt(), 3);
    QCOMPARE(last["mixture"]["a"].toDouble(), 0.5); // a kept its loss of 1
    QCOMPARE(last["terms"]["H"]["b"].toDouble(), 1.0);

    const CliResult text = runCli({"preview", "sheared_llama", "--input", file.fileName(), "--set", "targets=a=1,b=1"});
    QVERIFY2(text.exitCode == 0 && text.out.contains("Step 4") && text.out.contains("excess loss"), text.err.constData());
    const CliResult unspent = runCli({"preview", "unimax", "--input", file.fileName(), "--budget", "1e6"});
    QVERIFY2(unspent.err.contains("unspent"), unspent.err.constData());
    const CliResult noTargets = runCli({"preview", "sheared_llama", "--input", file.fileName()});
    QCOMPARE(noTargets.exitCode, 2);
    QVERIFY2(noTargets.err.contains(":1: ") && noTargets.err.contains("no target loss for domain"), noTargets.err.constData());
}

void CliUsageTest::everyBadLineOfAReplayIsNamed()
{
    QTemporaryDir folder;
    QFile file(folder.filePath(QStringLiteral("bad.jsonl")));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("{\"step\": 1, \"losses\": {\"a\": 1.0}}\n"
               "nonsense\n"
               "{\"step\": 2, \"losses\": {\"b\": 1.0}}\n"
               "{\"step\": 1, \"losses\": {\"a\": 1.0}}\n"
               "{\"step\": 2.5, \"losses\": {\"a\": 1.0}}\n"
               "{\"step\": 3, \"losses\": {\"a\": -1.0}}\n"
               "{\"step\": 3, \"loss\": {\"a\": 1.0}}\n"
               "[]\n"
               "{\"step\": 3}\n");
    file.close();
    const CliResult result = runCli({"preview", "gibbs", "--input", file.fileName()});
    QCOMPARE(result.exitCode, 2);
    QCOMPARE(result.out, QByteArray());
    for (const char *problem : {":2: it is not JSON", ":3: losses names the domain \"b\"", ":4: step 1 does not come after", ":5: the step 2.5",
                                ":6: losses of \"a\" is -1.0", ":7: unknown key \"loss\"", ":8: it is not a JSON object", ":9: it has no losses"})
        QVERIFY2(result.err.contains(problem), result.err.constData());
    QCOMPARE(runCli({"preview", "gibbs", "--input", folder.filePath(QStringLiteral("none.jsonl"))}).out, QByteArray());
}

void CliUsageTest::policiesAreListedAndExplained()
{
    const CliResult all = runCli({"policies", "--json"});
    QCOMPARE(all.exitCode, 0);
    QStringList names;
    for (const QJsonValue &policy : all.array())
        names.append(policy["name"].toString());
    for (const char *name : {"uniform", "natural", "temperature", "manual", "gibbs"})
        QVERIFY2(names.contains(QLatin1String(name)), name);
    const CliResult one = runCli({"policies", "gibbs"});
    QCOMPARE(one.exitCode, 0);
    for (const char *parameter : {"temperature", "prior", "floor", "smoothing", "interval", "signal", "direction"})
        QVERIFY2(one.out.contains(parameter), parameter);
}

void CliUsageTest::badExperimentsAreReportedWithPlaceAndAdvice_data()
{
    QTest::addColumn<QString>("file");
    const QDir folder(QStringLiteral(KRATER_TEST_DATA "/bad_experiments"));
    const QStringList files = folder.entryList({QStringLiteral("*.toml")}, QDir::Files);
    for (const QString &file : files)
        QTest::newRow(qPrintable(file)) << folder.filePath(file);
    QVERIFY2(files.size() >= 20, "there are 20 bad experiment files");
}

void CliUsageTest::badExperimentsAreReportedWithPlaceAndAdvice()
{
    QFETCH(const QString, file);
    const CliResult result = runCli({"train", file});
    QVERIFY2(result.exitCode == 2, result.err.constData());
    QCOMPARE(result.out, QByteArray());
    // file:line:column: error: message (advice)
    const QRegularExpression place(QRegularExpression::escape(file)
                                   + QStringLiteral(":\\d+(:\\d+)?: error: .+ \\(.+\\)"));
    QVERIFY2(place.match(QString::fromUtf8(result.err)).hasMatch(), result.err.constData());
}

void CliUsageTest::everyProblemOfAFileIsReported()
{
    const QTemporaryDir folder;
    const auto file = writeTinyExperiment(folder.path().toStdString(), "\n[expriment]\nname = 1\n");
    const CliResult result =
        runCli({"train", QString::fromStdString(file), "--set", "training.token_budget=0", "--set", "model.heads=3"});
    QCOMPARE(result.exitCode, 2);
    QVERIFY2(result.err.contains("experiment"), result.err.constData());
    QVERIFY2(result.err.contains("token_budget"), result.err.constData());
    QVERIFY2(result.err.contains("heads"), result.err.constData());
}

void CliUsageTest::corpusReportsTheTinyDomains()
{
    const QTemporaryDir folder;
    const QString file = QString::fromStdString(writeTinyExperiment(folder.path().toStdString()));
    const CliResult result = runCli({"corpus", file, "--json"});
    QCOMPARE(result.exitCode, 0);
    const QJsonArray domains = result.object()["domains"].toArray();
    QCOMPARE(domains.size(), 3);
    QCOMPARE(domains[0]["name"].toString(), QStringLiteral("sums"));
    QVERIFY(domains[0]["tokens"].toDouble() > domains[2]["tokens"].toDouble());
    QVERIFY(domains[0]["held_out_tokens"].toDouble() > 0);
    const CliResult text = runCli({"corpus", file});
    QCOMPARE(text.exitCode, 0);
    QVERIFY2(text.out.contains("brackets"), text.out.constData());
}

void CliUsageTest::corpusNamesASourceThatMatchesNothing()
{
    const QTemporaryDir folder;
    const auto file = writeTinyExperiment(folder.path().toStdString(),
                                          "\n[[domain]]\nname = \"gone\"\nsources = [\"nothing/*.txt\"]\n");
    const CliResult result = runCli({"corpus", QString::fromStdString(file)});
    QCOMPARE(result.exitCode, 2);
    QVERIFY2(result.err.contains("gone"), result.err.constData());
    QVERIFY2(result.err.contains("nothing/*.txt"), result.err.constData());
}

void CliUsageTest::listingIsInterrupted()
{
    // Many walks through many folders, of which no progress is told.
    const QTemporaryDir folder;
    for (int i = 0; i < 1'500; ++i)
        QVERIFY(QDir(folder.path()).mkpath(QStringLiteral("folders/%1").arg(i)));
    QByteArray sources;
    for (int i = 0; i < 1'000; ++i)
        sources += "\"folders/**/none" + QByteArray::number(i) + "/x\", ";
    QFile file(folder.filePath("many.toml"));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("[[domain]]\nname = \"a\"\nsources = [" + sources + "]\n");
    file.close();

    QProcess process;
    process.setReadChannel(QProcess::StandardError);
    process.start(cliProgram(), {"corpus", file.fileName()}, QIODevice::ReadOnly);
    QVERIFY(process.waitForReadyRead(20'000));
    QVERIFY2(process.readLine().contains("Listing"), "the first thing that it does");
    QCOMPARE(::kill(static_cast<pid_t>(process.processId()), SIGINT), 0);
    QElapsedTimer timer;
    timer.start();
    QVERIFY(process.waitForFinished(60'000));
    QCOMPARE(process.exitCode(), 130);
    QVERIFY2(timer.elapsed() < 1'500, qPrintable(QString::number(timer.elapsed())));
}

QTEST_GUILESS_MAIN(CliUsageTest)
#include "tst_cli_usage.moc"
