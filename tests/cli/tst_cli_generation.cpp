// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/cli/cli_process.h"
#include "tests/support/tiny_corpus.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <csignal>
#include <memory>

using namespace krater::test;

namespace {

bool hasLoadedTheEngine(const QProcess &process)
{
    QFile maps(QStringLiteral("/proc/%1/maps").arg(process.processId()));
    return maps.open(QIODevice::ReadOnly) && maps.readAll().contains("libkrater_nn.so");
}

} // namespace

// Text from real models of the real engine. Run 1 has learned the verses, run 2 nothing, run 3 has a tokenizer trained on its text.
class CliGenerationTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase();

    void saysWhatItHasLearned();
    void jsonTellsHowItCameAbout();
    void repeatsUnlessTheSeedIsAnother();
    void beginsADocumentWithoutAPrompt();
    void takesTheCheckpointThatIsAskedFor();
    void needsNoTextForBytes();
    void findsATrainedTokenizer();
    void saysThatThePromptIsTooLong();
    void interruptionEndsIt();
    void closedPipeEndsIt();
    void damagedCheckpointsAreTold();

private:
    CliResult generate(int run, QStringList arguments) const
    {
        return runCli(QStringList{"generate", QString::number(run)} + arguments + QStringList{"--store", m_store});
    }
    QList<int> steps(int run) const; // of its checkpoints
    void train(const QStringList &settings) const;

    std::unique_ptr<QTemporaryDir> m_folder;
    QString m_experiment;
    QString m_store;
};

QList<int> CliGenerationTest::steps(int run) const
{
    QList<int> found;
    for (const QJsonValue &checkpoint :
         runCli({"show", QString::number(run), "--json", "--store", m_store}).object()["checkpoints"].toArray())
        found.append(checkpoint["step"].toInt());
    return found;
}

void CliGenerationTest::train(const QStringList &settings) const
{
    QStringList arguments{"train", m_experiment, "--quiet", "--store", m_store};
    for (const QString &setting : settings)
        arguments << "--set" << setting;
    const CliResult result = runCli(arguments);
    QVERIFY2(result.exitCode == 0, result.err.constData());
}

void CliGenerationTest::initTestCase()
{
    m_folder = std::make_unique<QTemporaryDir>();
    m_experiment = QString::fromStdString(writeTinyExperiment(m_folder->path().toStdString()));
    m_store = m_folder->filePath("runs.krater");
    train({"training.token_budget=200000", "training.learning_rate=1e-2", "model.width=32", "mixture.policy=uniform",
           "training.checkpoint_interval=300", "training.eval_interval=100", "training.threads=1"});
    train({"training.token_budget=256"});
    train({"training.token_budget=2000", "tokenizer.kind=sentencepiece", "tokenizer.vocabulary=300"});
}

void CliGenerationTest::saysWhatItHasLearned()
{
    const CliResult result = generate(1, {"--prompt", "by the river,\nand nobody", "--temperature", "0"});
    QVERIFY2(result.exitCode == 0, result.err.constData());
    QCOMPARE(result.out, QByteArray(" knows the way.\n"));
    QCOMPARE(result.err, QByteArray());
}

void CliGenerationTest::jsonTellsHowItCameAbout()
{
    const CliResult result =
        generate(1, {"--prompt", "and nobody", "--tokens", "5", "--top-k", "1", "--seed", "3", "--json"});
    const QJsonObject document = result.object();
    QVERIFY2(result.exitCode == 0 && !document.isEmpty(), result.out.constData());
    QCOMPARE(document["run"].toInt(), 1);
    QCOMPARE(document["name"].toString(), QStringLiteral("tiny"));
    QCOMPARE(document["step"].toInt(), 782);
    QCOMPARE(document["prompt"].toString(), QStringLiteral("and nobody"));
    QCOMPARE(document["text"].toString(), QStringLiteral(" know"));
    QCOMPARE(document["prompt_tokens"].toInt(), 10);
    QCOMPARE(document["tokens"].toInt(), 5);
    QCOMPARE(document["end"].toString(), QStringLiteral("length"));
    QCOMPARE(document["temperature"].toDouble(), 0.8);
    QCOMPARE(document["top_k"].toInt(), 1);
    QCOMPARE(document["seed"].toInt(), 3);
    QCOMPARE(document["device"].toString(), QStringLiteral("CPU, 1 thread"));
    QCOMPARE(generate(1, {"--prompt", "and nobody knows the way.\n", "--temperature", "0", "--json"})
                 .object()["end"]
                 .toString(),
             QStringLiteral("document"));
}

void CliGenerationTest::repeatsUnlessTheSeedIsAnother()
{
    const QStringList arguments{"--tokens", "60", "--temperature", "1.5"};
    const QByteArray first = generate(2, arguments).out;
    QVERIFY(first.size() > 20);
    QCOMPARE(generate(2, arguments).out, first);
    QCOMPARE(generate(2, arguments + QStringList{"--seed", "0"}).out, first);
    QVERIFY(generate(2, arguments + QStringList{"--seed", "1"}).out != first);
    QCOMPARE(runCli(QStringList{"--seed", "1", "generate", "2", "--store", m_store} + arguments).out,
             generate(2, arguments + QStringList{"--seed", "1"}).out);
}

void CliGenerationTest::beginsADocumentWithoutAPrompt()
{
    const QJsonObject document = generate(1, {"--temperature", "0", "--json"}).object();
    QCOMPARE(document["prompt_tokens"].toInt(), 0);
    QVERIFY(document["tokens"].toInt() > 3);
}

void CliGenerationTest::takesTheCheckpointThatIsAskedFor()
{
    const QList<int> kept = steps(1);
    QVERIFY(kept.size() > 1);
    const QString oldest = QString::number(kept.first());
    QCOMPARE(generate(1, {"--json", "--tokens", "1", "--step", oldest}).object()["step"].toInt(), kept.first());
    QVERIFY(generate(1, {"--json", "--tokens", "1", "--best"}).object()["step"].toInt() > 0);
    const CliResult missing = generate(1, {"--step", "7"});
    QCOMPARE(missing.exitCode, 1);
    QVERIFY2(missing.err.contains("no checkpoint of step 7") && missing.err.contains(oldest.toUtf8()),
             missing.err.constData());
    QCOMPARE(missing.out, QByteArray());
    QCOMPARE(generate(99, {}).exitCode, 2);
    const CliResult device = generate(1, {"--device", "cuda:7"});
    QCOMPARE(device.exitCode, 2);
    QVERIFY2(device.err.contains("cuda:7"), device.err.constData());
}

void CliGenerationTest::needsNoTextForBytes()
{
    const QByteArray before = generate(1, {"--tokens", "20"}).out;
    const QString verses = m_folder->filePath("verses.txt");
    QVERIFY(QFile::rename(verses, verses + ".away"));
    const CliResult without = generate(1, {"--tokens", "20"});
    QVERIFY(QFile::rename(verses + ".away", verses));
    QCOMPARE(without.exitCode, 0);
    QCOMPARE(without.out, before);
}

void CliGenerationTest::findsATrainedTokenizer()
{
    const QStringList arguments{"--tokens", "30", "--prompt", "The gate", "--json"};
    const CliResult result = generate(3, arguments);
    QVERIFY2(result.exitCode == 0, result.err.constData());
    QVERIFY(result.object()["prompt_tokens"].toInt() < 8); // pieces, not bytes
    const QString verses = m_folder->filePath("verses.txt");
    QVERIFY(QFile::rename(verses, verses + ".away"));
    QCOMPARE(generate(3, arguments).exitCode, 2);
    QVERIFY(QFile::copy(verses + ".away", verses));
    QFile file(verses);
    QVERIFY(file.open(QIODevice::Append));
    file.write("%\nAnother verse about another gate.\n");
    file.close();
    const CliResult changed = generate(3, arguments);
    QCOMPARE(changed.exitCode, 1);
    QVERIFY2(changed.err.contains("has changed"), changed.err.constData());
    QVERIFY(QFile::remove(verses) && QFile::rename(verses + ".away", verses));
    QCOMPARE(generate(3, arguments).out, result.out);
}

void CliGenerationTest::saysThatThePromptIsTooLong()
{
    const QStringList arguments{"--tokens", "2", "--prompt", QString(40, 'a')};
    const CliResult result = generate(1, arguments);
    QCOMPARE(result.exitCode, 0);
    QVERIFY2(result.err.contains("40 tokens the model saw the last 32"), result.err.constData());
    QCOMPARE(generate(1, arguments + QStringList{"--quiet"}).err, QByteArray());
}

// A model that has learned nothing says one token for ever.
void CliGenerationTest::interruptionEndsIt()
{
    for (const bool json : {false, true}) {
        QProcess process;
        QStringList arguments{"generate", "2", "--tokens", "100000", "--temperature", "0", "--store", m_store};
        process.start(cliProgram(), json ? arguments << "--json" : arguments, QIODevice::ReadOnly);
        if (json) // there is nothing to see before the end, but signals are watched before the engine is loaded
            QTRY_VERIFY_WITH_TIMEOUT(hasLoadedTheEngine(process), 60'000);
        else
            QVERIFY(process.waitForReadyRead(60'000));
        ::kill(static_cast<pid_t>(process.processId()), SIGINT);
        QVERIFY(process.waitForFinished(60'000));
        QCOMPARE(process.exitStatus(), QProcess::NormalExit);
        QCOMPARE(process.exitCode(), 130);
        const QByteArray out = process.readAllStandardOutput();
        if (!json)
            QVERIFY(out.size() > 1 && out.endsWith('\n'));
        else
            QVERIFY2(out.contains("\"end\": \"interrupted\"")
                         || process.readAllStandardError().startsWith("Interrupted before"),
                     out.constData());
    }
}

void CliGenerationTest::closedPipeEndsIt()
{
    QProcess shell;
    shell.start(
        "sh",
        {"-c", "\"$0\" generate 2 --tokens 100000 --temperature 0 --store \"$1\" | head -c 3", cliProgram(), m_store});
    QVERIFY(shell.waitForFinished(60'000));
    QCOMPARE(shell.readAllStandardOutput().size(), 3);
    QCOMPARE(shell.readAllStandardError(), QByteArray());
}

void CliGenerationTest::damagedCheckpointsAreTold()
{
    const QString newest = m_store + ".checkpoints/1/step-782.safetensors";
    QVERIFY(QFile::rename(newest, newest + ".away"));
    const CliResult earlier = generate(1, {"--tokens", "1", "--json"});
    QVERIFY(QFile::rename(newest + ".away", newest));
    QCOMPARE(earlier.exitCode, 0);
    const QList<int> kept = steps(1);
    QCOMPARE(earlier.object()["step"].toInt(), kept[kept.size() - 2]);
    QVERIFY2(earlier.err.contains("is gone"), earlier.err.constData());
    const QString folder = m_store + ".checkpoints/2";
    QVERIFY(QDir().rename(folder, folder + ".away"));
    const CliResult none = generate(2, {});
    QVERIFY(QDir().rename(folder + ".away", folder));
    QCOMPARE(none.exitCode, 1);
    QVERIFY2(none.err.contains("No checkpoint of run 2 can be read"), none.err.constData());
}

QTEST_GUILESS_MAIN(CliGenerationTest)
#include "tst_cli_generation.moc"
