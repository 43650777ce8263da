// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/edit_command.h"

#include "app/experiment_document.h"

#include <utility>

namespace krater {
namespace {

constexpr int kEditId = 1; // of all edits, for QUndoStack; the gesture tells which belong together

} // namespace

EditCommand::EditCommand(ExperimentDocument &document, const QString &text, Experiment after, int gesture)
    : QUndoCommand(text)
    , m_document(document)
    , m_before(document.experiment())
    , m_after(std::move(after))
    , m_gesture(gesture)
{
}

int EditCommand::nextGesture()
{
    static int last = 0;
    return ++last;
}

void EditCommand::undo()
{
    m_document.setExperiment(m_before);
}

void EditCommand::redo()
{
    m_document.setExperiment(m_after);
}

int EditCommand::id() const
{
    return m_gesture == 0 ? -1 : kEditId;
}

bool EditCommand::mergeWith(const QUndoCommand *other)
{
    const auto *later = dynamic_cast<const EditCommand *>(other);
    if (!later || later->m_gesture != m_gesture)
        return false;
    m_after = later->m_after;
    setObsolete(m_after == m_before);
    return true;
}

} // namespace krater
