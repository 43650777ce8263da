// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/main_actions.h"

#include "ui/theme/icons.h"

#include <QActionGroup>
#include <QMenu>
#include <QMenuBar>

namespace krater {

MainActions::MainActions(QWidget *window, QUndoStack *undoStack)
    : QObject(window)
    , m_window(window)
    , m_pageGroup(new QActionGroup(this))
    , m_appearanceGroup(new QActionGroup(this))
{
    createFileActions();
    undo = undoStack->createUndoAction(this, tr("&Undo"));
    undo->setIcon(icon(QStringLiteral("undo")));
    undo->setShortcuts(QKeySequence::Undo);
    redo = undoStack->createRedoAction(this, tr("&Redo"));
    redo->setIcon(icon(QStringLiteral("redo")));
    redo->setShortcuts(QKeySequence::Redo);
    window->addActions({undo, redo});
    createViewActions();
    createRunActions();
    createHelpActions();
}

QAction *MainActions::make(const QString &text, const QString &iconName, const QKeySequence &shortcut,
                           const QString &tip)
{
    auto *action = new QAction(text, this);
    if (!iconName.isEmpty())
        action->setIcon(icon(iconName));
    action->setShortcut(shortcut);
    action->setStatusTip(tip);
    m_window->addAction(action); // so that the shortcut works while its menu is closed
    return action;
}

QAction *MainActions::make(const QString &text, const QString &iconName, QKeySequence::StandardKey key,
                           const QString &tip)
{
    QAction *action = make(text, iconName, QKeySequence(), tip);
    action->setShortcuts(key);
    return action;
}

void MainActions::createFileActions()
{
    newExperiment =
        make(tr("&New experiment"), QStringLiteral("new"), QKeySequence::New, tr("Start from an empty experiment"));
    open = make(tr("&Open…"), QStringLiteral("open"), QKeySequence::Open, tr("Open an experiment or a store of runs"));
    recentMenu = new QMenu(tr("Open &recent"), m_window);
    recentMenu->setIcon(icon(QStringLiteral("recent")));
    save = make(tr("&Save"), QStringLiteral("save"), QKeySequence::Save, tr("Save the experiment"));
    saveAs = make(tr("Save &as…"), {}, QKeySequence::SaveAs, tr("Save the experiment to another file"));
    openStore = make(tr("Open &store…"), QStringLiteral("database"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_O),
                     tr("Open another file of saved runs"));
    quit = make(tr("&Quit"), QStringLiteral("cancel"), QKeySequence(Qt::CTRL | Qt::Key_Q), tr("Close the window"));
}

void MainActions::createViewActions()
{
    const auto page = [this](Page::Id id, const QString &text, const QString &iconName, Qt::Key key) {
        pages[id] = make(text, iconName, QKeySequence(Qt::CTRL | key), {});
        pages[id]->setCheckable(true);
        m_pageGroup->addAction(pages[id]);
    };
    page(Page::Id::Domains, tr("&Domains"), QStringLiteral("domains"), Qt::Key_1);
    page(Page::Id::Mixture, tr("&Mixture"), QStringLiteral("mixture"), Qt::Key_2);
    page(Page::Id::Train, tr("&Train"), QStringLiteral("train"), Qt::Key_3);
    page(Page::Id::Compare, tr("&Compare"), QStringLiteral("compare"), Qt::Key_4);
    const auto appearance = [this](Settings::Appearance id, const QString &text) {
        appearances[id] = make(text, {}, QKeySequence(), {});
        appearances[id]->setCheckable(true);
        m_appearanceGroup->addAction(appearances[id]);
    };
    appearance(Settings::Appearance::System, tr("As the &system"));
    appearance(Settings::Appearance::Light, tr("&Light"));
    appearance(Settings::Appearance::Dark, tr("&Dark"));
    fullScreen = make(tr("&Full screen"), QStringLiteral("fullscreen"), QKeySequence(Qt::Key_F11),
                      tr("Fill the screen with the window"));
    fullScreen->setCheckable(true);
    resetLayout =
        make(tr("&Reset layout"), {}, QKeySequence(Qt::CTRL | Qt::Key_0), tr("Put window, splitters and columns back"));
}

void MainActions::createRunActions()
{
    start =
        make(tr("&Start"), QStringLiteral("start"), QKeySequence(Qt::Key_F5), tr("Train a model on this experiment"));
    pause = make(tr("&Pause"), QStringLiteral("pause"), QKeySequence(Qt::CTRL | Qt::Key_Space),
                 tr("Hold the run at the next step"));
    stop = make(tr("S&top"), QStringLiteral("stop"), QKeySequence(Qt::SHIFT | Qt::Key_F5),
                tr("Save a checkpoint and end the run"));
    resumeRun = make(tr("Go &on from the checkpoint"), QStringLiteral("resume"), QKeySequence(Qt::CTRL | Qt::Key_F5),
                     tr("Go on with the run that the Train page shows"));
}

void MainActions::createHelpActions()
{
    scan = make(tr("S&can the corpus"), QStringLiteral("scan"), QKeySequence(Qt::CTRL | Qt::Key_R),
                tr("Read all sources again: documents, bytes, tokens, overlap"));
    reloadEngine = make(tr("Load the training &engine again"), QStringLiteral("refresh"), QKeySequence(),
                        tr("After LibTorch was set up or repaired"));
    preferences = make(tr("&Preferences…"), QStringLiteral("settings"), QKeySequence(Qt::CTRL | Qt::Key_Comma),
                       tr("Appearance and layout"));
    help = make(tr("&Help"), QStringLiteral("help"), QKeySequence::HelpContents, tr("How Krater works"));
    shortcuts =
        make(tr("&Keyboard shortcuts"), QStringLiteral("keyboard"), QKeySequence(Qt::CTRL | Qt::Key_Question), {});
    about = make(tr("&About Krater"), QStringLiteral("info"), QKeySequence(), {});
    preferences->setMenuRole(QAction::PreferencesRole);
    quit->setMenuRole(QAction::QuitRole);
    about->setMenuRole(QAction::AboutRole);
}

void MainActions::fillMenuBar(QMenuBar *bar)
{
    QMenu *file = bar->addMenu(tr("&File"));
    file->addActions({newExperiment, open});
    file->addMenu(recentMenu);
    file->addSeparator();
    file->addActions({save, saveAs});
    file->addSeparator();
    file->addAction(openStore);
    file->addSeparator();
    file->addAction(quit);

    QMenu *edit = bar->addMenu(tr("&Edit"));
    edit->addActions({undo, redo});

    QMenu *view = bar->addMenu(tr("&View"));
    view->addActions(pages.values());
    view->addSeparator();
    view->addMenu(tr("&Appearance"))->addActions(appearances.values());
    view->addAction(fullScreen);
    view->addAction(resetLayout);

    QMenu *run = bar->addMenu(tr("&Run"));
    run->addActions({start, pause, stop});
    run->addSeparator();
    run->addAction(resumeRun);

    QMenu *tools = bar->addMenu(tr("&Tools"));
    tools->addActions({scan, reloadEngine});
    tools->addSeparator();
    tools->addAction(preferences);

    QMenu *helpMenu = bar->addMenu(tr("&Help"));
    helpMenu->addActions({help, shortcuts});
    helpMenu->addSeparator();
    helpMenu->addAction(about);
}

QList<QAction *> MainActions::withShortcuts() const
{
    const QList<QAction *> all = QList<QAction *>{newExperiment, open, save, saveAs, openStore, quit, undo, redo}
        + pages.values()
        + QList<QAction *>{fullScreen, resetLayout, start, pause, stop, resumeRun, scan, preferences, help, shortcuts};
    QList<QAction *> found;
    for (QAction *action : all) {
        if (!action->shortcut().isEmpty())
            found << action;
    }
    return found;
}

} // namespace krater
