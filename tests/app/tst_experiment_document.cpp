// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/experiment_document.h"
#include "core/base/error.h"
#include "tests/support/tiny_corpus.h"

#include <QDir>
#include <QFile>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

using namespace krater;

class TestExperimentDocument : public QObject {
    Q_OBJECT

private slots:
    void init();

    void startsEmptyAndSaysWhatIsMissing();
    void opensAFile();
    void knowsWhetherItIsModified();
    void saveAndOpenGiveTheSame();
    void savingElsewhereKeepsTheSources();
    void aFileWithMistakesOpensWithItsIssues();
    void aFileThatIsNoTomlIsLeftAlone();
    void savingIntoNowhereThrows();
    void newStartsOver();

private:
    QString path(const QString &name) const { return m_folder->filePath(name); }
    void write(const QString &name, const QByteArray &text)
    {
        QFile file(path(name));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(text);
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    QString m_tiny;
};

void TestExperimentDocument::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    m_tiny = QString::fromStdString(test::writeTinyExperiment(path(QStringLiteral("tiny")).toStdString()).string());
}

void TestExperimentDocument::startsEmptyAndSaysWhatIsMissing()
{
    const ExperimentDocument document;
    QVERIFY(document.filePath().isEmpty());
    QVERIFY(!document.isModified());
    QVERIFY(hasErrors(document.issues())); // no domain
}

void TestExperimentDocument::opensAFile()
{
    ExperimentDocument document;
    QSignalSpy changed(&document, &ExperimentDocument::changed),
        fileChanged(&document, &ExperimentDocument::fileChanged);
    Issues problems{Issue{}};
    QVERIFY(document.open(m_tiny, &problems));
    QVERIFY(problems.empty());
    QCOMPARE(document.filePath(), m_tiny);
    QCOMPARE(document.experiment().info.name, std::string("tiny"));
    QCOMPARE(document.experiment().folder.string(), path(QStringLiteral("tiny")).toStdString());
    QVERIFY(document.issues().empty());
    QCOMPARE(changed.count(), 1);
    QCOMPARE(fileChanged.count(), 1);
}

void TestExperimentDocument::knowsWhetherItIsModified()
{
    ExperimentDocument document;
    QVERIFY(document.open(m_tiny));
    QSignalSpy changed(&document, &ExperimentDocument::changed),
        fileChanged(&document, &ExperimentDocument::fileChanged);
    Experiment edited = document.experiment();
    document.setExperiment(edited);
    QCOMPARE(changed.count(), 0);
    edited.model.heads = 3;
    document.setExperiment(edited);
    QVERIFY(document.isModified());
    QVERIFY(hasErrors(document.issues()));
    edited.model.heads = 2;
    document.setExperiment(edited);
    QVERIFY(!document.isModified());
    QVERIFY(document.issues().empty());
    QCOMPARE(changed.count(), 2);
    QCOMPARE(fileChanged.count(), 2);
}

void TestExperimentDocument::saveAndOpenGiveTheSame()
{
    ExperimentDocument document;
    QVERIFY(document.open(m_tiny));
    Experiment edited = document.experiment();
    edited.info.notes = "line one\nline \"two\"";
    edited.mixture.policy = "manual";
    edited.mixture.parameters = {{"floor", 0.0}, {"max_epochs", 4.0}, {"weights", Weights{{"sums", 0.1}, {"verses", 0.9}}}};
    document.setExperiment(edited);
    document.saveAs(m_tiny);
    QVERIFY(!document.isModified());
    ExperimentDocument again;
    QVERIFY(again.open(m_tiny));
    QVERIFY(again.experiment() == edited);
    QVERIFY(again.issues().empty());
}

void TestExperimentDocument::savingElsewhereKeepsTheSources()
{
    ExperimentDocument document;
    QVERIFY(document.open(m_tiny));
    write(QStringLiteral("tiny/skills.csv"), ",sums\nsums,2\n");
    Experiment withGraph = document.experiment();
    withGraph.mixture = {.policy = "skill_it", .parameters = {{"graph", std::string("skills.csv")}}};
    document.setExperiment(withGraph);
    QVERIFY(QDir(m_folder->path()).mkpath(QStringLiteral("other/place")));
    const QString elsewhere = path(QStringLiteral("other/place/copy.toml"));
    document.saveAs(elsewhere);
    QCOMPARE(document.filePath(), elsewhere);
    QCOMPARE(document.experiment().domains[0].sources, std::vector<std::string>{"../../tiny/sums.txt"});
    ExperimentDocument again;
    QVERIFY(again.open(elsewhere));
    const std::filesystem::path source = again.experiment().folder / again.experiment().domains[0].sources[0];
    QVERIFY(std::filesystem::exists(source));
    QCOMPARE(std::get<std::string>(again.experiment().mixture.parameters.at("graph")), std::string("../../tiny/skills.csv"));
    QVERIFY(!hasErrors(again.issues()));
}

void TestExperimentDocument::aFileWithMistakesOpensWithItsIssues()
{
    write(QStringLiteral("wrong.toml"), "[experiment]\nname = \"wrong\"\n[model]\nheadz = 3\n");
    ExperimentDocument document;
    QVERIFY(document.open(path(QStringLiteral("wrong.toml"))));
    QCOMPARE(document.experiment().info.name, std::string("wrong"));
    const auto inFile = [&] {
        return std::any_of(document.issues().begin(), document.issues().end(),
                           [](const Issue &issue) { return issue.line == 4; });
    };
    QVERIFY(inFile());
    Experiment edited = document.experiment();
    edited.info.name = "edited";
    document.setExperiment(edited);
    QVERIFY(!inFile()); // the value has no unknown key
    edited.info.name = "wrong";
    document.setExperiment(edited);
    QVERIFY(inFile());
}

void TestExperimentDocument::aFileThatIsNoTomlIsLeftAlone()
{
    write(QStringLiteral("text.toml"), "this is = = no TOML\n");
    ExperimentDocument document;
    QVERIFY(document.open(m_tiny));
    QSignalSpy changed(&document, &ExperimentDocument::changed);
    Issues problems;
    QVERIFY(!document.open(path(QStringLiteral("text.toml")), &problems));
    QVERIFY(hasErrors(problems));
    QVERIFY(!document.open(path(QStringLiteral("missing.toml")), &problems));
    QVERIFY(hasErrors(problems));
    QCOMPARE(changed.count(), 0);
    QCOMPARE(document.filePath(), m_tiny);
}

void TestExperimentDocument::savingIntoNowhereThrows()
{
    ExperimentDocument document;
    QVERIFY(document.open(m_tiny));
    QVERIFY_EXCEPTION_THROWN(document.saveAs(m_tiny + QStringLiteral("/below/a/file.toml")), Error);
    QCOMPARE(document.filePath(), m_tiny);
}

void TestExperimentDocument::newStartsOver()
{
    ExperimentDocument document;
    QVERIFY(document.open(m_tiny));
    document.newExperiment();
    QVERIFY(document.filePath().isEmpty());
    QVERIFY(document.experiment().domains.empty());
    QVERIFY(!document.isModified());
}

QTEST_GUILESS_MAIN(TestExperimentDocument)
#include "tst_experiment_document.moc"
