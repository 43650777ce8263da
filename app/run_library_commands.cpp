// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The commands of RunLibrary: shown at once, written by the store's writer, and taken back if that fails.
#include "app/post.h"
#include "app/problem.h"
#include "app/run_library.h"
#include "app/store_watcher.h"
#include "core/store/run_writer.h"

#include <utility>

namespace krater {

void RunLibrary::rename(RunId id, const QString &name)
{
    const std::string text = name.trimmed().toStdString();
    if (text.empty())
        return;
    perform(
        {id}, [text](RunRecord &run) { run.name = text; }, [id, text](RunWriter &writer) { writer.rename(id, text); });
}

void RunLibrary::setNotes(RunId id, const QString &notes)
{
    const std::string text = notes.toStdString();
    perform(
        {id}, [text](RunRecord &run) { run.notes = text; },
        [id, text](RunWriter &writer) { writer.setNotes(id, text); });
}

void RunLibrary::setTags(RunId id, const QStringList &tags)
{
    std::vector<std::string> texts;
    for (const QString &tag : tags)
        if (!tag.trimmed().isEmpty())
            texts.push_back(tag.trimmed().toStdString());
    perform(
        {id}, [texts](RunRecord &run) { run.tags = texts; },
        [id, texts](RunWriter &writer) { writer.setTags(id, texts); });
}

void RunLibrary::setDeleted(const std::vector<RunId> &ids, bool deleted)
{
    std::set<RunId> runs;
    for (RunId id : ids) {
        const RunRecord *record = run(id);
        if (deleted && record && isActive(record->state))
            emit failed(tr("%1 is being trained.").arg(QString::fromStdString(record->name)),
                        tr("Stop it, then delete it."));
        else
            runs.insert(id);
    }
    if (runs.empty())
        return;
    perform(
        runs, [deleted](RunRecord &run) { run.deleted = deleted; },
        [runs, deleted](RunWriter &writer) {
            for (RunId run : runs)
                writer.setDeleted(run, deleted);
        });
}

// The writing happens on the watcher's thread: the writer's queue may be full, and the snapshot that is read after it is sure to have the change.
void RunLibrary::perform(std::set<RunId> runs, std::function<void(RunRecord &)> apply,
                         std::function<void(RunWriter &)> write)
{
    if (!m_writer) {
        emit failed(tr("The store cannot be changed. %1").arg(m_message), m_advice);
        return;
    }
    const int number = ++m_lastEdit;
    m_edits.push_back({number, std::move(runs), std::move(apply)});
    ask([this, number, writer = m_writer.get(), write = std::move(write)](StoreWatcher &watcher) {
        Problem problem;
        try {
            write(*writer);
            writer->flush();
        } catch (const std::exception &error) {
            problem = problemOf(error);
        }
        watcher.look();
        post(this, [this, number, problem] {
            finishEdit(number);
            if (!problem.message.isEmpty())
                emit failed(problem.message, problem.advice);
        });
    });
    rebuild();
    refreshViews();
    emit runsChanged();
}

void RunLibrary::finishEdit(int number)
{
    const std::size_t before = m_edits.size();
    std::erase_if(m_edits, [number](const Edit &edit) { return edit.number == number; });
    if (m_edits.size() == before || !m_snapshot)
        return;
    rebuild();
    refreshViews();
    emit runsChanged();
}

} // namespace krater
