// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/experiment_document.h"

#include "core/config/graph_file.h"

#include <QFileInfo>

#include <filesystem>

namespace krater {

namespace {

std::filesystem::path nativePath(const QString &path)
{
    return std::filesystem::path(QFileInfo(path).absoluteFilePath().toStdString()).lexically_normal();
}

void rebase(std::string &source, const std::filesystem::path &from, const std::filesystem::path &to)
{
    if (!source.empty() && std::filesystem::path(source).is_relative() && source.front() != '~')
        source = (from / source).lexically_normal().lexically_proximate(to).string();
}

// The same files seen from another folder. Globs survive: only leading folders change.
void moveToFolder(Experiment &experiment, const std::filesystem::path &folder)
{
    const std::filesystem::path from = experiment.folder;
    experiment.folder = folder;
    if (from.empty() || from.lexically_normal() == folder.lexically_normal())
        return;
    rebase(experiment.tokenizer.model, from, folder);
    for (std::string *graph : graphFileNames(experiment))
        rebase(*graph, from, folder);
    for (DomainConfig &domain : experiment.domains)
        for (std::string &source : domain.sources)
            rebase(source, from, folder);
}

} // namespace

ExperimentDocument::ExperimentDocument(QObject *parent) : QObject(parent), m_issues(validate(m_experiment)) { }

bool ExperimentDocument::isModified() const
{
    return !(m_experiment == m_saved);
}

void ExperimentDocument::setExperiment(const Experiment &experiment)
{
    if (m_experiment == experiment && m_experiment.folder == experiment.folder)
        return;
    const bool wasModified = isModified();
    m_experiment = experiment;
    m_issues = isModified() || m_fileIssues.empty() ? validate(m_experiment) : m_fileIssues;
    emit changed();
    if (wasModified != isModified())
        emit fileChanged();
}

void ExperimentDocument::newExperiment()
{
    replace(Experiment{}, {}, {});
}

bool ExperimentDocument::open(const QString &path, Issues *problems)
{
    LoadedExperiment loaded = loadExperiment(nativePath(path));
    if (problems)
        *problems = loaded.issues;
    if (!loaded.experiment)
        return false;
    replace(*loaded.experiment, QFileInfo(path).absoluteFilePath(), loaded.issues);
    return true;
}

void ExperimentDocument::saveAs(const QString &path)
{
    const std::filesystem::path file = nativePath(path);
    Experiment moved = m_experiment;
    moveToFolder(moved, file.parent_path());
    saveExperiment(moved, file);
    replace(moved, QFileInfo(path).absoluteFilePath(), {});
}

void ExperimentDocument::replace(const Experiment &experiment, const QString &filePath, const Issues &fileIssues)
{
    m_experiment = experiment;
    m_saved = experiment;
    m_filePath = filePath;
    m_fileIssues = fileIssues;
    m_issues = fileIssues.empty() ? validate(m_experiment) : fileIssues;
    emit changed();
    emit fileChanged();
}

} // namespace krater
