// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/settings.h"
#include "ui/page.h"

#include <QAction>
#include <QMap>

class QActionGroup;
class QMenu;
class QMenuBar;

namespace krater {

// Every command of the window as one QAction: text, icon, shortcut, tool tip. What a command does is connected by who does it (FileCommands,
// RunCommands, MainWindow); menus, buttons and the list of shortcuts are made from these. UI thread.
class MainActions : public QObject {
    Q_OBJECT

public:
    MainActions(QWidget *window, QUndoStack *undoStack);

    void fillMenuBar(QMenuBar *bar);
    // All that have a shortcut, in the order of the menus.
    QList<QAction *> withShortcuts() const;

    QAction *newExperiment, *open, *save, *saveAs, *openStore, *quit;
    QAction *undo, *redo;
    QMap<Page::Id, QAction *> pages;
    QMap<Settings::Appearance, QAction *> appearances;
    QAction *fullScreen, *resetLayout;
    QAction *start, *pause, *stop, *resumeRun;
    QAction *scan, *reloadEngine, *preferences;
    QAction *help, *shortcuts, *about;
    QMenu *recentMenu;

private:
    QAction *make(const QString &text, const QString &iconName, const QKeySequence &shortcut, const QString &tip);
    QAction *make(const QString &text, const QString &iconName, QKeySequence::StandardKey key, const QString &tip);
    void createFileActions();
    void createViewActions();
    void createRunActions();
    void createHelpActions();

    QWidget *m_window;
    QActionGroup *m_pageGroup;
    QActionGroup *m_appearanceGroup;
};

} // namespace krater
