// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/run_library.h"

#include <QUndoCommand>

#include <functional>

namespace krater {

// One undoable change of saved runs. Outlives its store's being open: with another store it does nothing, because the same numbers mean other runs there.
class RunCommand : public QUndoCommand {
public:
    using Step = std::function<void(RunLibrary &)>;

    RunCommand(RunLibrary &library, const QString &text, Step redo, Step undo);

    void redo() override;
    void undo() override;

private:
    RunLibrary &m_library;
    QString m_storeFile;
    Step m_redo, m_undo;
};

// The commands themselves; null if nothing would change.
QUndoCommand *renameCommand(RunLibrary &library, RunId run, const QString &name);
QUndoCommand *notesCommand(RunLibrary &library, RunId run, const QString &notes);
QUndoCommand *tagsCommand(RunLibrary &library, RunId run, const QStringList &tags);
QUndoCommand *deleteCommand(RunLibrary &library, const std::vector<RunId> &runs);

} // namespace krater
