// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/workspace.h"
#include "ui/domains/domains_model.h"
#include "ui/domains_page.h"
#include "ui/widgets/message_bar.h"

#include <QAbstractItemModelTester>
#include <QComboBox>
#include <QDir>
#include <QDoubleSpinBox>
#include <QLineEdit>
#include <QMimeData>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QTableView>
#include <QTemporaryDir>
#include <QTest>
#include <QUrl>

#include <memory>

using namespace krater;

namespace {

void write(const QString &file, const QByteArray &text)
{
    QFile out(file);
    QVERIFY(out.open(QIODevice::WriteOnly));
    out.write(text);
}

// Documents that differ, so that none is a duplicate.
QByteArray documents(const char *word, int count)
{
    QByteArray text;
    for (int i = 0; i < count; ++i)
        text += QByteArray(word) + ' ' + QByteArray::number(i) + " stands here with some words more.\n%\n";
    return text;
}

} // namespace

// Drives the page as a person does, on a small corpus in a temporary folder, and reads the experiment afterwards.
class TestDomainsPage : public QObject {
    Q_OBJECT

private slots:
    void init();
    void scansWhatWasOpened();
    void cancelsNothingWhenThereIsNothing();
    void renamesInPlaceWithWeights();
    void refusesADoubleName();
    void removesAndUndoes();
    void reordersByKeysAndByDragging();
    void droppedFilesBecomeADomain();
    void droppedOnARowBecomeItsSources();
    void editsOfTheFormAreUndoable();
    void whatCannotBeReadGoesBack();
    void previewsDocumentsAndSaysWhyOneIsLeftOut();
    void reportsASourceThatMatchesNothing();
    void figuresAreMarkedAsOldAfterAnEdit();
    void splitsAndMerges();
    void whatFewDomainsNeedOpensWhenUsed();
    void aLongFieldShowsItsStart();
    void modelKeepsItsPromises();

private:
    const Experiment &experiment() const { return m_workspace->document.experiment(); }
    QTableView *table() const { return m_page->findChild<QTableView *>(QStringLiteral("domainsTable")); }
    DomainsModel *model() const { return m_page->findChild<DomainsModel *>(); }
    QString cell(int row, int column) const { return model()->index(row, column).data().toString(); }
    template <typename Widget> Widget *find(const char *name) const
    {
        return m_page->findChild<Widget *>(QString::fromLatin1(name));
    }
    void scan();
    void click(const char *name) { QTest::mouseClick(find<QPushButton>(name), Qt::LeftButton); }

    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<Workspace> m_workspace;
    std::unique_ptr<QUndoStack> m_undo;
    std::unique_ptr<DomainsPage> m_page;
};

void TestDomainsPage::init()
{
    m_page.reset();
    m_workspace.reset();
    m_folder = std::make_unique<QTemporaryDir>();
    m_workspace = std::make_unique<Workspace>();
    m_undo = std::make_unique<QUndoStack>();
    QDir(m_folder->path()).mkpath(QStringLiteral("texts/north"));
    QDir(m_folder->path()).mkpath(QStringLiteral("texts/south"));
    write(m_folder->filePath(QStringLiteral("verse.txt")), documents("verse", 60));
    write(m_folder->filePath(QStringLiteral("prose.txt")), documents("prose", 600));
    write(m_folder->filePath(QStringLiteral("texts/north/a.txt")), documents("north", 40));
    write(m_folder->filePath(QStringLiteral("texts/south/b.txt")), documents("south", 40));
    Experiment experiment;
    experiment.folder = m_folder->path().toStdString();
    experiment.model.context = 16;
    for (const char *name : {"verse", "prose"}) {
        DomainConfig domain;
        domain.name = name;
        domain.sources = {std::string(name) + ".txt"};
        domain.split = "(?m)^%$";
        domain.heldOut = 0.1;
        experiment.domains.push_back(domain);
    }
    experiment.mixture.policy = "manual";
    experiment.mixture.parameters["weights"] = Weights{{"verse", 0.25}, {"prose", 0.75}};
    m_workspace->document.setExperiment(experiment);
    m_page = std::make_unique<DomainsPage>(*m_workspace, *m_undo);
    m_page->resize(1180, 700);
    m_page->show();
    QVERIFY(QTest::qWaitForWindowExposed(m_page.get()));
}

void TestDomainsPage::scan()
{
    QSignalSpy finished(&m_workspace->scanner, &CorpusScanner::finished);
    click("scan");
    QVERIFY(finished.wait(20'000));
}

void TestDomainsPage::scansWhatWasOpened()
{
    QCOMPARE(cell(0, DomainsModel::Documents), QStringLiteral("–"));
    scan();
    QCOMPARE(cell(0, DomainsModel::Documents), QStringLiteral("60"));
    QCOMPARE(cell(1, DomainsModel::Documents), QStringLiteral("600"));
    QCOMPARE(cell(1, DomainsModel::State), QStringLiteral("Ready"));
    QVERIFY(!cell(1, DomainsModel::Tokens).startsWith(QLatin1Char('~'))); // bytes are counted, not estimated
}

void TestDomainsPage::cancelsNothingWhenThereIsNothing()
{
    QVERIFY(!find<QPushButton>("cancelScan")->isVisible());
    m_workspace->scanner.cancel();
    QVERIFY(!m_workspace->scanner.isScanning());
}

void TestDomainsPage::renamesInPlaceWithWeights()
{
    QVERIFY(model()->setData(model()->index(0, 0), QStringLiteral("poems"), Qt::EditRole));
    QCOMPARE(experiment().domains[0].name, std::string("poems"));
    QCOMPARE(std::get<Weights>(experiment().mixture.parameters.at("weights")).at("poems"), 0.25);
    m_undo->undo();
    QCOMPARE(experiment().domains[0].name, std::string("verse"));
}

void TestDomainsPage::refusesADoubleName()
{
    QSignalSpy failed(m_page.get(), &Page::failed);
    model()->setData(model()->index(0, 0), QStringLiteral("prose"), Qt::EditRole);
    QCOMPARE(failed.count(), 1);
    QCOMPARE(experiment().domains[0].name, std::string("verse"));
}

void TestDomainsPage::removesAndUndoes()
{
    table()->selectRow(0);
    click("removeDomain");
    QCOMPARE(experiment().domainNames(), std::vector<std::string>{"prose"});
    m_undo->undo();
    QCOMPARE(experiment().domainNames(), (std::vector<std::string>{"verse", "prose"}));
    table()->selectRow(1);
    table()->setFocus();
    QTest::keyClick(table(), Qt::Key_Delete);
    QCOMPARE(experiment().domainNames(), std::vector<std::string>{"verse"});
}

void TestDomainsPage::reordersByKeysAndByDragging()
{
    table()->selectRow(0);
    table()->setFocus();
    QTest::keyClick(table(), Qt::Key_Down, Qt::AltModifier);
    QCOMPARE(experiment().domainNames(), (std::vector<std::string>{"prose", "verse"}));
    const std::unique_ptr<QMimeData> dragged(model()->mimeData({model()->index(1, 0)}));
    model()->dropMimeData(dragged.get(), Qt::MoveAction, 0, 0, {});
    QCOMPARE(experiment().domainNames(), (std::vector<std::string>{"verse", "prose"}));
    QCOMPARE(m_undo->count(), 2);
}

void TestDomainsPage::droppedFilesBecomeADomain()
{
    QVERIFY(m_page->takeFiles({m_folder->filePath(QStringLiteral("texts/north/a.txt"))}));
    QCOMPARE(experiment().domains.size(), std::size_t(3));
    QCOMPARE(experiment().domains[2].name, std::string("a"));
    QCOMPARE(experiment().domains[2].sources, std::vector<std::string>{"texts/north/a.txt"});
    QVERIFY(!experiment().domains[2].colour.empty());
}

void TestDomainsPage::droppedOnARowBecomeItsSources()
{
    QMimeData files;
    files.setUrls({QUrl::fromLocalFile(m_folder->filePath(QStringLiteral("texts")))});
    model()->dropMimeData(&files, Qt::CopyAction, -1, -1, model()->index(1, 0));
    QCOMPARE(experiment().domains[1].sources, (std::vector<std::string>{"prose.txt", "texts"}));
}

void TestDomainsPage::editsOfTheFormAreUndoable()
{
    table()->selectRow(1);
    auto *text = find<QLineEdit>("whereText");
    text->setFocus();
    QTest::keyClicks(text, QStringLiteral("prose 1"));
    QTest::keyClick(text, Qt::Key_Return);
    QCOMPARE(experiment().domains[1].where.text, std::string("prose 1"));
    auto *sources = find<QPlainTextEdit>("sources");
    sources->setFocus();
    sources->setPlainText(QStringLiteral("prose.txt\n\n  texts/**/*.txt \n"));
    text->setFocus(); // leaving the field takes it
    QCOMPARE(experiment().domains[1].sources, (std::vector<std::string>{"prose.txt", "texts/**/*.txt"}));
    m_undo->undo();
    m_undo->undo();
    QVERIFY(experiment().domains[1].where.text.empty());
    QCOMPARE(find<QLineEdit>("whereText")->text(), QString());
}

void TestDomainsPage::whatCannotBeReadGoesBack()
{
    table()->selectRow(0);
    auto *limit = find<QLineEdit>("maxDocuments");
    limit->setFocus();
    QTest::keyClicks(limit, QStringLiteral("many"));
    QTest::keyClick(limit, Qt::Key_Return);
    QVERIFY(!experiment().domains[0].maxDocuments);
    QCOMPARE(limit->text(), QString());
    QTest::keyClicks(limit, QStringLiteral("20"));
    QTest::keyClick(limit, Qt::Key_Return);
    QCOMPARE(experiment().domains[0].maxDocuments.value_or(0), std::uint64_t(20));
}

void TestDomainsPage::previewsDocumentsAndSaysWhyOneIsLeftOut()
{
    auto *text = find<QPlainTextEdit>("previewText");
    table()->selectRow(0);
    QTRY_VERIFY(text->toPlainText().contains(QStringLiteral("verse 0")));
    Experiment changed = experiment();
    changed.domains[0].where.minLength = 100'000;
    m_workspace->document.setExperiment(changed);
    bool said = false;
    QTRY_VERIFY([&] {
        for (QWidget *widget : m_page->findChildren<QWidget *>())
            said = said || widget->accessibleName().startsWith(QStringLiteral("Left out"));
        return said;
    }());
}

void TestDomainsPage::reportsASourceThatMatchesNothing()
{
    Experiment changed = experiment();
    changed.domains[0].sources = {"nowhere/*.txt"};
    m_workspace->document.setExperiment(changed);
    scan();
    const auto *bar = m_page->findChild<MessageBar *>();
    QVERIFY(bar->isVisible());
    QVERIFY(cell(0, DomainsModel::State) != QStringLiteral("Ready"));
    QCOMPARE(cell(1, DomainsModel::State), QStringLiteral("Ready"));
}

void TestDomainsPage::figuresAreMarkedAsOldAfterAnEdit()
{
    scan();
    Experiment changed = experiment();
    changed.domains[0].where.minLength = 10;
    m_workspace->document.setExperiment(changed);
    QCOMPARE(cell(0, DomainsModel::State), QStringLiteral("Changed"));
}

void TestDomainsPage::splitsAndMerges()
{
    m_page->takeFiles({m_folder->filePath(QStringLiteral("texts"))});
    table()->selectRow(2);
    click("splitDomain");
    QCOMPARE(experiment().domainNames(), (std::vector<std::string>{"verse", "prose", "north", "south"}));
    table()->clearSelection();
    table()->selectionModel()->select(model()->index(2, 0), QItemSelectionModel::Select | QItemSelectionModel::Rows);
    table()->selectionModel()->select(model()->index(3, 0), QItemSelectionModel::Select | QItemSelectionModel::Rows);
    click("mergeDomains");
    QCOMPARE(experiment().domainNames(), (std::vector<std::string>{"verse", "prose", "north"}));
    QCOMPARE(experiment().domains[2].sources.size(), std::size_t(2));
}

void TestDomainsPage::whatFewDomainsNeedOpensWhenUsed()
{
    auto *path = find<QLineEdit>("wherePath");
    auto *most = find<QLineEdit>("maxDocuments");
    QVERIFY(!path->isVisible());
    QVERIFY(!most->isVisible());
    Experiment changed = m_workspace->document.experiment();
    changed.domains[1].maxDocuments = 100;
    m_workspace->document.setExperiment(changed);
    QVERIFY(!most->isVisible()); // the first domain does not use it
    table()->selectRow(1);
    QVERIFY(most->isVisible());
    QVERIFY(find<QPushButton>("morePredicates")->isChecked());
    table()->selectRow(0);
    QVERIFY(!most->isVisible());
    click("morePredicates");
    QVERIFY(path->isVisible());
    table()->selectRow(1);
    table()->selectRow(0);
    QVERIFY(path->isVisible()); // as the user left it
}

void TestDomainsPage::aLongFieldShowsItsStart()
{
    Experiment changed = m_workspace->document.experiment();
    changed.domains[0].exclude.assign(30, "drafts-of-last-year/*");
    m_workspace->document.setExperiment(changed);
    QCOMPARE(find<QLineEdit>("exclude")->cursorPosition(), 0);
}

void TestDomainsPage::modelKeepsItsPromises()
{
    const QAbstractItemModelTester tester(model(), QAbstractItemModelTester::FailureReportingMode::QtTest);
    scan();
    m_page->takeFiles({m_folder->filePath(QStringLiteral("texts"))});
    table()->selectRow(0);
    click("removeDomain");
    m_undo->undo();
}

QTEST_MAIN(TestDomainsPage)
#include "tst_domains_page.moc"
