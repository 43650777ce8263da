// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/page.h"

#include <QMainWindow>
#include <QMap>

class QStackedWidget;

namespace krater {

class Rail;

// The window: rail, tool bar, the page that is open, status bar, menus. It owns the pages and the undo stack; the workspace outlives it. UI thread.
class MainWindow : public QMainWindow {
    Q_OBJECT

public:
    explicit MainWindow(Workspace &workspace, QWidget *parent = nullptr);

    Page *page(Page::Id id) const { return m_pages.value(id); }
    Page::Id currentPage() const;
    void showPage(Page::Id id);

    // Opens an experiment (.toml), a store (.krater), or hands text files and folders to the Domains page.
    void openPaths(const QStringList &paths);

private:
    void createPages();

    Workspace &m_workspace;
    QUndoStack m_undoStack;
    Rail *m_rail;
    QStackedWidget *m_stack;
    QMap<Page::Id, Page *> m_pages;
};

} // namespace krater
