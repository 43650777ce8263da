// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/page.h"

#include <QObject>

namespace krater {

class MainActions;

// New, open, save and their questions. Whatever fails is told by problem() and shown in the window; only the question about unsaved changes is a
// dialog. UI thread.
class FileCommands : public QObject {
    Q_OBJECT

public:
    FileCommands(Workspace &workspace, QUndoStack &undoStack, MainActions &actions, QWidget *window);

    // Asks when there are unsaved changes. False: the user wants to stay.
    bool mayDiscard();
    void openExperiment(const QString &path);
    void openStore(const QString &path);
    bool save();

signals:
    void problem(const QString &message, const QString &advice, const QString &details);
    void notice(const QString &message, const QString &advice, const QString &details); // nothing is wrong
    void experimentReplaced(); // by a new or another one

private:
    void newExperiment();
    void chooseFile();
    void chooseStore();
    bool saveAs();
    bool saveTo(const QString &path);
    void fillRecent();
    bool isExample(const QString &path) const; // came with the program: not to be overwritten

    Workspace &m_workspace;
    QUndoStack &m_undoStack;
    MainActions &m_actions;
    QWidget *m_window;
};

} // namespace krater
