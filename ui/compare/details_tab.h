// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/run_library.h"

#include <QPlainTextEdit>
#include <QWidget>

class QLabel;
class QLineEdit;
class QUndoStack;

namespace krater {

class SectionHeader;
class ValueList;

// What is known of one run: how it was made, where it ended, its tags and notes, which can be edited here. UI thread only.
class DetailsTab : public QWidget {
    Q_OBJECT

public:
    DetailsTab(RunLibrary &library, QUndoStack &undoStack, QWidget *parent = nullptr);

    void setRun(RunId run); // 0: none
    void addToHeader(QWidget *widget);

    QLineEdit *tagsField() const { return m_tags; }
    QPlainTextEdit *notesField() const { return m_notes; }

private:
    void createFields();
    void refresh();
    void showFacts(const RunRecord &run);
    void saveTags();
    void saveNotes();
    bool eventFilter(QObject *watched, QEvent *event) override;

    RunLibrary &m_library;
    QUndoStack &m_undoStack;
    RunId m_run = 0;
    SectionHeader *m_header;
    QLabel *m_message;
    ValueList *m_outcome;
    ValueList *m_origin;
    QLineEdit *m_tags;
    QPlainTextEdit *m_notes;
};

} // namespace krater
