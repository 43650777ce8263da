// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/cli/cli_process.h"
#include "tests/support/tiny_corpus.h"
#include "tests/support/tiny_plan.h"
#include "ui/main_actions.h"
#include "ui/main_window.h"
#include "ui/plots/crosshair_group.h"
#include "ui/theme/theme_controller.h"
#include "ui/training/run_board.h"
#include "ui/training_page.h"
#include "ui/widgets/message_bar.h"

#include <QAbstractButton>
#include <QTemporaryDir>
#include <QTest>

#include <memory>

using namespace krater;

// What a person does on the first day, with the real engine: open, start, watch, stop, go on, look again in a new window.
class TestTrainingPath : public QObject {
    Q_OBJECT

private slots:
    void fromStartToStopAndOn()
    {
        QTemporaryDir folder;
        const QString store = folder.filePath(QStringLiteral("runs.krater"));
        // Long enough that Stop comes before the end on any machine.
        const QString file = QString::fromStdString(
            test::writeTinyExperiment(folder.filePath(QStringLiteral("tiny")).toStdString()).string());
        RunId id = 0;
        std::uint64_t stoppedAt = 0;
        {
            Workspace workspace;
            ThemeController theme(workspace.settings);
            MainWindow window(workspace);
            window.show();
            window.activateWindow();
            QVERIFY(QTest::qWaitForWindowActive(&window));
            workspace.library.open(store);
            workspace.engine.load();
            window.openPaths({file});
            Experiment longer = workspace.document.experiment();
            longer.training.tokenBudget = 2'560'000; // 10,000 steps
            workspace.document.setExperiment(longer);

            QTest::keyClick(&window, Qt::Key_F5);
            QVERIFY(window.currentPage() == Page::Id::Train);
            QTRY_VERIFY_WITH_TIMEOUT(workspace.session.hasRun() && workspace.session.view()->record().step >= 30, 60'000);
            QVERIFY(workspace.engine.state() == EngineLoader::State::Ready);
            auto *page = qobject_cast<TrainingPage *>(window.page(Page::Id::Train));
            RunBoard *board = page->board();
            QVERIFY(board->isVisible());
            board->plots()->redrawNow();
            const PlotTable losses = board->lossPlot()->table();
            QCOMPARE(losses.columns.size(), 7);
            QVERIFY(losses.rows.size() >= 30);
            // In full colour once there are two evaluations to draw a line between.
            const QColor first = domainColours(workspace.session.view()->record())[0];
            QTRY_VERIFY_WITH_TIMEOUT((board->plots()->redrawNow(), hasColour(board->lossPlot()->grab().toImage(), first)), 30'000);

            QTest::keyClick(&window, Qt::Key_F5, Qt::ShiftModifier);
            QTRY_VERIFY_WITH_TIMEOUT(!workspace.session.isActive(), 60'000);
            QVERIFY(workspace.session.state() == RunState::Stopped);
            id = workspace.session.view()->record().id;
            stoppedAt = workspace.session.view()->record().step;
            QVERIFY(page->message()->isVisible());
            QVERIFY(stoppedAt < 10'000);
        }
        // Another day.
        Workspace workspace;
        ThemeController theme(workspace.settings);
        MainWindow window(workspace);
        window.show();
        workspace.library.open(store);
        workspace.engine.load();
        const auto saved = workspace.library.view(id);
        QVERIFY(saved);
        auto *page = qobject_cast<TrainingPage *>(window.page(Page::Id::Train));
        emit page->runRequested(saved);
        QTRY_COMPARE_WITH_TIMEOUT(saved->curve(QString::fromLatin1(metric::kTarget), 0).size(), std::size_t(stoppedAt + 1), 10'000);
        page->board()->plots()->redrawNow();
        QCOMPARE(page->board()->plots()->upper(), saved->position(stoppedAt, XAxis::Tokens));
        QVERIFY(window.actions().resumeRun->isEnabled());
        window.actions().resumeRun->trigger();
        QTRY_VERIFY_WITH_TIMEOUT(workspace.session.hasRun() && workspace.session.view()->record().step > stoppedAt + 5, 60'000);
        QCOMPARE(workspace.session.view()->record().id, id);
        QCOMPARE(page->board()->run(), workspace.session.view());
        window.actions().stop->trigger();
        QTRY_VERIFY_WITH_TIMEOUT(!workspace.session.isActive(), 60'000);
    }

    // A plan that krater-cli began and was killed in, in its second stage.
    void goesOnWithAPlanOfKraterCli()
    {
        QTemporaryDir folder;
        const QString file = QString::fromStdString(
            test::writeTinyExperiment(folder.filePath(QStringLiteral("tiny")).toStdString(), test::kTinyStages).string());
        const auto train = [&](const QString &store) {
            return QStringList{QStringLiteral("train"), file, QStringLiteral("--store"), store, QStringLiteral("--set"),
                               QStringLiteral("stage.main.training.token_budget=40960")};
        };
        const QString undisturbed = folder.filePath(QStringLiteral("undisturbed.krater"));
        QCOMPARE(test::runCli(train(undisturbed)).exitCode, 0);
        const QString store = folder.filePath(QStringLiteral("killed.krater"));
        int run = 0;
        const test::CliResult killed = test::runCliStreaming(train(store), [&](const QJsonObject &line, QProcess &) {
            if (line[QStringLiteral("event")] == QStringLiteral("run_started"))
                run = line[QStringLiteral("run")].toInt();
            return run == 2 && line[QStringLiteral("step")].toInt() == 35 ? test::Deed::Kill : test::Deed::Nothing;
        });
        QCOMPARE(killed.exitCode, -1);

        Workspace workspace;
        ThemeController theme(workspace.settings);
        MainWindow window(workspace);
        window.show();
        workspace.library.open(store);
        workspace.engine.load();
        QVERIFY2(window.messages().message().contains(QStringLiteral("was interrupted at step")), qPrintable(window.messages().message()));
        workspace.session.resumeRun(1);
        QTRY_VERIFY_WITH_TIMEOUT(workspace.session.hasRun() && !workspace.session.isActive(), 60'000);
        QVERIFY(workspace.session.state() == RunState::Done);
        QCOMPARE(workspace.session.view()->record().id, RunId(3));
        QVERIFY(test::planContent(store.toStdString()) == test::planContent(undisturbed.toStdString()));
    }

private:
    // Some pixel has nearly that colour: the curve is there.
    static bool hasColour(const QImage &image, const QColor &wanted)
    {
        for (int y = 0; y < image.height(); ++y) {
            for (int x = 0; x < image.width(); ++x) {
                const QColor found = image.pixelColor(x, y);
                if (std::abs(found.red() - wanted.red()) + std::abs(found.green() - wanted.green())
                        + std::abs(found.blue() - wanted.blue())
                    < 30)
                    return true;
            }
        }
        return false;
    }
};

QTEST_MAIN(TestTrainingPath)
#include "tst_training_path.moc"
