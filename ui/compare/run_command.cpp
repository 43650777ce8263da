// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/compare/run_command.h"

#include <QCoreApplication>

#include <utility>

namespace krater {
namespace {

struct Text {
    Q_DECLARE_TR_FUNCTIONS(krater::RunCommand)
};

QStringList tagsOf(const RunRecord &run)
{
    QStringList tags;
    for (const std::string &tag : run.tags)
        tags << QString::fromStdString(tag);
    return tags;
}

} // namespace

RunCommand::RunCommand(RunLibrary &library, const QString &text, Step redo, Step undo)
    : QUndoCommand(text)
    , m_library(library)
    , m_storeFile(library.storeFile())
    , m_redo(std::move(redo))
    , m_undo(std::move(undo))
{
}

void RunCommand::redo()
{
    if (m_library.storeFile() == m_storeFile)
        m_redo(m_library);
    else
        setObsolete(true);
}

void RunCommand::undo()
{
    if (m_library.storeFile() == m_storeFile)
        m_undo(m_library);
    else
        setObsolete(true);
}

QUndoCommand *renameCommand(RunLibrary &library, RunId run, const QString &name)
{
    const RunRecord *record = library.run(run);
    const QString before = record ? QString::fromStdString(record->name) : QString();
    if (!record || name.trimmed().isEmpty() || before == name.trimmed())
        return nullptr;
    return new RunCommand(
        library, Text::tr("Rename %1").arg(before), [=](RunLibrary &runs) { runs.rename(run, name); },
        [=](RunLibrary &runs) { runs.rename(run, before); });
}

QUndoCommand *notesCommand(RunLibrary &library, RunId run, const QString &notes)
{
    const RunRecord *record = library.run(run);
    const QString before = record ? QString::fromStdString(record->notes) : QString();
    if (!record || before == notes)
        return nullptr;
    return new RunCommand(
        library, Text::tr("Edit notes of %1").arg(QString::fromStdString(record->name)),
        [=](RunLibrary &runs) { runs.setNotes(run, notes); }, [=](RunLibrary &runs) { runs.setNotes(run, before); });
}

QUndoCommand *tagsCommand(RunLibrary &library, RunId run, const QStringList &tags)
{
    const RunRecord *record = library.run(run);
    if (!record || tagsOf(*record) == tags)
        return nullptr;
    return new RunCommand(
        library, Text::tr("Edit tags of %1").arg(QString::fromStdString(record->name)),
        [=](RunLibrary &runs) { runs.setTags(run, tags); },
        [run, before = tagsOf(*record)](RunLibrary &runs) { runs.setTags(run, before); });
}

QUndoCommand *deleteCommand(RunLibrary &library, const std::vector<RunId> &runs)
{
    if (runs.empty())
        return nullptr;
    const RunRecord *first = library.run(runs.front());
    const QString text = runs.size() == 1 && first ? Text::tr("Delete %1").arg(QString::fromStdString(first->name))
                                                   : Text::tr("Delete %1 runs").arg(runs.size());
    return new RunCommand(
        library, text, [runs](RunLibrary &all) { all.setDeleted(runs, true); },
        [runs](RunLibrary &all) { all.setDeleted(runs, false); });
}

} // namespace krater
