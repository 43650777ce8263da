// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/page.h"

#include <QTimer>

#include <optional>

class QStackedWidget;

namespace krater {

class EmptyState;
class MessageBar;
class PlanRow;
class PreparationCard;
class RunBoard;

// The page that shows a run: the one that this window trains, from its preparation to its end, or a saved one that was chosen elsewhere; and where it
// is a stage, its plan.
class TrainingPage : public Page {
    Q_OBJECT

public:
    TrainingPage(Workspace &workspace, QUndoStack &undoStack, QWidget *parent = nullptr);

    QString title() const override;
    void saveLayout() override;
    void restoreLayout() override;

    // Also one that another process is training: it is followed.
    void showRun(const std::shared_ptr<RunView> &run);
    RunBoard *board() const { return m_board; }
    MessageBar *message() const { return m_message; }
    PlanRow *planRow() const { return m_plan; }

signals:
    void runShown(const std::shared_ptr<krater::RunView> &run);

private:
    void createStates();
    void connectSession();
    void setShownRun(const std::shared_ptr<RunView> &run);
    void onSessionChanged();
    void updateState();
    void updateMessage();
    void showEnd(const RunRecord &record);
    void tryModel();
    void showOpenPlan();
    void updatePlan();
    std::optional<Plan> shownPlan() const;

    QStackedWidget *m_stack;
    EmptyState *m_empty;
    PlanRow *m_plan;
    PreparationCard *m_preparation;
    RunBoard *m_board;
    MessageBar *m_message;
    std::shared_ptr<RunView> m_run;
    bool m_wasActive = false;
    bool m_showsLive = true;                  // what the session trains, as opposed to a run that was chosen
    RunState m_toldState = RunState::Running; // that the message bar speaks of
    qint64 m_toldRun = 0;
    bool m_toldPlan = false; // that the plan of the run can go on
    QTimer m_planTimer;      // steps come faster than anybody reads
};

} // namespace krater
