// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/file_commands.h"

#include "core/base/error.h"
#include "core/base/files.h"
#include "ui/main_actions.h"
#include "ui/run_state_text.h"

#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QMenu>
#include <QMessageBox>
#include <QPushButton>
#include <QStandardPaths>

#include <algorithm>

namespace krater {
namespace {

QString detailsOf(const Issues &issues)
{
    QStringList lines;
    for (const Issue &issue : issues)
        lines << QString::fromStdString(toString(issue));
    return lines.join(QLatin1Char('\n'));
}

// "main (main)", "find it (proxy)"
QString detailsOf(const std::vector<StageConfig> &stages)
{
    QStringList lines;
    for (const StageConfig &stage : stages)
        lines << QStringLiteral("%1 (%2)").arg(QString::fromStdString(stage.name),
                                              roleText(stage.role));
    return lines.join(QLatin1Char('\n'));
}

QString withSuffix(const QString &path, const QString &suffix)
{
    return path.endsWith(suffix) ? path : path + suffix;
}

} // namespace

FileCommands::FileCommands(Workspace &workspace, QUndoStack &undoStack, MainActions &actions, QWidget *window)
    : QObject(window)
    , m_workspace(workspace)
    , m_undoStack(undoStack)
    , m_actions(actions)
    , m_window(window)
{
    connect(actions.newExperiment, &QAction::triggered, this, &FileCommands::newExperiment);
    connect(actions.open, &QAction::triggered, this, &FileCommands::chooseFile);
    connect(actions.openStore, &QAction::triggered, this, &FileCommands::chooseStore);
    connect(actions.save, &QAction::triggered, this, &FileCommands::save);
    connect(actions.saveAs, &QAction::triggered, this, &FileCommands::saveAs);
    connect(&workspace.settings, &Settings::recentFilesChanged, this, &FileCommands::fillRecent);
    fillRecent();
}

bool FileCommands::mayDiscard()
{
    if (!m_workspace.document.isModified())
        return true;
    QMessageBox question(
        QMessageBox::NoIcon, tr("Unsaved changes"),
        tr("Save the changes to “%1”?").arg(QString::fromStdString(m_workspace.document.experiment().info.name)),
        QMessageBox::Save | QMessageBox::Discard | QMessageBox::Cancel, m_window);
    question.setInformativeText(tr("They are lost if you do not."));
    question.setDefaultButton(QMessageBox::Save);
    const int answer = question.exec();
    if (answer == QMessageBox::Save)
        return save();
    return answer == QMessageBox::Discard;
}

void FileCommands::newExperiment()
{
    if (!mayDiscard())
        return;
    m_workspace.document.newExperiment();
    m_undoStack.clear();
    emit experimentReplaced();
}

void FileCommands::openExperiment(const QString &path)
{
    if (!mayDiscard())
        return;
    Issues problems;
    if (!m_workspace.document.open(path, &problems)) {
        emit problem(tr("%1 could not be read.").arg(QDir::toNativeSeparators(path)),
                     problems.empty() ? QString() : QString::fromStdString(problems.front().advice),
                     detailsOf(problems));
        return;
    }
    m_undoStack.clear();
    m_workspace.settings.addRecentFile(path);
    emit experimentReplaced();
    if (const Issues &issues = m_workspace.document.issues(); hasErrors(issues))
        emit problem(tr("%1 has mistakes in it.").arg(QFileInfo(path).fileName()),
                     tr("It is open; put right what the details name before you start a run."), detailsOf(issues));
    else if (const auto &stages = m_workspace.document.experiment().stages; !stages.empty())
        emit notice(tr("%1 is a plan of several stages: Start trains them in turn.").arg(QFileInfo(path).fileName()),
                    tr("Domains and Mixture show what the stages have in common; what each says itself is kept when you save."),
                    detailsOf(stages));
}

void FileCommands::openStore(const QString &path)
{
    m_workspace.library.openLater(path);
    m_workspace.settings.addRecentFile(path);
}

void FileCommands::chooseFile()
{
    const QString path = QFileDialog::getOpenFileName(
        m_window, tr("Open"), QFileInfo(m_workspace.document.filePath()).absolutePath(),
        tr("Experiments and stores (*.toml *.krater);;Experiments (*.toml);;Stores (*.krater);;All files (*)"));
    if (path.isEmpty())
        return;
    if (path.endsWith(QStringLiteral(".krater")))
        openStore(path);
    else
        openExperiment(path);
}

void FileCommands::chooseStore()
{
    const QString path = QFileDialog::getOpenFileName(m_window, tr("Open a store of runs"),
                                                      QFileInfo(m_workspace.library.storeFile()).absolutePath(),
                                                      tr("Stores (*.krater);;All files (*)"));
    if (!path.isEmpty())
        openStore(path);
}

bool FileCommands::isExample(const QString &path) const
{
    const auto folder = experimentsFolder();
    return !folder.empty() && QFileInfo(path).absoluteDir() == QDir(QString::fromStdString(folder.string()));
}

bool FileCommands::save()
{
    const QString path = m_workspace.document.filePath();
    if (path.isEmpty() || isExample(path) || !QFileInfo(path).isWritable())
        return saveAs();
    return saveTo(path);
}

bool FileCommands::saveAs()
{
    QString proposed = m_workspace.document.filePath();
    if (proposed.isEmpty() || isExample(proposed)) {
        const QString name = QString::fromStdString(m_workspace.document.experiment().info.name);
        const QString file =
            name.isEmpty() ? tr("experiment") : name.simplified().replace(QLatin1Char('/'), QLatin1Char('-'));
        proposed = QDir(QStandardPaths::writableLocation(QStandardPaths::DocumentsLocation))
                       .filePath(file + QStringLiteral(".toml"));
    }
    const QString path =
        QFileDialog::getSaveFileName(m_window, tr("Save the experiment"), proposed, tr("Experiments (*.toml)"));
    return !path.isEmpty() && saveTo(withSuffix(path, QStringLiteral(".toml")));
}

bool FileCommands::saveTo(const QString &path)
{
    try {
        m_workspace.document.saveAs(path);
    } catch (const Error &error) {
        emit problem(QString::fromUtf8(error.what()), QString::fromStdString(error.advice()), {});
        return false;
    }
    m_workspace.settings.addRecentFile(path);
    return true;
}

void FileCommands::fillRecent()
{
    m_actions.recentMenu->clear();
    const QStringList files = m_workspace.settings.recentFiles();
    for (const QString &path : files) {
        QAction *action = m_actions.recentMenu->addAction(QFileInfo(path).fileName());
        action->setStatusTip(path);
        action->setToolTip(path);
        const bool isStore = path.endsWith(QStringLiteral(".krater"));
        connect(action, &QAction::triggered, this, [this, path, isStore] {
            if (isStore)
                openStore(path);
            else
                openExperiment(path);
        });
    }
    m_actions.recentMenu->setToolTipsVisible(true);
    m_actions.recentMenu->setEnabled(!files.isEmpty());
}

} // namespace krater
