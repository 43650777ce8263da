// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/mixture/policy_registry.h"
#include "tests/cli/cli_process.h"
#include "tests/support/tiny_corpus.h"

#include <QRandomGenerator>
#include <QTemporaryDir>
#include <QTest>

#include <algorithm>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

using namespace krater;
using namespace krater::test;

namespace {

constexpr int kNumSteps = 40;

struct Case {
    std::string policy;
    std::string parameters;
    bool hasReference = false;
};

// What a policy cannot do without, or what makes a short run reach the part of it that has a state. One that is not here is run with its defaults,
// its weights and numbers filled in.
const std::vector<Case> kCases{
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

std::string filledIn(const PolicyInfo &info)
{
    std::string text;
    for (const ParamSpec &spec : info.parameters)
        if (spec.kind == ParamSpec::Kind::Weights || spec.kind == ParamSpec::Kind::Numbers)
            for (const char *domain : {"sums", "brackets", "verses"})
                text += spec.name + '.' + domain + " = " + std::to_string(std::clamp(1.0, spec.min, spec.max)) + '\n';
    return text;
}

// Those above, in the order of the registry, and one for each other policy.
std::vector<Case> allCases()
{
    std::vector<Case> all;
    for (const PolicyInfo &info : policies()) {
        const std::size_t before = all.size();
        std::ranges::copy_if(kCases, std::back_inserter(all), [&](const Case &one) { return one.policy == info.name; });
        if (all.size() == before)
            all.push_back({info.name, filledIn(info), info.needs == PolicyNeeds::ReferenceLosses});
    }
    return all;
}

// A plan whose first stage gives the reference model, each other one being a case: LibTorch is loaded once for all.
std::string planOf(const std::vector<Case> &cases)
{
    std::string text = "[mixture]\npolicy = \"natural\"\n[[stage]]\nrole = \"reference\"\n";
    for (std::size_t i = 0; i < cases.size(); ++i) {
        text += "[[stage]]\nrole = \"proxy\"\nname = \"" + std::to_string(i) + "\"\n";
        if (cases[i].hasReference)
            text += "reference.from = \"reference\"\n";
        text += "[stage.mixture]\npolicy = \"" + cases[i].policy + "\"\n" + cases[i].parameters + '\n';
    }
    return text;
}

// All points of a run, but for what is a matter of the clock.
QByteArray points(const QString &store, int run)
{
    return runCli({"query", "--json", "--store", store,
                   QStringLiteral("select metric, domain, step, tokens, value from points where run = %1 and metric <> "
                                  "'tokens_per_second' order by metric, domain, step")
                       .arg(run)})
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
    QString killIn(int run, const QStringList &arguments) const;

    std::unique_ptr<QTemporaryDir> m_folder;
    const std::vector<Case> m_cases = allCases();
    QString m_undisturbed, m_killed; // stores
    QStringList m_kills;             // of each case, for the message of a failure
};

void CliPoliciesTest::initTestCase()
{
    m_folder = std::make_unique<QTemporaryDir>();
    QFile file(QString::fromStdString(writeTinyExperiment(m_folder->path().toStdString())));
    QVERIFY(file.open(QIODevice::ReadWrite));
    QByteArray experiment = file.readAll();
    experiment.truncate(experiment.indexOf("[mixture]"));
    file.resize(experiment.size());
    file.write(QByteArray::fromStdString(planOf(m_cases)));
    file.close();
    QFile graph(m_folder->filePath("skills.csv"));
    QVERIFY(graph.open(QIODevice::WriteOnly));
    graph.write("trained,sums,brackets,verses\nsums,1,0.25,\nverses,0.5,0,2\n");
    graph.close();

    m_undisturbed = m_folder->filePath("undisturbed.krater");
    m_killed = m_folder->filePath("killed.krater");
    // Steps that take some milliseconds, so that a kill comes where it was meant to.
    const QStringList train{"train", file.fileName(), "--set", "training.sequences_per_step=32",
                            "--set", QStringLiteral("training.token_budget=%1").arg(kNumSteps * 32 * 32),
                            "--set", "training.eval_interval=5", "--set", "training.checkpoint_interval=7", "--store"};
    const CliResult result = runCli(train + QStringList{m_undisturbed, "--quiet"});
    QVERIFY2(result.exitCode == 0, result.err.constData());
    QStringList arguments = train + QStringList{m_killed};
    for (std::size_t i = 0; i < m_cases.size(); ++i) {
        m_kills += killIn(int(i) + 2, arguments);
        QVERIFY2(!m_kills.last().isEmpty(), m_cases[i].policy.c_str());
        if (i == 0)
            QVERIFY(graph.remove()); // the runs keep it
        arguments = QStringList{"resume", "last", "--store", m_killed};
    }
    const CliResult last = runCli(arguments + QStringList{"--quiet"});
    QVERIFY2(last.exitCode == 0, last.err.constData());
}

// Kills the program in that run of the plan, after any step but the first few and the last, and says where. Empty if it was not killed.
QString CliPoliciesTest::killIn(int run, const QStringList &arguments) const
{
    const int wanted = QRandomGenerator::global()->bounded(3, kNumSteps - 2);
    int current = 0;
    int step = 0;
    const CliResult result = runCliStreaming(arguments, [&](const QJsonObject &line, QProcess &) {
        if (line["event"] == QStringLiteral("run_started"))
            current = line["run"].toInt();
        else if (line["event"] == QStringLiteral("step"))
            step = line["step"].toInt();
        return current > run || (current == run && step >= wanted && line["event"] == QStringLiteral("step")) ? Deed::Kill
                                                                                                           : Deed::Nothing;
    });
    return result.exitCode == -1 ? QStringLiteral("run %1 was killed at step %2").arg(current).arg(step) : QString();
}

void CliPoliciesTest::killAndResumeEqualsAnUndisturbedRun_data()
{
    QTest::addColumn<int>("number");
    for (std::size_t i = 0; i < m_cases.size(); ++i)
        QTest::addRow("%s %s%s", m_cases[i].policy.c_str(), m_cases[i].parameters.c_str(), m_cases[i].hasReference ? " (reference)" : "")
            << int(i);
}

void CliPoliciesTest::killAndResumeEqualsAnUndisturbedRun()
{
    QFETCH(const int, number);
    const QByteArray expected = points(m_undisturbed, number + 2);
    for (const char *metric : {"\"loss.training\"", "\"loss.held_out\"", "\"mixture.target\""})
        QVERIFY2(expected.contains(metric), metric);
    QCOMPARE(expected.contains("\"policy."), findPolicy(m_cases[std::size_t(number)].policy)->adaptive);
    QVERIFY2(points(m_killed, number + 2) == expected, qPrintable(m_kills[number]));
}

QTEST_GUILESS_MAIN(CliPoliciesTest)
#include "tst_cli_policies.moc"
