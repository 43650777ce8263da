// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/workspace.h"

#include <QAction>
#include <QObject>

#include <vector>

class QUndoStack;

namespace krater {

class RunTableModel;

// What can be done with the runs that are selected in the table of the Compare page, as actions that know when they can. UI thread only.
class RunActions : public QObject {
    Q_OBJECT

public:
    RunActions(Workspace &workspace, QUndoStack &undoStack, RunTableModel &model, QObject *parent = nullptr);

    // The selected runs in the table's order, and the one that was chosen last (0: none).
    void setRuns(const std::vector<RunId> &runs, RunId current);
    const std::vector<RunId> &runs() const { return m_runs; }
    RunId current() const { return m_current; }

    QAction *rename, *pinBaseline, *showOnTrainPage, *tryModel, *resumeRun, *useExperiment, *useMeanMixture, *useFinalMixture,
        *openExperimentFile, *remove, *exportCurves;
    QList<QAction *> all() const; // in the order of a menu, separators between groups

signals:
    void renameRequested(qint64 run);
    void exportRequested();
    void baselinePinned(); // or set free
    void tryRequested(qint64 run); // its model
    void runRequested(const std::shared_ptr<krater::RunView> &run);
    void openRequested(const QString &file);
    void experimentUsed(); // the document has been changed
    void runResumed();
    void failed(const QString &message, const QString &advice);

private:
    void create();
    void connectActions();
    void update();
    void togglePin();
    void applyExperiment();
    void applyMixture(bool isMean);
    const RunRecord *record() const;

    Workspace &m_workspace;
    QUndoStack &m_undoStack;
    RunTableModel &m_model;
    std::vector<RunId> m_runs;
    RunId m_current = 0;
};

} // namespace krater
