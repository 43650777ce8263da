// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/run_view.h"
#include "core/store/plan_runs.h"
#include "core/store/run_mixtures.h"

#include <QHash>
#include <QObject>
#include <QThread>

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <thread>
#include <vector>

namespace krater {

class RunWriter;
class StoreWatcher;
struct Problem;
struct RunIncrement;
struct StoreSnapshot;

// All saved runs of one store file, kept current by watching the file (other processes write too), and the commands on them. UI thread only; reading
// happens on a worker thread and arrives by signals, here and of RunView.
class RunLibrary : public QObject {
    Q_OBJECT

public:
    explicit RunLibrary(QObject *parent = nullptr);
    ~RunLibrary() override; // drains the writer

    // Opens the store, making it if needed; its runs are there at once. False: see message(), advice(); the library is then empty and read-only.
    // True with a message(): the runs can be read, but nothing can be written (a newer program's store, a read-only file).
    bool open(const QString &storeFile);
    // The same without waiting (opening checks the whole file): storeChanged tells the outcome.
    void openLater(const QString &storeFile);
    bool isOpening() const { return m_opening; }
    QString storeFile() const;
    // What is wrong with the store, or worth knowing (a network file system); empty if nothing.
    QString message() const { return m_message.isEmpty() ? m_notice : m_message; }
    QString advice() const { return m_advice; }
    bool isWritable() const { return m_writer != nullptr; }
    RunWriter *writer() const { return m_writer.get(); }

    const std::vector<RunRecord> &runs() const { return m_runs; } // newest first, without the bin
    const RunRecord *run(RunId id) const;
    // Last value per domain, NaN where missing: e.g. (kHeldOutLoss).
    std::vector<double> lastValues(RunId id, const QString &metric) const;
    StageResult mixtures(RunId id) const; // average and final (run_mixtures.h); NaN where missing
    // The plan of this number with those of its runs that are not in the bin, empty if there is none or its text cannot be read.
    std::optional<Plan> plan(RunId plan) const;
    // A run that is not done and that nobody trains; of a stage's run the same for its plan. `record` may be newer than the library's.
    bool canGoOn(const RunRecord &record) const;
    // Of the metrics that tables show; the same object until something was written to the run. Null if nothing is known.
    std::shared_ptr<const std::vector<MetricSummary>> summaries(RunId id) const;

    // The run with its curves; the same object for all callers while anyone holds it. Curves arrive shortly after. The live run's view is TrainingSession's.
    std::shared_ptr<RunView> view(RunId id);
    void adopt(std::shared_ptr<RunView> live); // view(id) gives this one from now on, and it is fed by its owner
    void release(RunId id); // its owner is done: fed from the store again, should another process go on with the run
    void reserve(bool reserved); // while reserved, writer() stays: no other store is opened

    void rename(RunId id, const QString &name);
    void setNotes(RunId id, const QString &notes);
    void setTags(RunId id, const QStringList &tags);
    void setDeleted(const std::vector<RunId> &ids, bool deleted);

signals:
    void runsChanged();                                         // records or summaries
    void storeChanged();                                        // another file, or its message
    void failed(const QString &message, const QString &advice); // a command or the writer

private:
    struct OpenedStore;
    // A change that the window shows before the store has it: snapshots that were read earlier must not take it back.
    struct Edit {
        int number = 0;
        std::set<RunId> runs;
        std::function<void(RunRecord &)> apply;
    };

    static std::shared_ptr<OpenedStore> openStore(const std::filesystem::path &file); // any thread

    bool mayClose();
    void close();
    void use(const std::shared_ptr<OpenedStore> &store);
    void startWatching();
    void ask(std::function<void(StoreWatcher &)> question); // on the watcher's thread
    void perform(std::set<RunId> runs, std::function<void(RunRecord &)> apply, std::function<void(RunWriter &)> write);
    void finishEdit(int number);
    void takeSnapshot(const std::shared_ptr<const StoreSnapshot> &snapshot);
    void takeIncrement(RunId run, const RunIncrement &increment);
    void takeProblem(const Problem &problem);
    void rebuild(); // m_runs, from the snapshot and the edits
    void refreshViews();
    std::vector<RunRecord> planRuns(RunId plan) const; // in order of stages

    std::unique_ptr<RunWriter> m_writer;
    std::filesystem::path m_file;
    std::shared_ptr<const StoreSnapshot> m_snapshot;
    std::vector<Edit> m_edits;
    int m_lastEdit = 0;
    std::vector<RunRecord> m_runs;
    QHash<qint64, std::size_t> m_places; // of the runs in m_runs
    mutable QHash<qint64, std::shared_ptr<const Experiment>> m_plans; // read from the snapshot's text when they are asked for
    std::vector<RunRecord> m_bin;        // runs that this window has put into the bin, for undo
    QHash<qint64, std::weak_ptr<RunView>> m_views;
    std::shared_ptr<RunView> m_live; // the adopted one, fed by its owner
    QString m_message, m_advice, m_notice;
    bool m_opening = false;
    bool m_reserved = false;
    int m_store = 0;                   // number of the store that is open: what older ones still post is dropped
    QThread m_thread;                  // the watcher's
    StoreWatcher *m_watcher = nullptr; // lives in m_thread, deleted when that ends
    std::jthread m_opener;             // last: joined before the rest goes
};

} // namespace krater
