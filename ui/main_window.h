// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/page.h"

#include <QMainWindow>
#include <QMap>
#include <QPointer>

class QStackedWidget;

namespace krater {

class FileCommands;
class HelpDialog;
class MainActions;
class MessageBar;
class Rail;
class RunCommands;
class TrainingPage;

// The window: rail, tool bar, the page that is open, status bar, menus. It owns the pages and the undo stack; the workspace outlives it. UI thread.
class MainWindow : public QMainWindow {
    Q_OBJECT

public:
    explicit MainWindow(Workspace &workspace, QWidget *parent = nullptr);

    Page *page(Page::Id id) const { return m_pages.value(id); }
    Page::Id currentPage() const;
    void showPage(Page::Id id);
    MainActions &actions() const { return *m_actions; }
    MessageBar &messages() const { return *m_messages; }

    // Opens an experiment (.toml), a store (.krater), or hands text files and folders to the Domains page.
    void openPaths(const QStringList &paths);

protected:
    void closeEvent(QCloseEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void keyReleaseEvent(QKeyEvent *event) override;
    void changeEvent(QEvent *event) override;
    void dragEnterEvent(QDragEnterEvent *event) override;
    void dropEvent(QDropEvent *event) override;

private:
    void createPages();
    void createBars();
    void connectActions();
    void connectWorkspace();
    void updateTitle();
    void showProblem(const QString &message, const QString &advice, const QString &details = {});
    void showEngineState();
    void showStoreState();
    void offerInterruptedRun();
    void setAppearanceChecked();
    void toggleFullScreen(bool on);
    void showHelp();
    void showPreferences();
    void showShortcuts();
    void restoreLayout();
    void saveLayout();
    void resetLayout();

    Workspace &m_workspace;
    QUndoStack m_undoStack;
    MainActions *m_actions;
    Rail *m_rail;
    MessageBar *m_messages;
    QStackedWidget *m_stack;
    QMap<Page::Id, Page *> m_pages;
    TrainingPage *m_training = nullptr;
    FileCommands *m_files;
    RunCommands *m_runs;
    QPointer<HelpDialog> m_help;
    bool m_offeredInterrupted = false;
};

} // namespace krater
