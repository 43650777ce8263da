// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/config/experiment_toml.h"

#include <QDir>
#include <QTest>

using namespace krater;

namespace {

LoadedExperiment load(const QString &fileName)
{
    const QString file = QStringLiteral(KRATER_SOURCE_DIR "/experiments/") + fileName;
    return loadExperiment(file.toStdString());
}

} // namespace

// The experiments that Krater comes with can be run as they are.
class TestExperiments : public QObject {
    Q_OBJECT

private slots:
    void everyFileIsValid_data();
    void everyFileIsValid();
    void quickStartHasItsSixDomains();
    void variantsDifferInTheirMixtureAlone_data();
    void variantsDifferInTheirMixtureAlone();
};

void TestExperiments::everyFileIsValid_data()
{
    QTest::addColumn<QString>("file");
    const QDir folder(QStringLiteral(KRATER_SOURCE_DIR "/experiments"));
    for (const QString &file : folder.entryList({QStringLiteral("*.toml")}))
        QTest::newRow(qPrintable(file)) << file;
}

void TestExperiments::everyFileIsValid()
{
    QFETCH(QString, file);
    const LoadedExperiment loaded = load(file);
    for (const Issue &issue : loaded.issues)
        qWarning("%s", toString(issue).c_str());
    QVERIFY(loaded.issues.empty());
    QVERIFY(loaded.experiment.has_value());
}

void TestExperiments::quickStartHasItsSixDomains()
{
    const LoadedExperiment loaded = load(QStringLiteral("quickstart.toml"));
    QVERIFY(loaded.experiment.has_value());
    const std::vector<std::string> expected = {"quotes", "encyclopedia", "manual", "manual-zh", "code", "perl"};
    QVERIFY(loaded.experiment->domainNames() == expected);
    QCOMPARE(loaded.experiment->mixture.policy, std::string("gibbs"));
}

void TestExperiments::variantsDifferInTheirMixtureAlone_data()
{
    QTest::addColumn<QString>("file");
    QTest::newRow("uniform") << QStringLiteral("uniform.toml");
    QTest::newRow("natural") << QStringLiteral("natural.toml");
}

void TestExperiments::variantsDifferInTheirMixtureAlone()
{
    QFETCH(QString, file);
    const LoadedExperiment quickStart = load(QStringLiteral("quickstart.toml"));
    LoadedExperiment variant = load(file);
    QVERIFY(quickStart.experiment && variant.experiment);
    QVERIFY(variant.experiment->mixture != quickStart.experiment->mixture);
    QVERIFY(variant.experiment->info.name != quickStart.experiment->info.name);
    variant.experiment->mixture = quickStart.experiment->mixture;
    variant.experiment->info = quickStart.experiment->info;
    QVERIFY(*variant.experiment == *quickStart.experiment);
}

QTEST_GUILESS_MAIN(TestExperiments)
#include "tst_experiments.moc"
