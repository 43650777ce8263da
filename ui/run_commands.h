// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/page.h"

#include <QObject>

namespace krater {

class MainActions;

// Start, pause, resume and stop: what they do, when they are allowed, and what they are called then. UI thread.
class RunCommands : public QObject {
    Q_OBJECT

public:
    RunCommands(Workspace &workspace, MainActions &actions, QWidget *window);

    void start();
    // The run that the Train page shows, if it is a saved one: what "Go on from the checkpoint" means.
    void setShownRun(const std::shared_ptr<RunView> &run);
    // Before the window closes. False: the user stays, or the run is being stopped and stopped() will follow.
    bool mayQuit();

signals:
    void problem(const QString &message, const QString &advice, const QString &details);
    void aboutToStart();
    void stopped(); // a run that mayQuit() stopped is on disk

private:
    void togglePause();
    void resumeShownRun();
    void updateActions();
    bool canResume() const;

    Workspace &m_workspace;
    MainActions &m_actions;
    QWidget *m_window;
    std::shared_ptr<RunView> m_shownRun;
    bool m_quitting = false;
};

} // namespace krater
