// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/config/experiment_toml.h"

#include <QObject>
#include <QString>

namespace krater {

// The experiment that the window edits: a value, the file it came from, and what is wrong with it. UI thread only. Undo lives in ui
// (QUndoStack): its commands call setExperiment with the value before and after.
class ExperimentDocument : public QObject {
    Q_OBJECT

public:
    explicit ExperimentDocument(QObject *parent = nullptr);

    const Experiment &experiment() const { return m_experiment; }
    QString filePath() const { return m_filePath; } // empty: never saved
    const Issues &issues() const
    {
        return m_issues;
    }                        // of the current value (core/config validate), and of the file while it is as read
    bool isModified() const; // differs from what was read or saved

    void setExperiment(const Experiment &experiment);
    void newExperiment();
    // False if the file is not TOML at all: then issues() of the attempt are in `problems` and the document is unchanged.
    bool open(const QString &path, Issues *problems = nullptr);
    // Relative sources keep meaning the same files when the folder is another. Throws Error.
    void saveAs(const QString &path);

signals:
    void changed();     // the experiment or its issues
    void fileChanged(); // path or modified state

private:
    void replace(const Experiment &experiment, const QString &filePath, const Issues &fileIssues);

    Experiment m_experiment;
    Experiment m_saved;
    QString m_filePath;
    Issues m_fileIssues; // of the file as it was read
    Issues m_issues;
};

} // namespace krater
