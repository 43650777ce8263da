// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/compare/run_actions.h"

#include "app/run_launch.h"
#include "app/run_table_model.h"
#include "core/base/error.h"
#include "ui/compare/run_command.h"
#include "ui/dialogs/generation_dialog.h"
#include "ui/edit_command.h"
#include "ui/theme/icons.h"

#include <QFileInfo>
#include <QUndoStack>

#include <cmath>

namespace krater {
namespace {

QAction *makeAction(QObject *parent, const char *iconName, const QString &text, const QString &toolTip,
                    const QKeySequence &shortcut = {})
{
    auto *action = new QAction(icon(QString::fromLatin1(iconName)), text, parent);
    action->setToolTip(toolTip);
    action->setShortcut(shortcut);
    action->setShortcutContext(Qt::WidgetWithChildrenShortcut);
    return action;
}

} // namespace

RunActions::RunActions(Workspace &workspace, QUndoStack &undoStack, RunTableModel &model, QObject *parent)
    : QObject(parent)
    , m_workspace(workspace)
    , m_undoStack(undoStack)
    , m_model(model)
{
    create();
    connectActions();
    connect(&model, &RunTableModel::scoringChanged, this, &RunActions::update);
    connect(&workspace.library, &RunLibrary::runsChanged, this, &RunActions::update);
    connect(&workspace.library, &RunLibrary::storeChanged, this, &RunActions::update);
    connect(&workspace.session, &TrainingSession::stateChanged, this, &RunActions::update);
    update();
}

void RunActions::create()
{
    rename = makeAction(this, "edit", tr("&Rename"), tr("Give the run another name"), QKeySequence(Qt::Key_F2));
    pinBaseline = makeAction(this, "pin", tr("Pin as &baseline"), tr("Compare the other runs with this one"),
                             QKeySequence(Qt::Key_B));
    pinBaseline->setCheckable(true);
    showOnTrainPage =
        makeAction(this, "train", tr("Show on the &Train page"), tr("Look at this run's own curves and events"));
    tryModel = makeAction(this, "text", tr("&Try the model…"), {},
                          QKeySequence(Qt::Key_T));
    resumeRun = makeAction(this, "resume", tr("Res&ume training"), tr("Go on from the last checkpoint"));
    useExperiment = makeAction(this, "domains", tr("Use this &experiment"),
                               tr("Make the run's frozen experiment the one that the window edits"));
    useMeanMixture =
        makeAction(this, "mixture", tr("Use its &mean mixture"), tr("Set the shares by hand to the mean over the run"));
    useFinalMixture = makeAction(this, "mixture", tr("Use its &final mixture"),
                                 tr("Set the shares by hand to those at the end of the run"));
    openExperimentFile = makeAction(this, "open", tr("&Open its experiment file"),
                                    tr("Open the file that the run was started from, as it is now"));
    exportCurves = makeAction(this, "export", tr("E&xport every point as CSV…"),
                              tr("All curves of the selected runs, one line a point"));
    remove = makeAction(this, "delete", tr("&Delete"), tr("Put the selected runs into the bin; can be undone"),
                        QKeySequence::Delete);
}

void RunActions::connectActions()
{
    connect(rename, &QAction::triggered, this, [this] { emit renameRequested(m_current); });
    connect(pinBaseline, &QAction::triggered, this, &RunActions::togglePin);
    connect(showOnTrainPage, &QAction::triggered, this, [this] {
        if (const auto view = m_workspace.library.view(m_current))
            emit runRequested(view);
    });
    connect(tryModel, &QAction::triggered, this, [this] { emit tryRequested(m_current); });
    connect(resumeRun, &QAction::triggered, this, [this] {
        m_workspace.session.resumeRun(m_current);
        emit runResumed();
    });
    connect(useExperiment, &QAction::triggered, this, &RunActions::applyExperiment);
    connect(useMeanMixture, &QAction::triggered, this, [this] { applyMixture(true); });
    connect(useFinalMixture, &QAction::triggered, this, [this] { applyMixture(false); });
    connect(openExperimentFile, &QAction::triggered, this, [this] {
        if (const RunRecord *run = record())
            emit openRequested(QString::fromStdString(run->experimentFile));
    });
    connect(exportCurves, &QAction::triggered, this, &RunActions::exportRequested);
    connect(remove, &QAction::triggered, this, [this] {
        if (QUndoCommand *command = deleteCommand(m_workspace.library, m_runs))
            m_undoStack.push(command);
    });
}

QList<QAction *> RunActions::all() const
{
    const auto separator = [this] {
        auto *line = new QAction(const_cast<RunActions *>(this));
        line->setSeparator(true);
        return line;
    };
    return {pinBaseline, rename,        separator(),    showOnTrainPage, tryModel,           resumeRun,
            separator(), useExperiment, useMeanMixture, useFinalMixture, openExperimentFile, separator(),
            exportCurves, remove};
}

void RunActions::setRuns(const std::vector<RunId> &runs, RunId current)
{
    m_runs = runs;
    m_current = current;
    update();
}

const RunRecord *RunActions::record() const
{
    return m_workspace.library.run(m_current);
}

void RunActions::update()
{
    const RunRecord *run = record();
    const bool writable = m_workspace.library.isWritable();
    rename->setEnabled(run && writable);
    pinBaseline->setEnabled(run);
    pinBaseline->setChecked(run && m_model.baseline() == m_current);
    showOnTrainPage->setEnabled(run);
    const QString obstacle = run ? GenerationDialog::obstacle(*run) : tr("No run is selected.");
    tryModel->setEnabled(obstacle.isEmpty());
    tryModel->setToolTip(obstacle.isEmpty() ? tr("Let the run's model go on with a text") : obstacle);
    resumeRun->setEnabled(run && m_workspace.library.canGoOn(*run) && !m_workspace.session.isActive());
    useExperiment->setEnabled(run && !run->experimentToml.empty());
    const bool hasMixture = run
        && std::isfinite(m_model.rowOf(m_current) < 0 || run->domains.empty()
                             ? RunRow::kMissing
                             : m_model.row(m_model.rowOf(m_current)).meanShares.front());
    useMeanMixture->setEnabled(hasMixture);
    useFinalMixture->setEnabled(hasMixture);
    openExperimentFile->setEnabled(run && !run->experimentFile.empty()
                                   && QFileInfo::exists(QString::fromStdString(run->experimentFile)));
    exportCurves->setEnabled(!m_runs.empty());
    remove->setEnabled(!m_runs.empty() && writable);
}

void RunActions::togglePin()
{
    const bool pinned = m_model.baseline() == m_current;
    m_model.setBaseline(pinned ? std::nullopt : std::optional(m_current));
    emit baselinePinned();
}

void RunActions::applyExperiment()
{
    const RunRecord *run = record();
    if (!run)
        return;
    try {
        const Experiment experiment = frozenExperiment(*run);
        if (!(experiment == m_workspace.document.experiment()))
            m_undoStack.push(new EditCommand(m_workspace.document,
                                             tr("Use the experiment of %1").arg(QString::fromStdString(run->name)),
                                             experiment));
        emit experimentUsed();
    } catch (const Error &error) {
        emit failed(QString::fromUtf8(error.what()), QString::fromStdString(error.advice()));
    }
}

void RunActions::applyMixture(bool isMean)
{
    const int row = m_model.rowOf(m_current);
    if (row < 0)
        return;
    const RunRow &run = m_model.row(row);
    Weights weights;
    for (const std::string &domain : m_workspace.document.experiment().domainNames()) {
        const double share = run.of(isMean ? run.meanShares : run.finalShares, domain);
        if (share > 0)
            weights[domain] = share;
    }
    if (weights.empty()) {
        emit failed(tr("None of the domains of %1 is in this experiment.").arg(QString::fromStdString(run.record.name)),
                    tr("Use its experiment first."));
        return;
    }
    Experiment experiment = m_workspace.document.experiment();
    experiment.mixture.policy = "manual";
    experiment.mixture.parameters = {{"weights", weights}};
    if (!(experiment == m_workspace.document.experiment()))
        m_undoStack.push(new EditCommand(m_workspace.document,
                                         tr("Use the mixture of %1").arg(QString::fromStdString(run.record.name)),
                                         experiment));
    emit experimentUsed();
}

} // namespace krater
