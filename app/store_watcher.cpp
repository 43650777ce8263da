// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/store_watcher.h"

#include <algorithm>
#include <string>

#include <time.h>

namespace krater {

namespace {

constexpr int kPollMs = 300;
// A store with thousands of runs takes longer to read: then it is read less often, so that watching costs at most a twentieth of one core.
constexpr int kMaxShareOfTime = 20;
constexpr int kMaxPollMs = 2000;
// Above this many runs that moved, reading all summaries at once is quicker than run by run.
constexpr std::size_t kManyRuns = 32;

// What tables of runs show; the other summaries of a run are read when it moves.
constexpr const char *kTableMetrics[] = {metric::kHeldOutLoss, metric::kTrainingLoss, metric::kTarget,
                                         metric::kObjective, metric::kPolicyAverage, metric::kRealised, metric::kEpochs};

// Processor time of this thread: a machine that is busy with other things is no reason to look away.
double threadMs()
{
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return double(time.tv_sec) * 1e3 + double(time.tv_nsec) * 1e-6;
}

bool sameState(const RunRecord &a, const RunRecord &b)
{
    return a.step == b.step && a.state == b.state && a.finishedMs == b.finishedMs && a.tokens == b.tokens;
}

std::vector<RunId> movedRuns(const std::vector<RunRecord> &runs, const StoreSnapshot *previous)
{
    QHash<qint64, const RunRecord *> known;
    if (previous)
        for (const RunRecord &run : previous->runs)
            known.insert(run.id, &run);
    std::vector<RunId> moved;
    for (const RunRecord &run : runs) {
        const RunRecord *before = known.value(run.id, nullptr);
        if (!before || !sameState(*before, run) || isActive(run.state))
            moved.push_back(run.id);
    }
    return moved;
}

void readAllSummaries(RunReader &reader, StoreSnapshot &snapshot)
{
    std::map<RunId, std::vector<MetricSummary>> all;
    for (const char *name : kTableMetrics)
        for (auto &[run, rows] : reader.summaries(std::string(name)))
            std::move(rows.begin(), rows.end(), std::back_inserter(all[run]));
    for (auto &[run, rows] : all)
        snapshot.summaries.insert(run, std::make_shared<const std::vector<MetricSummary>>(std::move(rows)));
}

void readPlans(RunReader &reader, StoreSnapshot &snapshot)
{
    for (const RunRecord &run : snapshot.runs)
        if (run.plan && !snapshot.plans.contains(run.plan->plan))
            snapshot.plans.insert(run.plan->plan, reader.planToml(run.plan->plan));
}

} // namespace

StoreSnapshot readSnapshot(RunReader &reader, const StoreSnapshot *previous)
{
    StoreSnapshot snapshot;
    snapshot.runs = reader.runs();
    const std::vector<RunId> moved = movedRuns(snapshot.runs, previous);
    if (previous) {
        snapshot.summaries = previous->summaries;
        snapshot.plans = previous->plans;
    }
    readPlans(reader, snapshot);
    if (moved.size() > kManyRuns)
        readAllSummaries(reader, snapshot);
    else
        for (RunId run : moved)
            snapshot.summaries.insert(run, std::make_shared<const std::vector<MetricSummary>>(reader.summaries(run)));
    return snapshot;
}

StoreWatcher::StoreWatcher(std::filesystem::path file) : m_file(std::move(file)), m_timer(new QTimer(this))
{
    m_timer->setInterval(kPollMs);
    connect(m_timer, &QTimer::timeout, this, &StoreWatcher::lookSafely);
}

StoreWatcher::~StoreWatcher() = default;

void StoreWatcher::start(std::shared_ptr<const StoreSnapshot> known)
{
    m_snapshot = std::move(known);
    m_timer->start();
    lookSafely();
}

void StoreWatcher::look()
{
    m_dataVersion = -1;
    lookSafely();
}

void StoreWatcher::lookSafely()
{
    Problem problem;
    try {
        if (!m_reader)
            m_reader = std::make_unique<RunReader>(m_file);
        const std::int64_t version = m_reader->dataVersion();
        if (version != m_dataVersion) {
            readRuns();
            m_dataVersion = version;
        }
        readFollowed();
    } catch (const std::exception &error) {
        problem = problemOf(error);
    }
    if (!(problem == m_problem)) {
        m_problem = problem;
        emit problemChanged(problem);
    }
}

void StoreWatcher::readRuns()
{
    const double startMs = threadMs();
    auto snapshot = std::make_shared<const StoreSnapshot>(readSnapshot(*m_reader, m_snapshot.get()));
    for (RunId run : movedRuns(snapshot->runs, m_snapshot.get()))
        if (m_followers.contains(run))
            m_behind.insert(run);
    m_snapshot = std::move(snapshot);
    emit changed(m_snapshot);
    m_timer->setInterval(std::clamp(int((threadMs() - startMs) * kMaxShareOfTime), kPollMs, kMaxPollMs));
}

void StoreWatcher::readFollowed()
{
    while (!m_behind.empty()) {
        const RunId run = *m_behind.begin();
        const auto follower = m_followers.find(run);
        if (follower != m_followers.end())
            emit grown(run, std::make_shared<const RunIncrement>(follower->second.read(*m_reader)));
        m_behind.erase(run);
    }
}

void StoreWatcher::follow(RunId run, std::optional<std::uint64_t> afterStep)
{
    m_followers.insert_or_assign(run, RunFollower(run, afterStep));
    m_behind.insert(run);
    lookSafely();
}

void StoreWatcher::unfollow(RunId run)
{
    m_followers.erase(run);
}

} // namespace krater
