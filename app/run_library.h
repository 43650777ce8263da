// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/run_view.h"

#include <QHash>
#include <QObject>
#include <QTimer>

#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

namespace krater {

class RunReader;
class RunWriter;

// All saved runs of one store file, kept current by polling the file's data version (other processes write too), and the commands on them. UI thread only;
// reading curves happens on a worker thread and arrives by RunView's signals.
class RunLibrary : public QObject {
    Q_OBJECT

public:
    explicit RunLibrary(QObject *parent = nullptr);
    ~RunLibrary() override; // drains the writer

    bool open(const QString &storeFile); // false: see message(), advice(); the library is then empty and read-only
    QString storeFile() const;
    QString message() const { return m_message; } // what is wrong with the store, empty if nothing
    QString advice() const { return m_advice; }
    bool isWritable() const;
    RunWriter *writer() const { return m_writer.get(); }

    const std::vector<RunRecord> &runs() const { return m_runs; } // newest first, without the bin
    const RunRecord *run(RunId id) const;
    // Last value per domain, NaN where missing: e.g. (kHeldOutLoss). Mean of a metric over the run for mixtures.
    std::vector<double> lastValues(RunId id, const QString &metric) const;
    std::vector<double> meanValues(RunId id, const QString &metric) const;

    // The run with its curves; the same object for all callers while anyone holds it. Curves arrive shortly after. The live run's view is TrainingSession's.
    std::shared_ptr<RunView> view(RunId id);
    void adopt(std::shared_ptr<RunView> live); // view(id) gives this one from now on

    void rename(RunId id, const QString &name);
    void setNotes(RunId id, const QString &notes);
    void setTags(RunId id, const QStringList &tags);
    void setDeleted(const std::vector<RunId> &ids, bool deleted);

signals:
    void runsChanged();                // records or summaries
    void storeChanged();               // another file, or its message
    void failed(const QString &message, const QString &advice); // a command or the writer

private:
    void poll();

    class Loader;
    std::unique_ptr<RunWriter> m_writer;
    std::unique_ptr<RunReader> m_reader;
    std::unique_ptr<Loader> m_loader;
    std::vector<RunRecord> m_runs;
    QHash<qint64, std::weak_ptr<RunView>> m_views;
    QTimer m_pollTimer;
    QString m_message, m_advice;
};

} // namespace krater
