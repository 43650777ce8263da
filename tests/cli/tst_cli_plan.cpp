// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/cli/cli_process.h"
#include "tests/support/tiny_corpus.h"

#include <QDir>
#include <QFile>
#include <QRandomGenerator>
#include <QTemporaryDir>
#include <QTest>

#include <sqlite3.h>

#include <memory>

using namespace krater::test;

namespace {

constexpr int kNumSteps = 80; // of each stage

constexpr const char *kStages = R"(
[[stage]]
name = "find"
role = "proxy"

[[stage]]
role = "main"
mixture.from = "find"

[[stage]]
name = "verses only"
role = "fine_tune"
weights.from = "main"
training.learning_rate = 1e-4
mixture = { policy = "manual", weights = { verses = 1 } }
)";

// All that a store has of its runs, but for what is a matter of the clock: every point, and what they were made from.
QByteArray content(const QString &store)
{
    const auto rows = [&store](const char *sql) { return runCli({"query", "--json", "--store", store, sql}).out; };
    return rows("select run, metric, domain, step, tokens, value from points where metric <> 'tokens_per_second'"
                " order by run, metric, domain, step")
        + rows("select r.id, name, role, parent, plan, stage, stage_name, state, policy, seed, toml from runs r"
               " join experiments e on e.run = r.id order by r.id")
        + rows("select * from plans");
}

// The store as a program left it that was killed between the second and the third stage.
bool forgetThirdStage(const QString &store)
{
    sqlite3 *database = nullptr;
    const bool done = sqlite3_open_v2(store.toUtf8().constData(), &database, SQLITE_OPEN_READWRITE, nullptr) == SQLITE_OK
        && sqlite3_exec(database,
                        "PRAGMA foreign_keys = ON; DELETE FROM runs WHERE id = 3;"
                        "UPDATE sqlite_sequence SET seq = 2 WHERE name = 'runs'",
                        nullptr, nullptr, nullptr)
            == SQLITE_OK;
    sqlite3_close(database);
    return done;
}

// Where in a plan something is to happen.
struct Moment {
    int run = 0;
    int step = 0; // 0: when the run has finished
};

// Follows the lines of a plan and says when the moment is there.
class Watch {
public:
    explicit Watch(Moment moment) : m_moment(moment) { }

    bool isNow(const QJsonObject &line)
    {
        if (line["event"] == QStringLiteral("run_started"))
            m_run = line["run"].toInt();
        const QString awaited = m_moment.step == 0 ? QStringLiteral("finished") : QStringLiteral("step");
        return m_run == m_moment.run && line["event"] == awaited
            && (m_moment.step == 0 || line["step"].toInt() == m_moment.step);
    }

private:
    Moment m_moment;
    int m_run = 0;
};

QList<QJsonObject> linesOf(const CliResult &result, const QString &event)
{
    QList<QJsonObject> lines = result.lines();
    lines.removeIf([&](const QJsonObject &line) { return line["event"] != event; });
    return lines;
}

} // namespace

// A plan with the real engine: whatever happens to it, once it is resumed its runs are those of an undisturbed one.
class CliPlanTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase();

    void trainsAllStages();
    void takesMixtureAndWeights();
    void isShown();
    void aPersonIsToldTheStage();
    void stopAndResumeEqualsAnUndisturbedPlan_data();
    void stopAndResumeEqualsAnUndisturbedPlan();
    void killAndResumeEqualsAnUndisturbedPlan_data();
    void killAndResumeEqualsAnUndisturbedPlan();
    void aStageStartsAgainFromItsWeights();
    void anyRunOfThePlanNamesIt();
    void aProxyComparesWithItsReference();
    void aStageThatFailsEndsThePlan();
    void whatCannotBeResumedIsRefused();
    void mistakesInStagesAreNamed();

private:
    QStringList train(const QString &store) const;
    CliResult disturb(const QString &store, Moment moment, Deed deed) const;

    std::unique_ptr<QTemporaryDir> m_folder;
    QString m_experiment;
    QString m_store;
    CliResult m_result; // of the undisturbed plan
    QByteArray m_undisturbed;
};

QStringList CliPlanTest::train(const QString &store) const
{
    return {"train",   m_experiment,
            "--store", store,
            "--set",   QStringLiteral("training.token_budget=%1").arg(kNumSteps * 256),
            "--set",   "training.checkpoint_interval=30",
            "--set",   "training.eval_interval=20"};
}

CliResult CliPlanTest::disturb(const QString &store, Moment moment, Deed deed) const
{
    Watch watch(moment);
    return runCliStreaming(train(store), [&](const QJsonObject &line, QProcess &) {
        return watch.isNow(line) ? deed : Deed::Nothing;
    });
}

void CliPlanTest::initTestCase()
{
    m_folder = std::make_unique<QTemporaryDir>();
    m_experiment = QString::fromStdString(writeTinyExperiment(m_folder->path().toStdString(), kStages));
    m_store = m_folder->filePath("undisturbed.krater");
    m_result = runCli(train(m_store) << "--json");
    QVERIFY2(m_result.exitCode == 0, m_result.err.constData());
    m_undisturbed = content(m_store);
    QVERIFY(m_undisturbed.size() > 100'000);
}

void CliPlanTest::trainsAllStages()
{
    const QList<QJsonObject> started = linesOf(m_result, "run_started");
    QCOMPARE(started.size(), 3);
    QCOMPARE(started[0]["name"].toString(), QStringLiteral("tiny: find"));
    QCOMPARE(started[1]["role"].toString(), QStringLiteral("main"));
    for (int i = 0; i < 3; ++i) {
        QCOMPARE(started[i]["plan"].toInt(), 1);
        QCOMPARE(started[i]["stage"].toInt(), i + 1);
        QCOMPARE(started[i]["num_stages"].toInt(), 3);
    }
    QCOMPARE(started[2]["stage_name"].toString(), QStringLiteral("verses only"));
    QCOMPARE(linesOf(m_result, "finished").size(), 3);
    const QJsonObject last = m_result.lines().last();
    QCOMPARE(last["event"].toString(), QStringLiteral("plan_finished"));
    QCOMPARE(last["exit_code"].toInt(), 0);
    QVERIFY(!last.contains("resume"));
    const QJsonArray stages = last["stages"].toArray();
    QCOMPARE(stages.size(), 3);
    QCOMPARE(stages[1].toObject()["parent"].toInt(), 1);
    QCOMPARE(stages[2].toObject()["parent"].toInt(), 2);
    QVERIFY(stages[2].toObject()["loss.held_out"].toObject()["uniform"].toDouble() > 0);
}

void CliPlanTest::takesMixtureAndWeights()
{
    const QJsonObject proxy = runCli({"show", "1", "--json", "--store", m_store}).object();
    const QJsonObject main = runCli({"show", "2", "--json", "--store", m_store}).object();
    for (int domain = 0; domain < 3; ++domain) {
        const double average = proxy["domains"][domain]["mixture.target"]["mean"].toDouble();
        QVERIFY(average != proxy["domains"][domain]["mixture.target"]["last"].toDouble());
        QVERIFY(qAbs(main["domains"][domain]["mixture.target"]["first"].toDouble() - average) < 1e-15);
    }
    QVERIFY(main["experiment"].toString().contains("policy = \"manual\""));

    // Before its first step the third model is the second one after its last.
    const auto heldOut = [&](int run, const char *step) {
        return runCli({"query", "--json", "--store", m_store,
                       QStringLiteral("select domain, value from points where run = %1 and metric = 'loss.held_out' and "
                                      "step = %2 order by domain")
                           .arg(run)
                           .arg(step)})
            .out;
    };
    QVERIFY(heldOut(2, "80").contains("verses"));
    QCOMPARE(heldOut(3, "0"), heldOut(2, "80"));
    QVERIFY(heldOut(2, "0") != heldOut(1, "80")); // the second began anew
    const QJsonObject fineTune = runCli({"show", "3", "--json", "--store", m_store}).object();
    QCOMPARE(fineTune["domains"][0]["tokens.drawn"].toDouble(), 0.0);
    QVERIFY(fineTune["experiment"].toString().contains("learning_rate = 0.0001"));

    // The frozen copy of a stage gives its points without the plan.
    const QString copy = m_folder->filePath("main alone.toml");
    QCOMPARE(runCli({"export", "2", "experiment", "-o", copy, "--store", m_store}).exitCode, 0);
    const QString store = m_folder->filePath("alone.krater");
    QCOMPARE(runCli({"train", copy, "--quiet", "--store", store}).exitCode, 0);
    const auto points = [](const QString &file, int run) {
        return runCli({"query", "--json", "--store", file,
                       QStringLiteral("select metric, domain, step, value from points where run = %1 and metric <> "
                                      "'tokens_per_second' order by metric, domain, step")
                           .arg(run)})
            .out;
    };
    QVERIFY(points(store, 1) == points(m_store, 2));
}

void CliPlanTest::isShown()
{
    const QJsonArray runs = runCli({"list", "--json", "--store", m_store}).array();
    QCOMPARE(runs.size(), 3);
    QCOMPARE(runs[0]["role"].toString(), QStringLiteral("fine_tune"));
    QCOMPARE(runs[0]["stage"].toInt(), 3);
    const QByteArray table = runCli({"list", "--store", m_store}).out;
    QVERIFY2(table.contains("role") && table.contains("2/3") && table.contains("fine_tune"), table.constData());
    const QByteArray shown = runCli({"show", "2", "--store", m_store}).out;
    QVERIFY2(shown.contains("2 of 3 of plan 1, main") && shown.contains("Parent:      run 1"), shown.constData());
    const QJsonObject run = runCli({"show", "2", "--json", "--store", m_store}).object();
    QCOMPARE(run["plan"].toInt(), 1);
    QVERIFY(run["plan_experiment"].toString().contains("[[stage]]"));
    QVERIFY(!run["experiment"].toString().contains("[[stage]]"));
}

void CliPlanTest::aPersonIsToldTheStage()
{
    const QString store = m_folder->filePath("told.krater");
    const CliResult result = runCli(train(store));
    QCOMPARE(result.exitCode, 0);
    QVERIFY2(result.out.contains("Stage 2 of 3, main: run 2 (tiny: main): manual"), result.out.constData());
    QVERIFY2(result.out.contains("\nPlan 1 (tiny)\n\nstage"), result.out.constData());
    QCOMPARE(result.err.count("Show:"), 1); // hints come once, at the end
}

void CliPlanTest::stopAndResumeEqualsAnUndisturbedPlan_data()
{
    QTest::addColumn<int>("run");
    QTest::addColumn<int>("step");
    QTest::newRow("in the first stage") << 1 << 35;
    QTest::newRow("in the second stage") << 2 << 35;
    QTest::newRow("between two stages") << 1 << 0;
    QTest::newRow("in the last stage") << 3 << 35;
}

void CliPlanTest::stopAndResumeEqualsAnUndisturbedPlan()
{
    QFETCH(const int, run);
    QFETCH(const int, step);
    const QString store = m_folder->filePath(QStringLiteral("stopped at %1, %2.krater").arg(run).arg(step));
    const CliResult stopped = disturb(store, {run, step}, Deed::Interrupt);
    QVERIFY2(stopped.exitCode == 3, (stopped.out.right(600) + stopped.err).constData());
    const QJsonObject last = stopped.lines().last();
    QCOMPARE(last["event"].toString(), QStringLiteral("plan_finished"));
    QCOMPARE(last["exit_code"].toInt(), 3);
    QVERIFY2(last["resume"].toString().startsWith(QStringLiteral("krater-cli resume ")), stopped.out.right(400).constData());

    const CliResult resumed = runCli({"resume", "last", "--store", store, "--json"});
    QVERIFY2(resumed.exitCode == 0, resumed.err.constData());
    QCOMPARE(resumed.lines().last()["stages"].toArray().size(), 3);
    QVERIFY(content(store) == m_undisturbed);
}

void CliPlanTest::killAndResumeEqualsAnUndisturbedPlan_data()
{
    QTest::addColumn<int>("run");
    QTest::addColumn<int>("step");
    // Moments of another kind at each run of the test; the step is printed if it fails.
    QTest::newRow("in the first stage") << 1 << QRandomGenerator::global()->bounded(5, 70);
    QTest::newRow("in the second stage") << 2 << QRandomGenerator::global()->bounded(5, 70);
    QTest::newRow("between two stages") << 1 << 0;
    QTest::newRow("in the last stage") << 3 << QRandomGenerator::global()->bounded(5, 70);
}

void CliPlanTest::killAndResumeEqualsAnUndisturbedPlan()
{
    QFETCH(const int, run);
    QFETCH(const int, step);
    const QString store = m_folder->filePath(QStringLiteral("killed at %1, %2.krater").arg(run).arg(step));
    QCOMPARE(disturb(store, {run, step}, Deed::Kill).exitCode, -1);
    const CliResult resumed = runCli({"resume", "last", "--quiet", "--store", store});
    QVERIFY2(resumed.exitCode == 0, resumed.err.constData());
    QVERIFY2(content(store) == m_undisturbed, qPrintable(QStringLiteral("killed in run %1 at step %2").arg(run).arg(step)));
}

// Without a checkpoint of its own a stage begins with what it took from the earlier one.
void CliPlanTest::aStageStartsAgainFromItsWeights()
{
    const QString store = m_folder->filePath("again.krater");
    QCOMPARE(disturb(store, {3, 50}, Deed::Interrupt).exitCode, 3);
    const CliResult again = runCli({"resume", "3", "--restart", "--quiet", "--store", store});
    QVERIFY2(again.exitCode == 0, again.err.constData());
    QVERIFY(content(store) == m_undisturbed);
}

void CliPlanTest::anyRunOfThePlanNamesIt()
{
    const QString store = m_folder->filePath("named.krater");
    QCOMPARE(disturb(store, {2, 35}, Deed::Kill).exitCode, -1);
    const CliResult wrong = runCli({"resume", "1", "--best", "--store", store});
    QCOMPARE(wrong.exitCode, 2);
    QVERIFY2(wrong.err.contains("Run 1 (tiny: find) is done"), wrong.err.constData());
    const CliResult resumed = runCli({"resume", "1", "--json", "--store", store});
    QVERIFY2(resumed.exitCode == 0, resumed.err.constData());
    QCOMPARE(resumed.lines().first()["run"].toInt(), 2);
    QVERIFY(content(store) == m_undisturbed);
    const CliResult done = runCli({"resume", "1", "--store", store});
    QCOMPARE(done.exitCode, 2);
    QVERIFY2(done.err.contains("Plan 1 is done"), done.err.constData());
}

// DoReMi: a reference, the proxy that is compared with it, and a run on the average of the proxy's weights; killed in the proxy once.
void CliPlanTest::aProxyComparesWithItsReference()
{
    const QString folder = m_folder->filePath("doremi");
    const QString experiment = QString::fromStdString(writeTinyExperiment(folder.toStdString(), R"(
[[stage]]
role = "reference"
mixture.policy = "natural"
[[stage]]
role = "proxy"
reference.from = "reference"
mixture.policy = "doremi"
[[stage]]
role = "main"
mixture.from = "proxy"
)"));
    QStringList arguments = train({});
    arguments[1] = experiment;
    const auto trainInto = [&](const QString &store) {
        QStringList all = arguments;
        all[3] = store;
        return all;
    };
    const QString alone = QString::fromStdString(writeTinyExperiment(m_folder->filePath("alone").toStdString()));
    const CliResult refused = runCli({"train", alone, "--store", m_folder->filePath("refused.krater"), "--set", "mixture.policy=doremi"});
    QCOMPARE(refused.exitCode, 2);
    QVERIFY2(refused.err.contains("compares with a reference model"), refused.err.constData());
    const QString store = m_folder->filePath("doremi.krater"), killed = m_folder->filePath("doremi killed.krater");
    const CliResult result = runCli(trainInto(store) << "--json");
    QVERIFY2(result.exitCode == 0, result.err.constData());
    const QList<QJsonObject> steps = linesOf(result, "step");
    QCOMPARE(steps.size(), 3 * kNumSteps);
    const QJsonObject average = steps[2 * kNumSteps - 1]["policy.average"].toObject(); // the proxy's last step
    QVERIFY(!average.isEmpty() && steps.first()["mixture.objective"].isUndefined());
    for (const char *domain : {"sums", "brackets", "verses"})
        QVERIFY(qAbs(steps.last()["mixture.target"][domain].toDouble() - average[domain].toDouble()) < 1e-12);

    Watch watch({.run = 2, .step = 45});
    runCliStreaming(trainInto(killed), [&](const QJsonObject &line, QProcess &) { return watch.isNow(line) ? Deed::Kill : Deed::Nothing; });
    const CliResult resumed = runCli({"resume", "last", "--quiet", "--store", killed});
    QVERIFY2(resumed.exitCode == 0, resumed.err.constData());
    QVERIFY(content(killed) == content(store));
}

void CliPlanTest::aStageThatFailsEndsThePlan()
{
    const QString store = m_folder->filePath("diverged.krater");
    QStringList arguments = train(store) << "--json";
    for (const char *value : {"learning_rate=10", "clip=0", "warmup=0", "weight_decay=1"})
        arguments << "--set" << QStringLiteral("stage.main.training.%1").arg(QLatin1String(value));
    const CliResult result = runCli(arguments);
    QCOMPARE(result.exitCode, 4);
    const QJsonObject last = result.lines().last();
    QCOMPARE(last["exit_code"].toInt(), 4);
    QCOMPARE(last["stages"].toArray().size(), 2);
    QCOMPARE(last["stages"][1]["state"].toString(), QStringLiteral("Diverged"));

    // With a lower rate it goes on to the plan's end, whose last stage has its own.
    const CliResult resumed =
        runCli({"resume", "last", "--json", "--set", "training.learning_rate=1e-3", "--store", store});
    QVERIFY2(resumed.exitCode == 0, resumed.err.constData());
    const QList<QJsonObject> steps = linesOf(resumed, "step");
    QVERIFY(steps.first()["learning_rate"].toDouble() > 5e-4 && steps.last()["learning_rate"].toDouble() <= 1e-4);
    QCOMPARE(linesOf(resumed, "run_started").last()["stage"].toInt(), 3);
}

void CliPlanTest::whatCannotBeResumedIsRefused()
{
    const QString store = m_folder->filePath("refused.krater");
    QCOMPARE(runCli(train(store) << "--quiet").exitCode, 0);
    QVERIFY(forgetThirdStage(store));
    const CliResult set = runCli({"resume", "last", "--set", "training.clip=2", "--store", store});
    QCOMPARE(set.exitCode, 2);
    QVERIFY2(set.err.contains("has not been begun"), set.err.constData());

    // The weights of the earlier stage are gone.
    QVERIFY(QDir().rename(store + ".checkpoints", store + ".elsewhere"));
    const CliResult gone = runCli({"resume", "last", "--store", store});
    QCOMPARE(gone.exitCode, 1);
    QVERIFY2(gone.err.contains("whose weights are wanted, is gone"), gone.err.constData());
    QVERIFY(QDir().rename(store + ".elsewhere", store + ".checkpoints"));

    QFile text(m_folder->filePath("verses.txt"));
    QVERIFY(text.open(QIODevice::ReadWrite));
    const QByteArray before = text.readAll();
    text.write("%\nAnother verse, that was not there before.\n");
    text.flush();
    const CliResult changed = runCli({"resume", "last", "--store", store});
    text.resize(before.size());
    text.close();
    QCOMPARE(changed.exitCode, 1);
    QVERIFY2(changed.err.contains("has changed"), changed.err.constData());

    QCOMPARE(runCli({"resume", "last", "--quiet", "--store", store}).exitCode, 0);
    QVERIFY(content(store) == m_undisturbed);
}

void CliPlanTest::mistakesInStagesAreNamed()
{
    const CliResult result = runCli(train(m_folder->filePath("none.krater"))
                                    + QStringList{"--set", "stage.main.weights.from=finf"});
    QCOMPARE(result.exitCode, 2);
    QVERIFY2(result.err.contains("stage \"main\": weights.from is \"finf\"") && result.err.contains("did you mean \"find\"?"),
             result.err.constData());
}

QTEST_GUILESS_MAIN(CliPlanTest)
#include "tst_cli_plan.moc"
