// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/domains/domain_commands.h"

#include "core/config/domain_edits.h"
#include "ui/edit_command.h"
#include "ui/theme/domain_colours.h"

#include <QFileDialog>
#include <QFileInfo>

#include <algorithm>

namespace krater {

namespace {

std::vector<std::filesystem::path> asPaths(const QStringList &paths)
{
    std::vector<std::filesystem::path> result;
    for (const QString &path : paths)
        result.emplace_back(path.toStdString());
    return result;
}

} // namespace

DomainCommands::DomainCommands(Workspace &workspace, QUndoStack &undoStack, QWidget *window)
    : QObject(window)
    , m_workspace(workspace)
    , m_undoStack(undoStack)
    , m_window(window)
{
}

void DomainCommands::edit(const QString &text, const Experiment &after)
{
    if (!(after == experiment()))
        m_undoStack.push(new EditCommand(m_workspace.document, text, after));
}

void DomainCommands::addDomain()
{
    addSources(-1, QFileDialog::getOpenFileNames(m_window, tr("Files of the new domain")));
}

void DomainCommands::addFiles(int row)
{
    addSources(row, QFileDialog::getOpenFileNames(m_window, tr("Add files")));
}

void DomainCommands::addFolder(int row)
{
    if (const QString folder = QFileDialog::getExistingDirectory(m_window, tr("Add a folder")); !folder.isEmpty())
        addSources(row, {folder});
}

void DomainCommands::addSources(int row, const QStringList &paths)
{
    if (paths.isEmpty())
        return;
    if (row >= 0) {
        edit(tr("add sources"), withSources(experiment(), std::size_t(row), asPaths(paths)));
    } else {
        Experiment changed =
            withDomain(experiment(), QFileInfo(paths.first()).completeBaseName().toStdString(), asPaths(paths));
        changed.domains.back().colour = nextDomainColour(experiment());
        edit(tr("add a domain"), changed);
        emit rowChosen(int(experiment().domains.size()) - 1);
    }
    m_workspace.scanner.scan(experiment());
}

void DomainCommands::remove(const std::vector<std::size_t> &rows)
{
    if (!rows.empty())
        edit(rows.size() == 1 ? tr("remove a domain") : tr("remove %1 domains").arg(rows.size()),
             withoutDomains(experiment(), rows));
}

void DomainCommands::merge(const std::vector<std::size_t> &rows)
{
    if (rows.size() < 2)
        return;
    edit(tr("merge %1 domains").arg(rows.size()), withDomainsMerged(experiment(), rows));
    emit rowChosen(int(rows.front()));
    m_workspace.scanner.scan(experiment());
}

void DomainCommands::split(int row)
{
    if (row < 0)
        return;
    const Experiment changed = withDomainSplitByFolder(experiment(), std::size_t(row));
    if (changed == experiment()) {
        emit failed(tr("There are no folders below the sources of %1.")
                        .arg(QString::fromStdString(experiment().domains[std::size_t(row)].name)),
                    tr("Splitting makes one domain for each folder."));
        return;
    }
    edit(tr("split a domain"), changed);
    m_workspace.scanner.scan(experiment());
}

void DomainCommands::move(int from, int to)
{
    edit(tr("move a domain"), withDomainMoved(experiment(), std::size_t(from), std::size_t(to)));
    emit rowChosen(to);
}

void DomainCommands::rename(int row, const QString &name)
{
    const std::string wanted = name.toStdString();
    if (std::ranges::find(experiment().domains, wanted, &DomainConfig::name) != experiment().domains.end())
        emit failed(tr("There is a domain named %1 already.").arg(name), tr("Names of domains are unique."));
    else
        edit(tr("rename a domain"), withDomainRenamed(experiment(), std::size_t(row), wanted));
}

void DomainCommands::replace(int row, const DomainConfig &domain, const QString &what)
{
    if (row < 0)
        return;
    Experiment changed = experiment();
    changed.domains[std::size_t(row)] = domain;
    edit(what, changed);
}

void DomainCommands::chooseTokenizer(TokenizerConfig::Kind kind)
{
    Experiment changed = experiment();
    changed.tokenizer.kind = kind;
    edit(tr("change the tokenizer"), changed);
}

} // namespace krater
