// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/mixture/policy_registry.h"
#include "tests/cli/cli_process.h"
#include "tests/support/tiny_corpus.h"

#include <QRandomGenerator>
#include <QTemporaryDir>
#include <QTest>

#include <memory>

using namespace krater;
using namespace krater::test;

namespace {

constexpr int kNumSteps = 40;

struct Case {
    const char *policy;
    const char *parameters;
    bool hasReference = false;
};

// What a policy cannot do without, or what makes a short run reach the part of it that has a state. One that is not here is run with its defaults,
// its weights and numbers filled in.
constexpr Case kCases[] = {
    {"manual", "weights = { sums = 3, verses = 1 }"},
    {"schedule", R"(points = [ { at = 0.1, mixture = "natural" }, { at = 0.9, mixture = { sums = 1, brackets = 2 } } ])"},
    {"odm", "warmup = 0.1"},
    {"sheared_llama", "targets = { sums = 1, brackets = 1.5, verses = 0.5 }"},
    {"sheared_llama", "target_from = \"law\""},
    {"sheared_llama", "eta = 0.5", true},
    {"skill_it", "graph = { sums = { verses = 0.5 } }"},
    {"skill_it", "graph = \"skills.csv\""},
    {"skill_it", "graph = \"probes\"\nprobe_steps = 3"},
    {"ado", "start = 8\ninterval = 6\nignore = 2\nwindow = 5\nstride = 1"},
    {"aioli", "interval = 14\nprobe_steps = 2"},
};

QString filledIn(const PolicyInfo &info)
{
    QString text;
    for (const ParamSpec &spec : info.parameters)
        if (spec.kind == ParamSpec::Kind::Weights || spec.kind == ParamSpec::Kind::Numbers)
            text += QStringLiteral("%1 = { sums = %2, brackets = %2, verses = %2 }\n")
                        .arg(QString::fromStdString(spec.name))
                        .arg(qBound(spec.min, 1.0, spec.max));
    return text;
}

// [mixture], and the stages of a plan where the policy has a reference model.
QString mixtureText(const PolicyInfo &info, const QString &parameters, bool hasReference)
{
    const QString policy = QStringLiteral("policy = \"%1\"\n%2\n").arg(QString::fromStdString(info.name), parameters);
    if (!hasReference)
        return "[mixture]\n" + policy;
    return QStringLiteral("[mixture]\npolicy = \"natural\"\n[[stage]]\nrole = \"reference\"\ntraining.token_budget = 2_560\n"
                          "[[stage]]\nrole = \"proxy\"\nreference.from = \"reference\"\n[stage.mixture]\n%1")
        .arg(policy);
}

// All points that a store has, but for what is a matter of the clock.
QByteArray points(const QString &store)
{
    return runCli({"query", "--json", "--store", store,
                   "select run, metric, domain, step, tokens, value from points where metric <> 'tokens_per_second'"
                   " order by run, metric, domain, step"})
        .out;
}

} // namespace

// Every policy of the registry with the real engine, as a person runs it: it trains, and a run that was killed and resumed has the points of an
// undisturbed one. A new policy is tested by being in the table.
class CliPoliciesTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase();

    void killAndResumeEqualsAnUndisturbedRun_data();
    void killAndResumeEqualsAnUndisturbedRun();

private:
    std::unique_ptr<QTemporaryDir> m_folder;
    QByteArray m_experiment; // without [mixture]
};

void CliPoliciesTest::initTestCase()
{
    m_folder = std::make_unique<QTemporaryDir>();
    QFile file(QString::fromStdString(writeTinyExperiment(m_folder->path().toStdString())));
    QVERIFY(file.open(QIODevice::ReadOnly));
    m_experiment = file.readAll();
    m_experiment.truncate(m_experiment.indexOf("[mixture]"));
    QFile graph(m_folder->filePath("skills.csv"));
    QVERIFY(graph.open(QIODevice::WriteOnly));
    graph.write("trained,sums,brackets,verses\nsums,1,0.25,\nverses,0.5,0,2\n");
}

void CliPoliciesTest::killAndResumeEqualsAnUndisturbedRun_data()
{
    QTest::addColumn<QString>("mixture");
    QTest::addColumn<int>("killedRun");
    QTest::addColumn<bool>("moves");
    for (const PolicyInfo &info : policies()) {
        const auto add = [&info](const char *parameters, bool hasReference) {
            QTest::addRow("%s, %s", info.name.c_str(), parameters)
                << mixtureText(info, QString::fromUtf8(parameters), hasReference) << (hasReference ? 2 : 1) << info.adaptive;
        };
        bool isThere = false;
        for (const Case &one : kCases) {
            if (one.policy == info.name)
                add(one.parameters, one.hasReference);
            isThere = isThere || one.policy == info.name;
        }
        if (!isThere)
            add(filledIn(info).toUtf8().constData(), info.needs == PolicyNeeds::ReferenceLosses);
    }
}

void CliPoliciesTest::killAndResumeEqualsAnUndisturbedRun()
{
    QFETCH(const QString, mixture);
    QFETCH(const int, killedRun);
    QFETCH(const bool, moves);
    QTemporaryDir folder;
    const QString experiment = m_folder->filePath("policy.toml");
    QFile file(experiment);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(m_experiment + mixture.toUtf8());
    file.close();

    const QString undisturbed = folder.filePath("undisturbed.krater"), killed = folder.filePath("killed.krater");
    const QStringList train{"train", experiment, "--set", "training.eval_interval=5", "--set", "training.checkpoint_interval=7", "--store"};
    const CliResult result = runCli(train + QStringList{undisturbed, "--quiet"});
    QVERIFY2(result.exitCode == 0, result.err.constData());
    const QByteArray expected = points(undisturbed);
    QVERIFY(expected.contains("\"loss.training\"") && expected.contains("\"loss.held_out\"") && expected.contains("\"mixture.target\""));
    QCOMPARE(expected.contains("\"policy."), moves);

    // After any step but the first few and the last; it is printed if the test fails.
    const int step = QRandomGenerator::global()->bounded(4, kNumSteps - 2);
    int run = 0;
    const CliResult disturbed =
        runCliStreaming(train + QStringList{killed}, [&](const QJsonObject &line, QProcess &) {
            if (line["event"] == QStringLiteral("run_started"))
                run = line["run"].toInt();
            const bool isNow = run == killedRun && line["event"] == QStringLiteral("step") && line["step"].toInt() == step;
            return isNow ? Deed::Kill : Deed::Nothing;
        });
    QCOMPARE(disturbed.exitCode, -1);
    const CliResult resumed = runCli({"resume", "last", "--quiet", "--store", killed});
    QVERIFY2(resumed.exitCode == 0, resumed.err.constData());
    QVERIFY2(points(killed) == expected, qPrintable(QStringLiteral("killed at step %1").arg(step)));
}

QTEST_GUILESS_MAIN(CliPoliciesTest)
#include "tst_cli_policies.moc"
