// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/files.h"
#include "tests/ui/support/window_fixture.h"
#include "ui/dialogs/generation_dialog.h"
#include "ui/training_page.h"
#include "ui/training/run_board.h"
#include "ui/widgets/message_bar.h"

#include <QClipboard>
#include <QMenuBar>
#include <QMimeData>
#include <QSignalSpy>

using namespace krater;

class TestMainWindow : public QObject {
    Q_OBJECT

private slots:
    void pagesByRailKeysAndMenu()
    {
        WindowFixture f;
        QVERIFY(f.window->currentPage() == Page::Id::Domains);
        QTest::mouseClick(f.button(QStringLiteral("Compare")), Qt::LeftButton);
        QVERIFY(f.window->currentPage() == Page::Id::Compare);
        QTest::keyClick(f.window.get(), Qt::Key_2, Qt::ControlModifier);
        QVERIFY(f.window->currentPage() == Page::Id::Mixture);
        f.window->actions().pages.value(Page::Id::Train)->trigger();
        QVERIFY(f.window->currentPage() == Page::Id::Train);
        QVERIFY(f.window->actions().pages.value(Page::Id::Train)->isChecked());
        QVERIFY(f.button(QStringLiteral("Train"))->isChecked());
    }

    void everyCommandIsInAMenuOnceAndNoShortcutTwice()
    {
        WindowFixture f;
        QSet<QString> shortcuts;
        QSet<QAction *> inMenus;
        for (QAction *menu : f.window->menuBar()->actions()) {
            for (QAction *action : menu->menu()->actions())
                inMenus << action;
        }
        for (QAction *action : f.window->actions().withShortcuts()) {
            QVERIFY2(inMenus.contains(action), qPrintable(action->text()));
            for (const QKeySequence &shortcut : action->shortcuts()) {
                QVERIFY2(!shortcuts.contains(shortcut.toString()), qPrintable(shortcut.toString()));
                shortcuts << shortcut.toString();
            }
        }
        QVERIFY(shortcuts.contains(QStringLiteral("F5")));
        QVERIFY(shortcuts.contains(QStringLiteral("Ctrl+Space")));
        QVERIFY(shortcuts.contains(QStringLiteral("Shift+F5")));
    }

    void startTrainsOnTheTrainPage()
    {
        WindowFixture f;
        f.allowSteps(20);
        QVERIFY(buttonKind(f.button(QStringLiteral("Start"))) == ButtonKind::Primary);
        QTest::keyClick(f.window.get(), Qt::Key_F5);
        QVERIFY(f.window->currentPage() == Page::Id::Train);
        QTRY_VERIFY(f.workspace.session.hasRun() && f.workspace.session.view()->record().step == 20);
        QVERIFY(!f.button(QStringLiteral("Start"))->isEnabled());
        QVERIFY(buttonKind(f.button(QStringLiteral("Start"))) == ButtonKind::Normal);
        QVERIFY(f.button(QStringLiteral("Stop"))->isEnabled());
        auto *page = qobject_cast<TrainingPage *>(f.window->page(Page::Id::Train));
        QCOMPARE(page->board()->run(), f.workspace.session.view());
        QVERIFY(page->board()->isVisible());
        f.allowSteps(1000);
        QTRY_VERIFY(f.isDone());
        QTRY_VERIFY(f.button(QStringLiteral("Start"))->isEnabled());
        QVERIFY(!f.button(QStringLiteral("Pause"))->isEnabled());
        QVERIFY(page->message()->isHidden()); // a run that is done needs no explanation
        QTRY_COMPARE(f.workspace.library.runs().size(), std::size_t(1)); // the library hears of it a moment later
    }

    void pausesResumesAndStops()
    {
        WindowFixture f;
        f.allowSteps(12);
        QTest::mouseClick(f.button(QStringLiteral("Start")), Qt::LeftButton);
        QTRY_VERIFY(f.workspace.session.state() == RunState::Running);
        QTest::keyClick(f.window.get(), Qt::Key_Space, Qt::ControlModifier);
        f.allowSteps(13);
        QTRY_VERIFY(f.workspace.session.state() == RunState::Paused);
        QVERIFY(f.button(QStringLiteral("Resume")));
        QVERIFY(buttonKind(f.button(QStringLiteral("Resume"))) == ButtonKind::Primary);
        QTest::mouseClick(f.button(QStringLiteral("Resume")), Qt::LeftButton);
        QTRY_VERIFY(f.workspace.session.state() == RunState::Running);
        f.allowSteps(25);
        QTRY_VERIFY(f.workspace.session.view()->record().step >= 25);
        QTest::keyClick(f.window.get(), Qt::Key_F5, Qt::ShiftModifier);
        f.allowSteps(1000);
        QTRY_VERIFY(f.isDone());
        auto *page = qobject_cast<TrainingPage *>(f.window->page(Page::Id::Train));
        QVERIFY(page->message()->message().contains(QStringLiteral("Stopped at step")));
        QTRY_VERIFY(f.button(QStringLiteral("Go on from the checkpoint")));
        QTest::mouseClick(f.button(QStringLiteral("Go on from the checkpoint")), Qt::LeftButton);
        QTRY_VERIFY(f.workspace.session.isActive());
        QTRY_VERIFY(f.isDone());
        QVERIFY(f.workspace.session.state() == RunState::Done);
        QTRY_COMPARE(f.workspace.library.runs().size(), std::size_t(1)); // the library hears of it a moment later
        QVERIFY(page->message()->isHidden());
    }

    void theModelOfTheShownRunCanBeTried()
    {
        WindowFixture f;
        f.window->actions().start->trigger();
        QTRY_VERIFY(f.workspace.session.hasRun() && f.isDone());
        QAbstractButton *tryIt = f.button(QStringLiteral("Try it"));
        QVERIFY(tryIt && tryIt->isEnabled());
        QTest::mouseClick(tryIt, Qt::LeftButton);
        const auto *dialog = f.window->findChild<GenerationDialog *>();
        QVERIFY(dialog && dialog->isVisible() && !dialog->isModal());
        QVERIFY(dialog->windowTitle().contains(QStringLiteral("run 1")));

        // One that failed before there was a model.
        const auto run = std::make_shared<RunView>(newRunRecord(f.workspace.document.experiment(), {}));
        RunRecord record = run->record();
        record.state = RunState::Failed;
        run->setRecord(record);
        qobject_cast<TrainingPage *>(f.window->page(Page::Id::Train))->showRun(run);
        QVERIFY(!tryIt->isEnabled());
        QVERIFY2(tryIt->toolTip().contains(QStringLiteral("no model")), qPrintable(tryIt->toolTip()));
    }

    void saysWhyARunFailedInThePage()
    {
        FakeEngineOptions options;
        options.divergeAtStep = 15;
        WindowFixture f(options);
        f.window->actions().start->trigger();
        QTRY_VERIFY(f.workspace.session.hasRun() && f.isDone());
        QVERIFY(f.workspace.session.state() == RunState::Diverged);
        auto *page = qobject_cast<TrainingPage *>(f.window->page(Page::Id::Train));
        QVERIFY(page->message()->isVisible());
        QVERIFY(page->message()->message().contains(QStringLiteral("15")));
        QVERIFY(!QApplication::activeModalWidget());
    }

    void aBrokenExperimentIsExplainedAndNotStarted()
    {
        WindowFixture f;
        Experiment broken = f.workspace.document.experiment();
        broken.model.heads = 3;
        f.workspace.document.setExperiment(broken);
        f.window->actions().start->trigger();
        QVERIFY(f.isDone());
        QVERIFY(f.window->messages().isVisible());
        QVERIFY(f.window->currentPage() == Page::Id::Domains);
        QTest::mouseClick(f.button(QStringLiteral("Copy")), Qt::LeftButton);
        QVERIFY(QApplication::clipboard()->text().contains(QStringLiteral("heads")));
    }

    void opensFilesByTheirKind()
    {
        WindowFixture f;
        const QString other = f.folder.filePath(QStringLiteral("other.toml"));
        QVERIFY(QFile::copy(f.experimentFile, other));
        f.window->openPaths({other});
        QCOMPARE(f.workspace.document.filePath(), other);
        QCOMPARE(f.workspace.settings.recentFiles().front(), other);
        const QString store = f.folder.filePath(QStringLiteral("second.krater"));
        f.window->openPaths({store});
        QTRY_COMPARE(f.workspace.library.storeFile(), store);
        const QString text = f.folder.filePath(QStringLiteral("letters.txt"));
        writeFileAtomically(text.toStdString(), "a letter\n");
        const std::size_t before = f.workspace.document.experiment().domains.size();
        f.window->showPage(Page::Id::Train);
        f.window->openPaths({text});
        QCOMPARE(f.workspace.document.experiment().domains.size(), before + 1);
        QVERIFY(f.window->currentPage() == Page::Id::Domains);
    }

    void takesDroppedFiles()
    {
        WindowFixture f;
        const QString other = f.folder.filePath(QStringLiteral("dropped.toml"));
        QVERIFY(QFile::copy(f.experimentFile, other));
        QMimeData files;
        files.setUrls({QUrl::fromLocalFile(other)});
        QDragEnterEvent enter(QPoint(300, 300), Qt::CopyAction, &files, Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(f.window.get(), &enter);
        QVERIFY(enter.isAccepted());
        QDropEvent drop(QPointF(300, 300), Qt::CopyAction, &files, Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(f.window.get(), &drop);
        QCOMPARE(f.workspace.document.filePath(), other);
    }

    void aFileThatIsNoExperimentChangesNothing()
    {
        WindowFixture f;
        const QString bad = f.folder.filePath(QStringLiteral("bad.toml"));
        writeFileAtomically(bad.toStdString(), "[experiment\nname = ");
        f.window->openPaths({bad});
        QCOMPARE(f.workspace.document.filePath(), f.experimentFile);
        QVERIFY(f.window->messages().isVisible());
        QVERIFY(f.window->messages().message().contains(QStringLiteral("bad.toml")));
    }

    void titleAndUndoFollowEdits()
    {
        WindowFixture f;
        QVERIFY(f.window->windowTitle().startsWith(QStringLiteral("tiny")));
        QVERIFY(!f.window->isWindowModified());
        f.window->openPaths({f.folder.path()}); // a folder becomes a domain
        QVERIFY(f.window->isWindowModified());
        QVERIFY(f.window->actions().undo->isEnabled());
        QTest::keyClick(f.window.get(), Qt::Key_Z, Qt::ControlModifier);
        QVERIFY(!f.window->isWindowModified());
        f.window->actions().redo->trigger();
        QVERIFY(f.window->isWindowModified());
        f.window->actions().save->trigger();
        QVERIFY(!f.window->isWindowModified());
    }

    void asksAboutUnsavedChanges()
    {
        WindowFixture f;
        f.window->openPaths({f.folder.path()});
        f.answer(QStringLiteral("Cancel"));
        QVERIFY(!f.window->close());
        QVERIFY(f.asked.contains(QStringLiteral("tiny")));
        f.answer(QStringLiteral("Discard"));
        QVERIFY(f.window->close());
    }

    void askedOnceStopsTheRunAndCloses()
    {
        WindowFixture f;
        f.allowSteps(15);
        f.window->actions().start->trigger();
        QTRY_VERIFY(f.workspace.session.hasRun() && f.workspace.session.view()->record().step == 15);
        f.answer(QStringLiteral("Cancel"));
        QVERIFY(!f.window->close());
        QVERIFY(f.window->isVisible());
        QVERIFY(f.workspace.session.isActive());
        f.answer(QStringLiteral("Stop and quit"));
        f.window->close();
        QVERIFY(f.window->isVisible()); // until the checkpoint is on disk
        f.allowSteps(1000);
        QTRY_VERIFY(!f.window->isVisible());
        QVERIFY(f.isDone());
        QTRY_VERIFY(f.workspace.library.runs().front().state == RunState::Stopped); // the library reads it from the store
    }

    void appearanceByMenuAndDialog()
    {
        WindowFixture f;
        f.window->actions().appearances.value(Settings::Appearance::Dark)->trigger();
        QTRY_VERIFY(Theme::of(f.window.get()).isDark);
        QTest::keyClick(f.window.get(), Qt::Key_Comma, Qt::ControlModifier);
        auto *dialog = f.window->findChild<QDialog *>();
        QVERIFY(dialog && dialog->isVisible());
        for (auto *segment : dialog->findChildren<QAbstractButton *>()) {
            if (segment->text() == QStringLiteral("Light"))
                QTest::mouseClick(segment, Qt::LeftButton);
        }
        QTRY_VERIFY(!Theme::of(f.window.get()).isDark);
        QVERIFY(f.window->actions().appearances.value(Settings::Appearance::Light)->isChecked());
    }

    void helpOpensAtThePage()
    {
        WindowFixture f;
        f.window->showPage(Page::Id::Compare);
        QTest::keyClick(f.window.get(), Qt::Key_F1);
        const auto dialogs = f.window->findChildren<QDialog *>();
        QCOMPARE(dialogs.size(), 1);
        QVERIFY(dialogs.front()->isVisible());
        f.window->actions().shortcuts->trigger();
        QCOMPARE(f.window->findChildren<QDialog *>().size(), 2);
    }

    void layoutIsKeptAndReset()
    {
        WindowFixture f;
        f.window->resize(1100, 700);
        QVERIFY(f.window->close());
        QVERIFY(f.workspace.settings.layout(QStringLiteral("main/geometry")).isValid());
        f.window->show();
        f.window->activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(f.window.get()));
        QTest::keyClick(f.window.get(), Qt::Key_0, Qt::ControlModifier);
        QCOMPARE(f.window->size(), QSize(1280, 800));
    }

    void showsASavedRunAndComesBackToTheLiveOne()
    {
        WindowFixture f;
        f.window->actions().start->trigger();
        QTRY_VERIFY(f.workspace.session.hasRun() && f.isDone());
        const auto saved = f.workspace.session.view();
        f.allowSteps(10);
        f.window->actions().start->trigger();
        QTRY_VERIFY(f.workspace.session.view() != saved && f.workspace.session.view()->record().step == 10);
        auto *page = qobject_cast<TrainingPage *>(f.window->page(Page::Id::Train));
        emit f.window->page(Page::Id::Compare)->runRequested(saved);
        QCOMPARE(page->board()->run(), saved);
        QTRY_VERIFY(f.button(QStringLiteral("Show the one that is trained")));
        QTest::mouseClick(f.button(QStringLiteral("Show the one that is trained")), Qt::LeftButton);
        QCOMPARE(page->board()->run(), f.workspace.session.view());
    }

    void everyControlHasAName()
    {
        WindowFixture f;
        QTest::qWait(10);
        for (auto *button : f.window->findChildren<QAbstractButton *>()) {
            if (button->inherits("QTableCornerButton"))
                continue; // above row numbers that no table shows
            QVERIFY2(!button->accessibleName().isEmpty() || !button->text().isEmpty() || button->objectName().startsWith(QStringLiteral("qt_")),
                     button->metaObject()->className());
        }
    }
};

QTEST_MAIN(TestMainWindow)
#include "tst_main_window.moc"
