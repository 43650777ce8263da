// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/problem.h"
#include "app/run_follower.h"

#include <QHash>
#include <QObject>
#include <QTimer>

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <vector>

namespace krater {

using RunSummaries = std::shared_ptr<const std::vector<MetricSummary>>;

// All runs of a store at one moment, without their curves. Plain value; crosses threads as shared_ptr<const StoreSnapshot>.
struct StoreSnapshot {
    std::vector<RunRecord> runs; // newest first, without the bin
    QHash<qint64, RunSummaries> summaries;
    QHash<qint64, std::string> plans; // frozen text by the plan's number
};

// Reads everything; `previous` saves reading the summaries of runs that have not moved since.
StoreSnapshot readSnapshot(RunReader &reader, const StoreSnapshot *previous = nullptr);

// Looks at a store file a few times a second and tells what is new. Lives in a thread of its own (move it there and invoke its methods there), so that
// the window never waits for a locked file.
class StoreWatcher : public QObject {
    Q_OBJECT

public:
    explicit StoreWatcher(std::filesystem::path file);
    ~StoreWatcher() override;

    void start(std::shared_ptr<const StoreSnapshot> known);
    void look();                                                    // now
    void follow(RunId run, std::optional<std::uint64_t> afterStep); // nothing: from the start
    void unfollow(RunId run);

signals:
    void changed(std::shared_ptr<const krater::StoreSnapshot> snapshot);
    void grown(qint64 run, std::shared_ptr<const krater::RunIncrement> increment);
    void problemChanged(const krater::Problem &problem); // empty: gone

private:
    void lookSafely();
    void readRuns();
    void readFollowed();

    std::filesystem::path m_file;
    std::unique_ptr<RunReader> m_reader;
    std::shared_ptr<const StoreSnapshot> m_snapshot;
    std::map<RunId, RunFollower> m_followers;
    std::set<RunId> m_behind; // followed runs with something to read
    std::int64_t m_dataVersion = -1;
    Problem m_problem;
    QTimer *m_timer; // child: moves with this object
};

} // namespace krater
