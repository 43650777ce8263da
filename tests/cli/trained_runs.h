// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/cli/cli_process.h"
#include "tests/support/tiny_corpus.h"

#include <QTemporaryDir>
#include <QTest>

#include <cmath>
#include <memory>

namespace krater::test {

inline const QStringList kDomains{"sums", "brackets", "verses"};

// Two real trainings of a tiny model with the real engine, for all tests of a class: run 1 by the policy gibbs, run 2 by natural.
class TrainedRunsTest : public QObject {
protected:
    void trainBoth();
    CliResult cli(QStringList arguments) const { return runCli(arguments << "--store" << m_store); }
    double held(int run, const QString &domain, const QString &which) const;

    std::unique_ptr<QTemporaryDir> m_folder;
    QString m_experiment;
    QString m_store;
    CliResult m_gibbs;   // --json
    CliResult m_natural; // lines for a pipe
};

inline void TrainedRunsTest::trainBoth()
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

inline double TrainedRunsTest::held(int run, const QString &domain, const QString &which) const
{
    const QJsonArray domains = cli({"show", QString::number(run), "--json"}).object()["domains"].toArray();
    for (const QJsonValue &value : domains)
        if (value["name"] == domain)
            return value["loss.held_out"][which].toDouble();
    return std::nan("");
}

} // namespace krater::test
