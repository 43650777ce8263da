// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/post.h"
#include "app/workspace.h"
#include "core/config/experiment_toml.h"
#include "core/store/run_reader.h"
#include "core/store/run_writer.h"
#include "core/train/fake_language_model.h"
#include "tests/support/tiny_corpus.h"
#include "ui/compare/curves_tab.h"
#include "ui/compare/details_tab.h"
#include "ui/compare/difference_chart.h"
#include "ui/compare/run_actions.h"
#include "ui/compare_page.h"
#include "ui/plots/curve_plot.h"
#include "ui/theme/theme_controller.h"
#include "ui/widgets/item_roles.h"

#include <QAbstractItemModelTester>
#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QFile>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>
#include <QSignalSpy>
#include <QTabBar>
#include <QTableView>
#include <QTemporaryDir>
#include <QTest>
#include <QUndoStack>

#include <future>

using namespace krater;

// The page as its users meet it: a store with real runs of the fake engine, real widgets, keys and clicks.
class TestComparePage : public QObject {
    Q_OBJECT

private slots:
    void initTestCase();
    void cleanupTestCase();
    void init();
    void cleanup();
    void columnsFitTheWindow();

    void showsTheNewestRunsFirst();
    void anEmptyStoreSaysWhatToDo();
    void selectingLaysCurvesOverEachOther();
    void theCurveOnTheFixedMixtureIsTheScore();
    void metricDomainAndAxisCanBeChosen();
    void pinsABaseline();
    void tellsDifferencesAsBarsAndNumbers();
    void showsMixturesOfBothEnds();
    void showsOnlyWhatDiffersInTheConfiguration();
    void filtersByExpression();
    void tellsWhatIsWrongWithAFilter();
    void theFilterKeepsWhatWasChosen();
    void sortsByAnyColumn();
    void renamesInPlaceAndTakesItBack();
    void deletesAndTakesItBack();
    void keepsNotesAndTags();
    void scoresOnAnotherMixture();
    void choosesColumns();
    void usesExperimentAndMixture();
    void exportsEveryPointAndPictures();
    void followsARunOfAnotherProgram();
    void resumesAStoppedRun();
    void remembersTheBaseline();
    void everyControlHasAName();

private:
    QTableView *table() const { return m_page->findChild<QTableView *>(QStringLiteral("runs")); }
    QTabBar *tabs() const { return m_page->findChild<QTabBar *>(QStringLiteral("tabs")); }
    QLineEdit *filter() const
    {
        return m_page->findChild<QWidget *>(QStringLiteral("filter"))->findChild<QLineEdit *>();
    }
    QComboBox *scoredOn() const
    {
        return m_page->findChild<QWidget *>(QStringLiteral("scoredOn"))->findChild<QComboBox *>();
    }
    RunActions *actions() const { return m_page->findChild<RunActions *>(); }
    QTableView *tabTable(const char *name) const;
    QModelIndex cell(const QString &run, const QString &column) const;
    QStringList rows() const;
    void select(const QStringList &runs);
    void showTab(const QString &title);

    QTemporaryDir m_folder;
    QString m_master; // a store with four runs, copied for each test
    QString m_store;
    std::unique_ptr<Workspace> m_workspace;
    std::unique_ptr<QUndoStack> m_undo;
    std::unique_ptr<ThemeController> m_theme;
    std::unique_ptr<ComparePage> m_page;
};

// Four runs: uniform, natural, gibbs, and one that was stopped on the way.
void TestComparePage::initTestCase()
{
    const std::filesystem::path file =
        test::writeTinyExperiment(m_folder.filePath(QStringLiteral("tiny")).toStdString());
    m_master = m_folder.filePath(QStringLiteral("master.krater"));
    EngineLoader engine;
    RunLibrary library;
    QVERIFY(library.open(m_master));
    TrainingSession session(&engine, &library);
    for (const char *policy : {"uniform", "natural", "gibbs", "stopped"}) {
        const bool stops = qstrcmp(policy, "stopped") == 0;
        FakeEngineOptions options;
        bool asked = false;
        options.beforeStep = [&](std::uint64_t step) {
            if (!stops || step != 20 || std::exchange(asked, true))
                return;
            std::promise<void> stopped;
            post(&session, [&] {
                session.stop();
                stopped.set_value();
            });
            stopped.get_future().wait();
        };
        engine.use(makeFakeEngine(options));
        Experiment experiment = *loadExperiment(file).experiment;
        experiment.info.name = std::string("tiny ") + policy;
        experiment.mixture = {stops ? "uniform" : policy, {}, MixtureConfig::Batching::Random};
        session.start(experiment, QString::fromStdString(file.string()));
        QTRY_VERIFY(!session.isActive());
        QVERIFY(session.state() == (stops ? RunState::Stopped : RunState::Done));
    }
}

void TestComparePage::cleanupTestCase() { }

void TestComparePage::init()
{
    m_store = m_folder.filePath(QString::fromLatin1(QTest::currentTestFunction()) + QStringLiteral(".krater"));
    std::filesystem::copy(m_master.toStdString(), m_store.toStdString());
    std::filesystem::copy((m_master + QStringLiteral(".checkpoints")).toStdString(),
                          (m_store + QStringLiteral(".checkpoints")).toStdString(),
                          std::filesystem::copy_options::recursive);
    m_workspace = std::make_unique<Workspace>();
    m_workspace->settings.resetLayout();
    m_workspace->engine.use(makeFakeEngine());
    m_theme = std::make_unique<ThemeController>(m_workspace->settings);
    m_undo = std::make_unique<QUndoStack>();
    m_page = std::make_unique<ComparePage>(*m_workspace, *m_undo);
    m_page->resize(1180, 760);
    m_page->show();
    QVERIFY(m_workspace->library.open(m_store));
    QVERIFY(QTest::qWaitForWindowExposed(m_page.get()));
    QTest::qWait(0);
}

void TestComparePage::columnsFitTheWindow()
{
    const auto *header = table()->horizontalHeader();
    for (const int width : {1180, 872}) { // of windows of 1280 and 960
        m_page->resize(width, 700);
        QTest::qWait(20);
        QVERIFY2(header->length() <= table()->viewport()->width(), qPrintable(QString::number(header->length())));
        for (int column = 0; column < header->count(); ++column) {
            const QString title = table()->model()->headerData(column, Qt::Horizontal).toString();
            QVERIFY(header->isSectionHidden(column) || header->sectionSize(column) >= header->fontMetrics().horizontalAdvance(title));
        }
    }
}

void TestComparePage::cleanup()
{
    m_page.reset();
    m_undo.reset();
    m_theme.reset();
    m_workspace.reset();
}

QTableView *TestComparePage::tabTable(const char *name) const
{
    for (QTableView *view : m_page->findChildren<QTableView *>())
        if (view->accessibleName() == QLatin1String(name))
            return view;
    return nullptr;
}

QModelIndex TestComparePage::cell(const QString &run, const QString &column) const
{
    const QAbstractItemModel *model = table()->model();
    for (int row = 0; row < model->rowCount(); ++row)
        for (int place = 0; place < model->columnCount(); ++place)
            if (model->index(row, 0).data().toString() == run
                && model->headerData(place, Qt::Horizontal).toString() == column)
                return model->index(row, place);
    return {};
}

QStringList TestComparePage::rows() const
{
    QStringList names;
    for (int row = 0; row < table()->model()->rowCount(); ++row)
        names << table()->model()->index(row, 0).data().toString();
    return names;
}

// By clicks, the second and later ones with Ctrl.
void TestComparePage::select(const QStringList &runs)
{
    Qt::KeyboardModifier modifier = Qt::NoModifier;
    for (const QString &run : runs) {
        const QModelIndex name = cell(run, QStringLiteral("run"));
        QVERIFY2(name.isValid(), qPrintable(run));
        table()->scrollTo(name);
        QTest::mouseClick(table()->viewport(), Qt::LeftButton, modifier, table()->visualRect(name).center());
        modifier = Qt::ControlModifier;
    }
    QTest::qWait(0);
}

void TestComparePage::showTab(const QString &title)
{
    for (int tab = 0; tab < tabs()->count(); ++tab)
        if (tabs()->tabText(tab) == title)
            QTest::mouseClick(tabs(), Qt::LeftButton, Qt::NoModifier, tabs()->tabRect(tab).center());
    QCOMPARE(tabs()->tabText(tabs()->currentIndex()), title);
}

void TestComparePage::showsTheNewestRunsFirst()
{
    const QAbstractItemModelTester tester(table()->model());
    QCOMPARE(rows(),
             QStringList({QStringLiteral("tiny stopped"), QStringLiteral("tiny gibbs"), QStringLiteral("tiny natural"),
                          QStringLiteral("tiny uniform")}));
    QCOMPARE(cell(QStringLiteral("tiny stopped"), QStringLiteral("state")).data().toString(),
             QStringLiteral("Stopped"));
    const QVariantList shares =
        cell(QStringLiteral("tiny uniform"), QStringLiteral("mixture, mean")).data(MixtureRole).toList();
    QCOMPARE(shares.size(), 3);
    QCOMPARE(shares[0].toDouble(), 1.0 / 3);
    QVERIFY(!cell(QStringLiteral("tiny uniform"), QStringLiteral("sums")).data().toString().isEmpty());
    QCOMPARE(actions()->runs().size(), std::size_t(2)); // something is shown at once
}

void TestComparePage::anEmptyStoreSaysWhatToDo()
{
    QSignalSpy page(m_page.get(), &Page::pageRequested);
    QVERIFY(m_workspace->library.open(m_folder.filePath(QStringLiteral("empty.krater"))));
    QVERIFY(!table()->isVisible());
    QPushButton *go = nullptr;
    for (QPushButton *button : m_page->findChildren<QPushButton *>())
        if (button->isVisible() && button->text().contains(QStringLiteral("Train")))
            go = button;
    QVERIFY(go);
    QTest::mouseClick(go, Qt::LeftButton);
    QCOMPARE(page.count(), 1);
    QVERIFY(m_workspace->library.open(m_store));
    QVERIFY(table()->isVisible());
    QTRY_COMPARE(actions()->runs().size(), std::size_t(2));
}

void TestComparePage::selectingLaysCurvesOverEachOther()
{
    select({QStringLiteral("tiny uniform"), QStringLiteral("tiny natural"), QStringLiteral("tiny gibbs")});
    CurvePlot *plot = m_page->findChild<CurvesTab *>()->plot();
    QCOMPARE(plot->curves().size(), std::size_t(3));
    QStringList names;
    for (const PlotCurve &curve : plot->curves())
        names << curve.name;
    names.sort();
    QCOMPARE(
        names,
        QStringList({QStringLiteral("tiny gibbs"), QStringLiteral("tiny natural"), QStringLiteral("tiny uniform")}));
    QTRY_COMPARE(plot->curves()[0].series->size(), std::size_t(5)); // evaluations at 0, 10, ... 40
    QVERIFY(plot->curves()[0].colour != plot->curves()[1].colour);
    select({QStringLiteral("tiny natural")});
    QCOMPARE(plot->curves().size(), std::size_t(1));
}

void TestComparePage::theCurveOnTheFixedMixtureIsTheScore()
{
    select({QStringLiteral("tiny gibbs")});
    const CurvePlot *plot = m_page->findChild<CurvesTab *>()->plot();
    QTRY_COMPARE(plot->curves()[0].series->size(), std::size_t(5));
    const double last = plot->curves()[0].series->at(4).value;
    QCOMPARE(QLocale().toString(last, 'f', 3),
             cell(QStringLiteral("tiny gibbs"), QStringLiteral("natural")).data().toString());
}

void TestComparePage::metricDomainAndAxisCanBeChosen()
{
    select({QStringLiteral("tiny gibbs")});
    const CurvePlot *plot = m_page->findChild<CurvesTab *>()->plot();
    QComboBox *metric = nullptr, *domain = nullptr;
    for (QComboBox *box : m_page->findChildren<QComboBox *>()) {
        metric = box->accessibleName() == QStringLiteral("Metric") ? box : metric;
        domain = box->accessibleName() == QStringLiteral("Domain") ? box : domain;
    }
    QVERIFY(metric && domain);
    QTRY_VERIFY(metric->findText(QStringLiteral("H")) > 0); // a term of the policy, once the curves are there
    metric->setCurrentIndex(metric->findText(QStringLiteral("target share")));
    QCOMPARE(domain->findText(QStringLiteral("natural mixture")), -1); // shares have no mean on a mixture
    domain->setCurrentIndex(domain->findText(QStringLiteral("verses")));
    QCOMPARE(plot->curves()[0].series->size(), std::size_t(41));
    QCOMPARE(plot->curves()[0].position(40), 10'240.0); // tokens
    const auto stored = RunReader(m_store.toStdString()).curve(actions()->current(), metric::kTarget, 2);
    QCOMPARE(plot->curves()[0].series->at(40).value, stored.back().value);
    metric->setCurrentIndex(metric->findText(QStringLiteral("learning rate")));
    QVERIFY(!domain->isEnabled());
    QCOMPARE(plot->curves()[0].series->size(), std::size_t(40));
    for (QAbstractButton *button : m_page->findChild<CurvesTab *>()->findChildren<QAbstractButton *>())
        if (button->text() == QStringLiteral("step"))
            QTest::mouseClick(button, Qt::LeftButton);
    QCOMPARE(plot->curves()[0].position(40), 40.0);
}

void TestComparePage::pinsABaseline()
{
    select({QStringLiteral("tiny natural")});
    QVERIFY(cell(QStringLiteral("tiny gibbs"), QStringLiteral("Δ baseline")).data().toString().isEmpty());
    QTest::keyClick(table(), Qt::Key_B);
    QCOMPARE(cell(QStringLiteral("tiny natural"), QStringLiteral("run")).data(BadgeRole).toString(),
             QStringLiteral("baseline"));
    const QString difference = cell(QStringLiteral("tiny gibbs"), QStringLiteral("Δ baseline")).data().toString();
    QVERIFY(!difference.isEmpty());
    QVERIFY(cell(QStringLiteral("tiny natural"), QStringLiteral("Δ baseline")).data().toString().isEmpty());
    QVERIFY(actions()->pinBaseline->isChecked());
    QTest::keyClick(table(), Qt::Key_B);
    QVERIFY(cell(QStringLiteral("tiny gibbs"), QStringLiteral("Δ baseline")).data().toString().isEmpty());
}

void TestComparePage::tellsDifferencesAsBarsAndNumbers()
{
    showTab(QStringLiteral("Per domain vs baseline"));
    const DifferenceChart *chart = m_page->findChild<DifferenceChart *>();
    select({QStringLiteral("tiny natural")});
    QTest::keyClick(table(), Qt::Key_B);
    select({QStringLiteral("tiny uniform"), QStringLiteral("tiny gibbs")});
    QTRY_COMPARE(chart->bars().runs.size(), std::size_t(2)); // the baseline is not among them
    QCOMPARE(chart->bars().groups.size(), std::size_t(3));
    RunReader reader(m_store.toStdString());
    std::map<std::string, double> losses; // of the last evaluation on the third domain
    for (const RunRecord &run : reader.runs())
        losses[run.name] = reader.curve(run.id, metric::kHeldOutLoss, 2).back().value;
    QCOMPARE(chart->bars().groups[2].name, QStringLiteral("verses"));
    for (std::size_t run = 0; run < 2; ++run) {
        const double expected = losses[chart->bars().runs[run].name.toStdString()] - losses["tiny natural"];
        QVERIFY(qAbs(chart->bars().groups[2].values[run] - expected) < 1e-12);
    }
    const QTableView *numbers = tabTable("Held-out loss by domain and run");
    QVERIFY(numbers && numbers->isVisible());
    QCOMPARE(numbers->model()->rowCount(), 4); // and the fixed mixture
    QCOMPARE(numbers->model()->columnCount(), 6);
    QVERIFY(numbers->model()->headerData(1, Qt::Horizontal).toString() == QStringLiteral("tiny natural"));
    QVERIFY(chart->accessibleDescription().contains(QStringLiteral("verses, tiny uniform")));
}

void TestComparePage::showsMixturesOfBothEnds()
{
    select({QStringLiteral("tiny uniform"), QStringLiteral("tiny gibbs")});
    showTab(QStringLiteral("Mixtures"));
    const QAbstractItemModel *model = tabTable("Mean and final mixture by run")->model();
    QCOMPARE(model->rowCount(), 4);
    QCOMPARE(model->index(0, 0).data().toString(), QStringLiteral("tiny uniform"));
    QCOMPARE(model->index(0, 2).data(MixtureRole).toList().size(), 3);
    QCOMPARE(model->index(1, 1).data().toString(), QStringLiteral("final"));
    QVERIFY(model->index(1, 3).data().toString().startsWith(QStringLiteral("33.3")));
    QVERIFY(model->index(3, 7).data().toString() != QStringLiteral("0.00"));
}

void TestComparePage::showsOnlyWhatDiffersInTheConfiguration()
{
    select({QStringLiteral("tiny uniform"), QStringLiteral("tiny gibbs")});
    showTab(QStringLiteral("Configuration"));
    const QTableView *view = tabTable("Keys of the experiments that differ");
    QVERIFY(view->isVisible());
    QStringList keys;
    for (int row = 0; row < view->model()->rowCount(); ++row)
        keys << view->model()->index(row, 0).data().toString();
    QVERIFY(keys.contains(QStringLiteral("mixture.policy")));
    QVERIFY(!keys.contains(QStringLiteral("training.learning_rate")));
    const int policy = int(keys.indexOf(QStringLiteral("mixture.policy")));
    QCOMPARE(view->model()->index(policy, 1).data().toString(), QStringLiteral("uniform"));
    QCOMPARE(view->model()->index(policy, 2).data().toString(), QStringLiteral("gibbs"));
}

void TestComparePage::filtersByExpression()
{
    QTest::keyClicks(filter(), QStringLiteral("policy = \"gibbs\" or state = stopped"));
    QCOMPARE(rows(), QStringList({QStringLiteral("tiny stopped"), QStringLiteral("tiny gibbs")}));
    filter()->clear();
    QTest::keyClicks(filter(), QStringLiteral("natural"));
    QCOMPARE(rows(), QStringList(QStringLiteral("tiny natural")));
    filter()->clear();
    QTest::keyClicks(filter(), QStringLiteral("loss.sums < 0"));
    QVERIFY(rows().isEmpty());
    QVERIFY(!table()->isVisible());
    for (QPushButton *button : m_page->findChildren<QPushButton *>())
        if (button->isVisible() && button->text() == QStringLiteral("Clear the filter"))
            QTest::mouseClick(button, Qt::LeftButton);
    QCOMPARE(rows().size(), 4);
    QVERIFY(filter()->text().isEmpty());
}

void TestComparePage::tellsWhatIsWrongWithAFilter()
{
    QTest::keyClicks(filter(), QStringLiteral("loss.verse < 2"));
    const auto problems = m_page->findChild<QWidget *>(QStringLiteral("filter"))->findChildren<QLabel *>();
    QCOMPARE(problems.size(), 1);
    QVERIFY(problems[0]->isVisible());
    QVERIFY(problems[0]->text().contains(QStringLiteral("Did you mean “verses”?")));
    QVERIFY(filter()->accessibleDescription().contains(QStringLiteral("verses")));
    QCOMPARE(filter()->text(), QStringLiteral("loss.verse < 2"));
    QCOMPARE(rows().size(), 4);
    filter()->setText(QStringLiteral("loss.verses < 200"));
    QVERIFY(!problems[0]->isVisible());
}

void TestComparePage::theFilterKeepsWhatWasChosen()
{
    select({QStringLiteral("tiny uniform"), QStringLiteral("tiny natural")});
    filter()->setText(QStringLiteral("policy = uniform"));
    QTRY_COMPARE(actions()->runs().size(), std::size_t(1));
    filter()->clear();
    QTRY_COMPARE(actions()->runs().size(), std::size_t(2));
}

void TestComparePage::sortsByAnyColumn()
{
    QHeaderView *header = table()->horizontalHeader();
    const int name = cell(QStringLiteral("tiny gibbs"), QStringLiteral("run")).column();
    const QPoint place(header->sectionViewportPosition(name) + 20, header->height() / 2);
    QTest::mouseClick(header->viewport(), Qt::LeftButton, Qt::NoModifier, place);
    const QStringList ascending = rows();
    QTest::mouseClick(header->viewport(), Qt::LeftButton, Qt::NoModifier, place);
    QStringList reversed = rows();
    std::reverse(reversed.begin(), reversed.end());
    QCOMPARE(ascending, reversed);
    // Runs without a value stand last in both directions.
    select({QStringLiteral("tiny natural")});
    QTest::keyClick(table(), Qt::Key_B);
    const int difference = cell(QStringLiteral("tiny gibbs"), QStringLiteral("Δ baseline")).column();
    for (const Qt::SortOrder order : {Qt::AscendingOrder, Qt::DescendingOrder}) {
        table()->sortByColumn(difference, order);
        QCOMPARE(rows().last(), QStringLiteral("tiny natural"));
    }
}

void TestComparePage::renamesInPlaceAndTakesItBack()
{
    select({QStringLiteral("tiny gibbs")});
    table()->setFocus();
    QTest::keyClick(table(), Qt::Key_F2);
    auto *editor = table()->findChild<QLineEdit *>();
    QVERIFY(editor);
    editor->selectAll();
    QTest::keyClicks(editor, QStringLiteral("the winner"));
    QTest::keyClick(editor, Qt::Key_Return);
    QTRY_VERIFY(cell(QStringLiteral("the winner"), QStringLiteral("run")).isValid());
    QCOMPARE(m_undo->count(), 1);
    // The store follows in its own time: each name is awaited before the next is asked for.
    RunReader reader(m_store.toStdString());
    QTRY_COMPARE(reader.run(3)->name, std::string("the winner"));
    m_undo->undo();
    QVERIFY(cell(QStringLiteral("tiny gibbs"), QStringLiteral("run")).isValid());
    QTRY_COMPARE(reader.run(3)->name, std::string("tiny gibbs"));
    m_undo->redo();
    QTRY_COMPARE(reader.run(3)->name, std::string("the winner"));
}

void TestComparePage::deletesAndTakesItBack()
{
    select({QStringLiteral("tiny uniform"), QStringLiteral("tiny gibbs")});
    QTest::keyClick(table(), Qt::Key_Delete);
    QCOMPARE(rows(), QStringList({QStringLiteral("tiny stopped"), QStringLiteral("tiny natural")}));
    QTRY_COMPARE(RunReader(m_store.toStdString()).runs().size(), std::size_t(2));
    m_undo->undo();
    QCOMPARE(rows().size(), 4);
    QTRY_COMPARE(RunReader(m_store.toStdString()).runs().size(), std::size_t(4));
    QTest::qWait(400);
    QCOMPARE(rows().size(), 4);
}

void TestComparePage::keepsNotesAndTags()
{
    select({QStringLiteral("tiny gibbs")});
    showTab(QStringLiteral("Details"));
    auto *details = m_page->findChild<DetailsTab *>();
    QTest::keyClicks(details->tagsField(), QStringLiteral("paper, best"));
    QTest::keyClick(details->tagsField(), Qt::Key_Return);
    details->notesField()->setFocus();
    QTest::keyClicks(details->notesField(), QStringLiteral("worth a longer run"));
    select({QStringLiteral("tiny natural")}); // leaving keeps what was typed
    QVERIFY(details->notesField()->toPlainText().isEmpty());
    RunReader reader(m_store.toStdString());
    QTRY_COMPARE(reader.run(3)->notes, std::string("worth a longer run"));
    QCOMPARE(reader.run(3)->tags, (std::vector<std::string>{"paper", "best"}));
    QVERIFY(reader.run(2)->notes.empty());
    select({QStringLiteral("tiny gibbs")});
    QCOMPARE(details->notesField()->toPlainText(), QStringLiteral("worth a longer run"));
    QCOMPARE(details->tagsField()->text(), QStringLiteral("paper, best"));
    QCOMPARE(m_undo->count(), 2);
    m_undo->undo();
    m_undo->undo();
    QTRY_VERIFY(reader.run(3)->notes.empty() && reader.run(3)->tags.empty());
    QTRY_VERIFY(details->tagsField()->text().isEmpty());
}

void TestComparePage::scoresOnAnotherMixture()
{
    const QString natural = cell(QStringLiteral("tiny gibbs"), QStringLiteral("natural")).data().toString();
    QVERIFY(!natural.isEmpty());
    QTest::keyClick(scoredOn(), Qt::Key_Down); // uniform
    const QString uniform = cell(QStringLiteral("tiny gibbs"), QStringLiteral("uniform")).data().toString();
    QVERIFY(!uniform.isEmpty());
    QVERIFY(uniform != natural);
    QTest::keyClick(scoredOn(), Qt::Key_Down);
    QLineEdit *weights = nullptr;
    for (QLineEdit *field : m_page->findChildren<QLineEdit *>())
        weights = field->accessibleName().startsWith(QStringLiteral("Weights")) ? field : weights;
    QVERIFY(weights && weights->isVisible());
    QTest::keyClicks(weights, QStringLiteral("verses=1"));
    QTest::keyClick(weights, Qt::Key_Return);
    QCOMPARE(cell(QStringLiteral("tiny gibbs"), QStringLiteral("weighted")).data().toString(),
             cell(QStringLiteral("tiny gibbs"), QStringLiteral("verses")).data().toString());
    weights->setText(QStringLiteral("verses=-1"));
    QTest::keyClick(weights, Qt::Key_Return);
    QVERIFY(!weights->accessibleDescription().isEmpty());
    QVERIFY(cell(QStringLiteral("tiny gibbs"), QStringLiteral("weighted")).isValid()); // the ones before stay
}

void TestComparePage::choosesColumns()
{
    auto *button = m_page->findChild<QPushButton *>(QStringLiteral("columns"));
    emit button->menu()->aboutToShow();
    const auto toggle = [&](const QString &text) {
        for (QAction *action : button->menu()->actions())
            if (action->text() == text)
                action->trigger();
    };
    const int seed = cell(QStringLiteral("tiny gibbs"), QStringLiteral("seed")).column();
    const int tokens = cell(QStringLiteral("tiny gibbs"), QStringLiteral("tokens")).column();
    QVERIFY(table()->isColumnHidden(seed));
    toggle(QStringLiteral("seed"));
    toggle(QStringLiteral("tokens"));
    QVERIFY(!table()->isColumnHidden(seed));
    QVERIFY(table()->isColumnHidden(tokens));
    // The next window has them as they were left.
    const ComparePage other(*m_workspace, *m_undo);
    QVERIFY(!other.findChild<QTableView *>(QStringLiteral("runs"))->isColumnHidden(seed));
    QVERIFY(other.findChild<QTableView *>(QStringLiteral("runs"))->isColumnHidden(tokens));
    m_workspace->settings.resetLayout();
    m_page->restoreLayout();
    QVERIFY(table()->isColumnHidden(seed));
    QVERIFY(!table()->isColumnHidden(tokens));
}

void TestComparePage::usesExperimentAndMixture()
{
    QSignalSpy failed(m_page.get(), &Page::failed);
    select({QStringLiteral("tiny gibbs")});
    actions()->useFinalMixture->trigger();
    QCOMPARE(failed.count(), 1); // the document has no such domain yet
    actions()->useExperiment->trigger();
    const ExperimentDocument &document = m_workspace->document;
    QCOMPARE(document.experiment().info.name, std::string("tiny gibbs"));
    QCOMPARE(document.experiment().mixture.policy, std::string("gibbs"));
    QVERIFY(document.issues().empty());
    actions()->useFinalMixture->trigger();
    QCOMPARE(document.experiment().mixture.policy, std::string("manual"));
    const Weights weights = std::get<Weights>(document.experiment().mixture.parameters.at("weights"));
    QCOMPARE(weights.at("verses"), RunReader(m_store.toStdString()).curve(3, metric::kTarget, 2).back().value);
    QVERIFY(document.issues().empty());
    m_undo->undo();
    m_undo->undo();
    QVERIFY(document.experiment().domains.empty());
    QSignalSpy opened(m_page.get(), &ComparePage::openRequested);
    actions()->openExperimentFile->trigger();
    QCOMPARE(opened.front()[0].toString(), m_folder.filePath(QStringLiteral("tiny/tiny.toml")));
}

void TestComparePage::exportsEveryPointAndPictures()
{
    select({QStringLiteral("tiny gibbs"), QStringLiteral("tiny natural")});
    const QString csv = m_folder.filePath(QStringLiteral("curves.csv"));
    m_page->exportCurves(csv);
    QTRY_VERIFY(QFile::exists(csv));
    QFile file(csv);
    QVERIFY(file.open(QIODevice::ReadOnly));
    const QString text = QString::fromUtf8(file.readAll());
    QVERIFY(text.contains(QStringLiteral("tiny gibbs,loss.held_out,verses,40,10240,")));
    QVERIFY(text.contains(QStringLiteral("tiny natural,")));
    QVERIFY(!text.contains(QStringLiteral("tiny uniform,")));
    for (int tab = 0; tab < 3; ++tab) {
        tabs()->setCurrentIndex(tab);
        QTest::qWait(50);
        const QString png = m_folder.filePath(QStringLiteral("chart%1.png").arg(tab)),
                      svg = m_folder.filePath(QStringLiteral("chart%1.svg").arg(tab));
        QVERIFY(m_page->saveChart(png));
        QVERIFY(m_page->saveChart(svg));
        const QImage picture(png);
        QVERIFY(picture.width() > 600);
        QFile drawing(svg);
        QVERIFY(drawing.open(QIODevice::ReadOnly));
        QVERIFY(drawing.readAll().contains("tiny gibbs"));
    }
    QGuiApplication::clipboard()->clear();
    QTest::keyClick(table(), Qt::Key_C, Qt::ControlModifier | Qt::ShiftModifier);
    QVERIFY(!QGuiApplication::clipboard()->image().isNull());
    QTest::keyClick(table(), Qt::Key_C, Qt::ControlModifier);
    QVERIFY(QGuiApplication::clipboard()->text().contains(QStringLiteral("tiny natural\t")));
    QVERIFY(!m_page->saveChart(m_folder.filePath(QStringLiteral("no/such/folder.png"))));
}

void TestComparePage::followsARunOfAnotherProgram()
{
    RunWriter other(m_store.toStdString());
    RunRecord record = *RunReader(m_store.toStdString()).run(1);
    record.name = "theirs";
    record.state = RunState::Preparing;
    record.step = record.tokens = 0;
    const RunId run = other.createRun(record);
    QTRY_VERIFY(cell(QStringLiteral("theirs"), QStringLiteral("run")).isValid());
    select({QStringLiteral("theirs")});
    const CurvePlot *plot = m_page->findChild<CurvesTab *>()->plot();
    RunObserver &observer = other.observerFor(run);
    for (std::uint64_t step = 0; step <= 20; ++step) {
        EvaluationEvent evaluation;
        evaluation.step = step;
        evaluation.losses = {3.0 - double(step) / 20, 2, 1};
        evaluation.targetShare = {0.2, 0.3, 0.5};
        observer.onRunEvent(evaluation);
        StepEvent trained;
        trained.step = step;
        trained.losses = evaluation.losses;
        trained.targetShare = trained.realisedShare = evaluation.targetShare;
        trained.tokensDrawn = trained.epochs = {1, 1, 1};
        if (step > 0)
            observer.onRunEvent(trained);
        if (step % 10 == 0)
            QTRY_COMPARE(plot->curves()[0].series->size(), std::size_t(step + 1));
    }
    QTRY_COMPARE(cell(QStringLiteral("theirs"), QStringLiteral("sums")).data().toString(), QStringLiteral("2.000"));
}

void TestComparePage::resumesAStoppedRun()
{
    select({QStringLiteral("tiny gibbs")});
    QVERIFY(!actions()->resumeRun->isEnabled()); // it is done
    select({QStringLiteral("tiny stopped")});
    QVERIFY(actions()->resumeRun->isEnabled());
    QSignalSpy page(m_page.get(), &Page::pageRequested);
    actions()->resumeRun->trigger();
    QCOMPARE(page.count(), 1);
    QVERIFY(m_workspace->session.isActive());
    QVERIFY(!actions()->resumeRun->isEnabled());
    QTRY_VERIFY(!m_workspace->session.isActive());
    QVERIFY(m_workspace->session.state() == RunState::Done);
    QTRY_COMPARE(cell(QStringLiteral("tiny stopped"), QStringLiteral("state")).data().toString(),
                 QStringLiteral("Done"));
}

void TestComparePage::remembersTheBaseline()
{
    select({QStringLiteral("tiny natural")});
    QTest::keyClick(table(), Qt::Key_B);
    const auto badgeIn = [](const ComparePage &page) {
        const QAbstractItemModel *model = page.findChild<QTableView *>(QStringLiteral("runs"))->model();
        for (int row = 0; row < model->rowCount(); ++row)
            if (!model->index(row, 0).data(BadgeRole).toString().isEmpty())
                return model->index(row, 0).data().toString();
        return QString();
    };
    const ComparePage again(*m_workspace, *m_undo);
    QCOMPARE(badgeIn(again), QStringLiteral("tiny natural"));
    QVERIFY(m_workspace->library.open(m_master)); // another store: its run 2 is not meant
    QCOMPARE(badgeIn(*m_page), QString());
}

void TestComparePage::everyControlHasAName()
{
    for (QWidget *widget : m_page->findChildren<QWidget *>()) {
        const bool isControl = widget->focusPolicy() & Qt::TabFocus && widget->isVisible() && !widget->focusProxy();
        if (!isControl)
            continue;
        const auto *button = qobject_cast<QAbstractButton *>(widget);
        const bool isNamed = !widget->accessibleName().isEmpty() || (button && !button->text().isEmpty());
        QVERIFY2(isNamed, widget->metaObject()->className());
    }
}

QTEST_MAIN(TestComparePage)
#include "tst_compare_page.moc"
