// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/config/experiment.h"

#include <QUndoCommand>

namespace krater {

class ExperimentDocument;

// One edit of the experiment: the whole value before and after. Edits with the same gesture that is not 0 (one drag, one spin of a wheel, typing
// in one field) become one step of undo; nextGesture() gives a new one. UI thread.
class EditCommand : public QUndoCommand {
public:
    EditCommand(ExperimentDocument &document, const QString &text, Experiment after, int gesture = 0);

    static int nextGesture();

    void undo() override;
    void redo() override;
    int id() const override;
    bool mergeWith(const QUndoCommand *other) override;

private:
    ExperimentDocument &m_document;
    Experiment m_before;
    Experiment m_after;
    int m_gesture;
};

} // namespace krater
