// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/cli/cli_process.h"
#include "tests/support/tiny_corpus.h"

#include <QTemporaryDir>
#include <QTest>

#include <memory>

using namespace krater::test;

namespace {

constexpr const char *kStages = R"(
[[stage]]
role = "main"

[[stage]]
role = "fine_tune"
weights.from = "main"
training.learning_rate = 1e-3
mixture = { policy = "manual", weights = { verses = 1 } }

[[stage]]
role = "prompt_tune"
weights.from = "main"
training = { learning_rate = 3e-2, prompt_vectors = 4, sample = { tokens = 5, prompt = "The", temperature = 0 } }
mixture = { policy = "manual", weights = { verses = 1 } }
)";

} // namespace

// What a trained model learns of one domain afterwards, by all its weights or by a prompt only, with the real engine.
class CliTuningTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase();

    void bothBeginWithTheModelAndLearnTheDomain();
    void thePromptIsPartOfTheModel();
    void samplesAreInTheLog();
    void killAndResumeEqualsAnUndisturbedRun();
    void promptVectorsNeedAStage();

private:
    QStringList train(const QString &store) const;
    double heldOut(int run, const char *which) const; // of the verses
    QByteArray points(const QString &store) const;    // of the last run, but for the clock

    std::unique_ptr<QTemporaryDir> m_folder;
    QString m_experiment;
    QString m_store;
};

QStringList CliTuningTest::train(const QString &store) const
{
    return {"train", m_experiment, "--store", store, "--set", "training.token_budget=20480", "--set", "training.checkpoint_interval=30", "--set", "training.eval_interval=20"};
}

double CliTuningTest::heldOut(int run, const char *which) const
{
    return runCli({"query", "--json", "--store", m_store,
                   QStringLiteral("select %1 as loss from summaries where run = %2 and metric = 'loss.held_out' and domain = 'verses'").arg(which).arg(run)})
        .array()
        .first()
        .toObject()["loss"]
        .toDouble();
}

QByteArray CliTuningTest::points(const QString &store) const
{
    return runCli({"query", "--json", "--store", store,
                   "select metric, domain, step, tokens, value from points where run = 3 and metric <> 'tokens_per_second' order by metric, domain, step"})
        .out;
}

void CliTuningTest::initTestCase()
{
    m_folder = std::make_unique<QTemporaryDir>();
    m_experiment = QString::fromStdString(writeTinyExperiment(m_folder->path().toStdString(), kStages));
    m_store = m_folder->filePath("runs.krater");
    const CliResult result = runCli(train(m_store));
    QVERIFY2(result.exitCode == 0, result.err.constData());
    QVERIFY2(result.out.contains("prompt_tune"), result.out.constData());
}

void CliTuningTest::bothBeginWithTheModelAndLearnTheDomain()
{
    const double before = heldOut(1, "last");
    QCOMPARE(heldOut(2, "first"), before);
    QVERIFY(qAbs(heldOut(3, "first") - before) < 0.2); // the same weights behind a prompt that knows nothing
    QVERIFY(heldOut(2, "last") < before);
    QVERIFY2(heldOut(3, "last") < heldOut(3, "first"), qPrintable(QStringLiteral("%1, %2").arg(heldOut(3, "first")).arg(heldOut(3, "last"))));
    QCOMPARE(runCli({"show", "3", "--json", "--store", m_store}).object()["role"].toString(), QStringLiteral("prompt_tune"));
}

void CliTuningTest::thePromptIsPartOfTheModel()
{
    const auto text = [this](int run) {
        const CliResult result = runCli({"generate", QString::number(run), "--prompt", "The", "--tokens", "60", "--seed", "4", "--store", m_store});
        return result.exitCode == 0 ? result.out : QByteArray();
    };
    QVERIFY(!text(3).isEmpty());
    QVERIFY(text(3) != text(1));
    QCOMPARE(text(3), text(3));
}

void CliTuningTest::samplesAreInTheLog()
{
    const QJsonArray events = runCli({"query", "--json", "--store", m_store, "select run, step, text from events where kind = 'sample' order by sequence"}).array();
    QCOMPARE(events.size(), 5); // steps 0, 20, ... 80 of the stage that asks for them
    for (int i = 0; i < events.size(); ++i) {
        QCOMPARE(events[i].toObject()["run"].toInt(), 3);
        QCOMPARE(events[i].toObject()["step"].toInt(), 20 * i);
        QVERIFY(events[i].toObject()["text"].toString().startsWith("Sample after \"The\": "));
    }
    QVERIFY(runCli({"show", "3", "--store", m_store}).out.contains("Sample after \"The\": "));
    // The last one was written by the prompt that the checkpoint has.
    const QString text = runCli({"generate", "3", "--prompt", "The", "--tokens", "5", "--temperature", "0", "--json", "--store", m_store}).object()["text"].toString();
    QVERIFY(!text.isEmpty());
    QCOMPARE(events.last().toObject()["text"].toString(), QStringLiteral("Sample after \"The\": ") + text);
}

void CliTuningTest::killAndResumeEqualsAnUndisturbedRun()
{
    const QString store = m_folder->filePath("killed.krater");
    int run = 0;
    runCliStreaming(train(store), [&run](const QJsonObject &line, QProcess &) {
        if (line["event"] == QStringLiteral("run_started"))
            run = line["run"].toInt();
        return run == 3 && line["event"] == QStringLiteral("step") && line["step"].toInt() == 47 ? Deed::Kill : Deed::Nothing;
    });
    QVERIFY(points(store) != points(m_store));
    const CliResult resumed = runCli({"resume", "3", "--store", store});
    QVERIFY2(resumed.exitCode == 0, resumed.err.constData());
    QVERIFY(points(store).size() > 10'000);
    QCOMPARE(points(store), points(m_store));
}

void CliTuningTest::promptVectorsNeedAStage()
{
    QTemporaryDir folder;
    const QString experiment = QString::fromStdString(writeTinyExperiment(folder.path().toStdString()));
    const CliResult result = runCli({"train", experiment, "--store", folder.filePath("runs.krater"), "--set", "training.prompt_vectors=4"});
    QCOMPARE(result.exitCode, 2);
    QVERIFY2(result.err.contains("freezes the model's weights, and this experiment trains none before"), result.err.constData());
    QVERIFY2(result.err.contains("role = \"prompt_tune\""), result.err.constData());
}

QTEST_GUILESS_MAIN(CliTuningTest)
#include "tst_cli_tuning.moc"
