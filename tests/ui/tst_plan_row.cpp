// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/tiny_plan.h"
#include "tests/ui/support/window_fixture.h"
#include "ui/status_strip.h"
#include "ui/training/plan_row.h"
#include "ui/training/run_board.h"
#include "ui/training/stage_button.h"
#include "ui/training_page.h"
#include "ui/widgets/elided_label.h"
#include "ui/widgets/message_bar.h"

#include <QToolTip>

using namespace krater;

namespace {

TrainingPage *pageOf(MainWindow &window)
{
    return qobject_cast<TrainingPage *>(window.page(Page::Id::Train));
}

QStringList statesOf(MainWindow &window)
{
    QStringList states;
    for (const StageButton *stage : pageOf(window)->planRow()->stages())
        states << stage->stateText().replace(QChar::Nbsp, QLatin1Char(' '));
    return states;
}

std::uint64_t stepOf(const Workspace &workspace, RunId run)
{
    const auto view = workspace.session.view();
    return view && view->record().id == run ? view->record().step : 0;
}

QString statusOf(MainWindow &window)
{
    QStringList texts;
    for (const ElidedLabel *label : window.findChild<StatusStrip *>()->findChildren<ElidedLabel *>())
        texts << label->text();
    return texts.join(QLatin1Char('|'));
}

} // namespace

// An experiment with stages in the window: the stages as a row of steps, Start, Stop, and going on.
class TestPlanRow : public QObject {
    Q_OBJECT

private slots:
    void initTestCase()
    {
        WindowFixture f({}, test::kTinyStages);
        QTest::keyClick(f.window.get(), Qt::Key_F5);
        QTRY_VERIFY(f.workspace.session.hasRun() && f.isDone());
        m_undisturbed = test::planContent(store(f).toStdString());
    }

    void anExperimentWithoutStagesHasNoRow()
    {
        WindowFixture f;
        f.window->showPage(Page::Id::Train);
        QVERIFY(pageOf(*f.window)->planRow()->isHidden());
        QTest::mouseClick(f.button(QStringLiteral("Start")), Qt::LeftButton);
        QTRY_VERIFY(f.workspace.session.hasRun() && f.isDone());
        QVERIFY(pageOf(*f.window)->planRow()->isHidden());
        QVERIFY(!statusOf(*f.window).contains(QStringLiteral("stage")));
    }

    void startTrainsAllStages()
    {
        WindowFixture f({}, test::kTinyStages);
        f.window->showPage(Page::Id::Train);
        TrainingPage *page = pageOf(*f.window);
        QVERIFY(page->planRow()->isVisible());
        const QStringList waiting(3, QStringLiteral("waiting"));
        QCOMPARE(statesOf(*f.window), waiting);
        const StageButton *last = page->planRow()->stages()[2];
        QVERIFY(last->toolTip().contains(QStringLiteral("Stage 3 of 3, verses only (fine-tune)")));
        QVERIFY(last->toolTip().contains(QStringLiteral("weights of “main”")));
        QVERIFY(page->planRow()->stages()[1]->accessibleDescription().contains(QStringLiteral("waiting. Trains on the average mixture of “find”")));

        f.allowSteps(10);
        QTest::mouseClick(f.button(QStringLiteral("Start")), Qt::LeftButton);
        QTRY_COMPARE(stepOf(f.workspace, 1), 10u);
        QTRY_COMPARE(statesOf(*f.window), QStringList({QStringLiteral("50 %"), QStringLiteral("waiting"), QStringLiteral("waiting")}));
        QTRY_VERIFY(statusOf(*f.window).contains(QStringLiteral("stage 1 of 3")));
        f.allowSteps(30);
        QTRY_COMPARE(stepOf(f.workspace, 2), 30u);
        QTRY_COMPARE(statesOf(*f.window), QStringList({QStringLiteral("done"), QStringLiteral("75 %"), QStringLiteral("waiting")}));
        QTRY_VERIFY(statusOf(*f.window).contains(QStringLiteral("stage 2 of 3")));
        QCOMPARE(page->board()->run(), f.workspace.session.view());
        f.allowSteps(1000);
        QTRY_VERIFY(f.isDone());
        const QStringList done(3, QStringLiteral("done"));
        QTRY_COMPARE(statesOf(*f.window), done);
        QVERIFY(page->message()->isHidden());
        QVERIFY(f.window->messages().isHidden());

        RunReader reader(store(f).toStdString());
        const std::vector<RunRecord> runs = reader.planRuns(1);
        QCOMPARE(runs.size(), std::size_t(3));
        const RunRole roles[] = {RunRole::Proxy, RunRole::Main, RunRole::FineTune};
        for (std::size_t stage = 0; stage < 3; ++stage) {
            QVERIFY(runs[stage].state == RunState::Done);
            QVERIFY(runs[stage].role == roles[stage]);
            QCOMPARE(runs[stage].parent.value_or(0), RunId(stage));
        }
        QVERIFY(!f.window->actions().resumeRun->isEnabled());
    }

    // Another window on the same store, later.
    void aStoppedPlanGoesOnInAnotherWindow()
    {
        WindowFixture f({}, test::kTinyStages);
        f.allowSteps(27);
        QTest::keyClick(f.window.get(), Qt::Key_F5);
        QTRY_COMPARE(stepOf(f.workspace, 2), 27u);
        QTest::mouseClick(f.button(QStringLiteral("Stop")), Qt::LeftButton);
        f.allowSteps(1000);
        QTRY_VERIFY(f.isDone());
        QTRY_VERIFY(statesOf(*f.window)[1].startsWith(QStringLiteral("stopped at ")));
        QCOMPARE(statesOf(*f.window)[2], QStringLiteral("waiting"));
        QTRY_VERIFY(f.window->actions().resumeRun->isEnabled());
        f.window.reset();

        Workspace later;
        later.engine.use(makeFakeEngine({}));
        ThemeController theme(later.settings);
        MainWindow window(later);
        window.show();
        later.library.open(store(f));
        TrainingPage *page = pageOf(window);
        emit page->runRequested(later.library.view(1)); // done, its plan is not
        QCOMPARE(statesOf(window)[0], QStringLiteral("done"));
        QVERIFY(statesOf(window)[1].startsWith(QStringLiteral("stopped at ")));
        QVERIFY(page->message()->isVisible());
        QVERIFY(window.actions().resumeRun->isEnabled());
        window.actions().resumeRun->trigger();
        QTRY_VERIFY(later.session.hasRun() && !later.session.isActive());
        QTRY_COMPARE(statesOf(window), QStringList(3, QStringLiteral("done")));
        QVERIFY(page->message()->isHidden());
        QVERIFY(test::planContent(store(f).toStdString()) == m_undisturbed);
    }

    void aPlanThatWasLeftBetweenTwoStagesIsOffered()
    {
        WindowFixture f({}, test::kTinyStages);
        // Only the first stage gets its run.
        connect(&f.workspace.session, &TrainingSession::runStarted, this, [&] {
            connect(f.workspace.session.view().get(), &RunView::recordChanged, this, [&] {
                if (f.workspace.session.view()->record().state == RunState::Done)
                    f.workspace.session.stop();
            });
        });
        QTest::keyClick(f.window.get(), Qt::Key_F5);
        QTRY_VERIFY(f.workspace.session.hasRun() && f.isDone());
        QTRY_VERIFY(pageOf(*f.window)->message()->message().contains(QStringLiteral("not all those of its plan")));
        QTRY_VERIFY(f.button(QStringLiteral("Go on with the plan")));
        Workspace later;
        later.engine.use(makeFakeEngine({}));
        ThemeController theme(later.settings);
        MainWindow window(later);
        window.show();
        later.library.open(store(f));
        QVERIFY(window.messages().isVisible());
        QVERIFY(window.messages().message().contains(QStringLiteral("did not go on with stage 2 of 3")));
        QAbstractButton *goOn = nullptr;
        for (auto *button : window.messages().findChildren<QAbstractButton *>())
            if (button->text() == QStringLiteral("Go on"))
                goOn = button;
        QVERIFY(goOn);
        QTest::mouseClick(goOn, Qt::LeftButton);
        QTRY_VERIFY(later.session.hasRun() && !later.session.isActive());
        QVERIFY(test::planContent(store(f).toStdString()) == m_undisturbed);
    }

    void aStepShowsItsRun()
    {
        WindowFixture f({}, test::kTinyStages);
        f.allowSteps(30);
        QTest::keyClick(f.window.get(), Qt::Key_F5);
        QTRY_COMPARE(stepOf(f.workspace, 2), 30u);
        TrainingPage *page = pageOf(*f.window);
        const auto &stages = page->planRow()->stages();
        QTRY_COMPARE(stages[0]->run(), RunId(1));
        QTest::mouseClick(stages[0], Qt::LeftButton);
        QCOMPARE(page->board()->run()->record().id, RunId(1));
        QVERIFY(page->planRow()->isVisible());
        QCOMPARE(statesOf(*f.window)[1], QStringLiteral("75 %"));
        // The next stage does not call the user away from what is looked at.
        f.allowSteps(45);
        QTRY_COMPARE(stepOf(f.workspace, 3), 45u);
        QCOMPARE(page->board()->run()->record().id, RunId(1));
        QTRY_COMPARE(statesOf(*f.window)[2], QStringLiteral("75 %"));
        stages[2]->setFocus(Qt::TabFocusReason);
        QTest::keyClick(stages[2], Qt::Key_Space);
        QCOMPARE(page->board()->run(), f.workspace.session.view());
        f.allowSteps(1000);
        QTRY_VERIFY(f.isDone());
    }

    void theKeyboardReachesEveryStep()
    {
        WindowFixture f({}, test::kTinyStages);
        f.window->showPage(Page::Id::Train);
        const auto &stages = pageOf(*f.window)->planRow()->stages();
        stages[0]->setFocus(Qt::TabFocusReason);
        QTest::keyClick(stages[0], Qt::Key_Tab);
        QVERIFY(stages[1]->hasFocus());
        QTest::keyClick(stages[1], Qt::Key_Right);
        QVERIFY(stages[2]->hasFocus());
        QTest::keyClick(stages[2], Qt::Key_Space); // has no run: says what it waits for
        QCOMPARE(QToolTip::text(), stages[2]->toolTip());
        QToolTip::hideText();
    }

    void aStepFitsIntoANarrowWindow()
    {
        WindowFixture f({}, test::kTinyStages);
        f.window->resize(960, 600);
        f.window->showPage(Page::Id::Train);
        Experiment many = f.workspace.document.experiment();
        while (many.stages.size() < 9)
            many.stages.push_back(many.stages.back());
        f.workspace.document.setExperiment(many);
        const PlanRow *row = pageOf(*f.window)->planRow();
        QCOMPARE(row->stages().size(), std::size_t(9));
        QTRY_VERIFY(row->stages().back()->width() > 0);
        QCOMPARE(f.window->width(), 960);
        QTRY_VERIFY(row->stages().back()->mapTo(f.window.get(), row->stages().back()->rect().topRight()).x() < 960);
        for (const StageButton *stage : row->stages())
            QVERIFY(stage->width() >= stage->minimumSizeHint().width());
    }

private:
    static QString store(const WindowFixture &f) { return f.folder.filePath(QStringLiteral("runs.krater")); }

    test::PlanContent m_undisturbed;
};

QTEST_MAIN(TestPlanRow)
#include "tst_plan_row.moc"
