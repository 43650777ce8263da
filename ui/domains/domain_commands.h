// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/workspace.h"

#include <QUndoStack>

class QWidget;

namespace krater {

// What a person does to the domains: each is one step of undo, and what changes the text is scanned again. UI thread.
class DomainCommands : public QObject {
    Q_OBJECT

public:
    DomainCommands(Workspace &workspace, QUndoStack &undoStack, QWidget *window);

    void addDomain(); // asks for its files
    void addFiles(int row);
    void addFolder(int row);
    void addSources(int row, const QStringList &paths); // with row -1, a new domain of them
    void remove(const std::vector<std::size_t> &rows);
    void merge(const std::vector<std::size_t> &rows);
    void split(int row); // by folder
    void move(int from, int to);
    void rename(int row, const QString &name);
    void replace(int row, const DomainConfig &domain, const QString &what);
    void chooseTokenizer(TokenizerConfig::Kind kind);

signals:
    void rowChosen(int row); // what a command has made or moved
    void failed(const QString &message, const QString &advice);

private:
    const Experiment &experiment() const { return m_workspace.document.experiment(); }
    void edit(const QString &text, const Experiment &after);

    Workspace &m_workspace;
    QUndoStack &m_undoStack;
    QWidget *m_window;
};

} // namespace krater
