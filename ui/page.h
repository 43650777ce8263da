// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/workspace.h"

#include <QUndoStack>
#include <QWidget>

#include <memory>

class QVBoxLayout;

namespace krater {

// One of the pages of the window. It shows what the workspace holds, and edits the experiment only through edit(), so that every edit can be
// undone. Pages know the window by these signals alone. UI thread.
class Page : public QWidget {
    Q_OBJECT

public:
    enum class Id { Domains, Mixture, Train, Compare };

    Page(Workspace &workspace, QUndoStack &undoStack, QWidget *parent = nullptr);

    virtual QString title() const = 0;
    // Files or folders of text dropped on the window while the page is open, or passed on by another page. False: not for this page.
    virtual bool takeFiles(const QStringList &paths);
    // Splitters and columns, in Settings::layout() under the page's own keys. restoreLayout() also runs after the layout was reset: it must then
    // go back to the page's defaults.
    virtual void saveLayout() { }
    virtual void restoreLayout() { }

signals:
    // Something that failed at a command: shown above the page until dismissed.
    void failed(const QString &message, const QString &advice);
    void pageRequested(krater::Page::Id page);
    void runRequested(const std::shared_ptr<krater::RunView> &run); // show it on the Train page
    void startRequested();                                          // as the tool bar's Start
    void resumeRequested();                                         // go on with the run that the Train page shows

protected:
    Workspace &workspace() const { return m_workspace; }
    QUndoStack &undoStack() const { return m_undoStack; }
    const Experiment &experiment() const { return m_workspace.document.experiment(); }

    // Puts the experiment into place as one step of undo; edits of one gesture (EditCommand::nextGesture()) become one. Nothing if it is equal.
    void edit(const QString &text, const Experiment &after, int gesture = 0);
    // A column with the page's margins and gaps.
    QVBoxLayout *makeColumn();

private:
    Workspace &m_workspace;
    QUndoStack &m_undoStack;
};

} // namespace krater
