// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/run_commands.h"

#include "ui/main_actions.h"
#include "ui/theme/icons.h"

#include <QMessageBox>
#include <QPushButton>

namespace krater {

RunCommands::RunCommands(Workspace &workspace, MainActions &actions, QWidget *window)
    : QObject(window)
    , m_workspace(workspace)
    , m_actions(actions)
    , m_window(window)
{
    connect(actions.start, &QAction::triggered, this, &RunCommands::start);
    connect(actions.pause, &QAction::triggered, this, &RunCommands::togglePause);
    connect(actions.stop, &QAction::triggered, &workspace.session, &TrainingSession::stop);
    connect(actions.resumeRun, &QAction::triggered, this, &RunCommands::resumeShownRun);
    connect(&workspace.session, &TrainingSession::stateChanged, this, &RunCommands::updateActions);
    connect(&workspace.session, &TrainingSession::stateChanged, this, [this] {
        if (m_quitting && !m_workspace.session.isActive())
            emit stopped();
    });
    connect(&workspace.document, &ExperimentDocument::changed, this, &RunCommands::updateActions);
    connect(&workspace.library, &RunLibrary::storeChanged, this, &RunCommands::updateActions);
    connect(&workspace.library, &RunLibrary::runsChanged, this, &RunCommands::updateActions);
    updateActions();
}

void RunCommands::start()
{
    if (m_workspace.session.isActive())
        return;
    const Issues &issues = m_workspace.document.issues();
    if (hasErrors(issues)) {
        QStringList lines;
        for (const Issue &issue : issues)
            lines << QString::fromStdString(toString(issue));
        emit problem(tr("The experiment cannot be started as it is."),
                     issues.front().advice.empty() ? QString::fromStdString(issues.front().message)
                                                   : QString::fromStdString(issues.front().advice),
                     lines.join(QLatin1Char('\n')));
        return;
    }
    emit aboutToStart();
    m_workspace.session.start(m_workspace.document.experiment(), m_workspace.document.filePath());
}

void RunCommands::togglePause()
{
    const RunState state = m_workspace.session.state();
    if (state == RunState::Paused || state == RunState::Pausing)
        m_workspace.session.resume();
    else
        m_workspace.session.pause();
}

void RunCommands::setShownRun(const std::shared_ptr<RunView> &run)
{
    if (m_shownRun)
        disconnect(m_shownRun.get(), nullptr, this, nullptr);
    m_shownRun = run;
    if (run)
        connect(run.get(), &RunView::recordChanged, this, &RunCommands::updateActions);
    updateActions();
}

bool RunCommands::canResume() const
{
    return m_shownRun && !m_workspace.session.isActive() && m_workspace.library.canGoOn(m_shownRun->record());
}

void RunCommands::resumeShownRun()
{
    if (!canResume())
        return;
    emit aboutToStart();
    m_workspace.session.resumeRun(m_shownRun->record().id);
}

void RunCommands::updateActions()
{
    const TrainingSession &session = m_workspace.session;
    const bool active = session.isActive();
    const RunState state = session.state();
    const bool held = state == RunState::Paused || state == RunState::Pausing;
    m_actions.start->setEnabled(!active);
    m_actions.stop->setEnabled(active && state != RunState::Stopping);
    m_actions.pause->setEnabled(active && (held || state == RunState::Running));
    m_actions.pause->setText(active && held ? tr("&Resume") : tr("&Pause"));
    m_actions.pause->setIcon(icon(active && held ? QStringLiteral("resume") : QStringLiteral("pause")));
    m_actions.pause->setStatusTip(active && held ? tr("Go on with the run") : tr("Hold the run at the next step"));
    m_actions.resumeRun->setEnabled(canResume());
}

bool RunCommands::mayQuit()
{
    if (!m_workspace.session.isActive())
        return true;
    if (m_quitting)
        return false;
    QMessageBox question(QMessageBox::NoIcon, tr("A run is being trained"), tr("Stop the run and quit?"),
                         QMessageBox::Cancel, m_window);
    question.setInformativeText(tr("A checkpoint is saved first; the run can go on from it later."));
    QPushButton *quit = question.addButton(tr("Stop and quit"), QMessageBox::AcceptRole);
    question.setDefaultButton(quit);
    question.exec();
    if (question.clickedButton() != quit)
        return false;
    if (!m_workspace.session.isActive())
        return true;
    m_quitting = true;
    m_workspace.session.stop();
    return false;
}

} // namespace krater
