// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/run_library.h"

#include "app/post.h"
#include "app/problem.h"
#include "app/store_watcher.h"
#include "core/store/run_reader.h"
#include "core/store/run_writer.h"

#include <QFileInfo>

#include <algorithm>
#include <limits>
#include <utility>

namespace krater {

namespace {

// What a view's record shows and a step does not move.
bool sameDescription(const RunRecord &a, const RunRecord &b)
{
    return a.name == b.name && a.notes == b.notes && a.tags == b.tags && a.state == b.state && a.message == b.message
        && a.finishedMs == b.finishedMs && a.device == b.device && a.deleted == b.deleted;
}

const RunRecord *find(const std::vector<RunRecord> &runs, RunId id)
{
    const auto found = std::find_if(runs.begin(), runs.end(), [id](const RunRecord &run) { return run.id == id; });
    return found == runs.end() ? nullptr : &*found;
}

} // namespace

struct RunLibrary::OpenedStore {
    std::filesystem::path file;
    std::unique_ptr<RunWriter> writer;             // empty: cannot be written
    std::shared_ptr<const StoreSnapshot> snapshot; // empty: cannot be read either
    Problem problem;
};

RunLibrary::RunLibrary(QObject *parent) : QObject(parent) { }

RunLibrary::~RunLibrary()
{
    close();
}

bool RunLibrary::open(const QString &storeFile)
{
    if (!mayClose())
        return false;
    ++m_store;
    use(openStore(QFileInfo(storeFile).absoluteFilePath().toStdString()));
    return m_snapshot != nullptr;
}

void RunLibrary::openLater(const QString &storeFile)
{
    if (!mayClose())
        return;
    const int store = ++m_store;
    m_opening = true;
    m_opener = std::jthread(
        [this, store, file = std::filesystem::path(QFileInfo(storeFile).absoluteFilePath().toStdString())] {
            const std::shared_ptr<OpenedStore> opened = openStore(file);
            post(this, [this, store, opened] {
                if (store == m_store)
                    use(opened);
            });
        });
}

std::shared_ptr<RunLibrary::OpenedStore> RunLibrary::openStore(const std::filesystem::path &file)
{
    auto store = std::make_shared<OpenedStore>();
    store->file = file;
    try {
        store->writer = std::make_unique<RunWriter>(file);
    } catch (const std::exception &error) {
        store->problem = problemOf(error);
    }
    try {
        RunReader reader(file);
        store->snapshot = std::make_shared<const StoreSnapshot>(readSnapshot(reader));
    } catch (const std::exception &error) {
        if (store->problem.message.isEmpty())
            store->problem = problemOf(error);
        store->writer.reset();
    }
    return store;
}

bool RunLibrary::mayClose()
{
    if (!m_reserved)
        return true;
    emit failed(tr("A run is being trained into %1.").arg(storeFile()),
                tr("Stop it first, then open the other store."));
    return false;
}

void RunLibrary::close()
{
    if (m_watcher) {
        // Behind the commands that still wait there.
        ask([this](StoreWatcher &) { m_thread.quit(); });
        m_thread.wait();
        m_watcher = nullptr;
    }
    m_writer.reset();
    m_snapshot.reset();
    m_live.reset();
    m_edits.clear();
    m_runs.clear();
    m_places.clear();
    m_plans.clear();
    m_bin.clear();
    m_views.clear();
}

void RunLibrary::use(const std::shared_ptr<OpenedStore> &store)
{
    close();
    m_opening = false;
    m_file = store->file;
    m_writer = std::move(store->writer);
    m_message = store->problem.message;
    m_advice = store->problem.advice;
    m_notice = m_writer ? QString::fromStdString(m_writer->notice()) : QString();
    m_snapshot = store->snapshot;
    if (m_writer)
        m_writer->onFailure([this](const std::string &message) {
            post(this, [this, text = QString::fromStdString(message)] { emit failed(text, QString()); });
        });
    if (m_snapshot) {
        rebuild();
        startWatching();
    }
    emit storeChanged();
    emit runsChanged();
}

QString RunLibrary::storeFile() const
{
    return QString::fromStdString(m_file.string());
}

void RunLibrary::startWatching()
{
    m_watcher = new StoreWatcher(m_file);
    m_watcher->moveToThread(&m_thread);
    connect(&m_thread, &QThread::finished, m_watcher, &QObject::deleteLater);
    // On the watcher's thread; what it says of a store that is no longer open is dropped.
    const auto tell = [this, store = m_store](std::function<void()> call) {
        post(this, [this, store, call = std::move(call)] {
            if (store == m_store)
                call();
        });
    };
    connect(m_watcher, &StoreWatcher::changed, m_watcher,
            [=, this](const std::shared_ptr<const StoreSnapshot> &snapshot) {
                tell([=, this] { takeSnapshot(snapshot); });
            });
    connect(m_watcher, &StoreWatcher::grown, m_watcher,
            [=, this](qint64 run, const std::shared_ptr<const RunIncrement> &increment) {
                tell([=, this] { takeIncrement(run, *increment); });
            });
    connect(m_watcher, &StoreWatcher::problemChanged, m_watcher,
            [=, this](const Problem &problem) { tell([=, this] { takeProblem(problem); }); });
    m_thread.start();
    ask([known = m_snapshot](StoreWatcher &watcher) { watcher.start(known); });
}

void RunLibrary::ask(std::function<void(StoreWatcher &)> question)
{
    if (m_watcher)
        post(m_watcher, [watcher = m_watcher, question = std::move(question)] { question(*watcher); });
}

void RunLibrary::takeSnapshot(const std::shared_ptr<const StoreSnapshot> &snapshot)
{
    m_snapshot = snapshot;
    rebuild();
    refreshViews();
    emit runsChanged();
}

void RunLibrary::rebuild()
{
    std::vector<RunRecord> runs = m_snapshot->runs;
    for (const Edit &edit : m_edits) {
        std::set<RunId> missing = edit.runs;
        for (RunRecord &run : runs)
            if (missing.erase(run.id) > 0)
                edit.apply(run);
        for (RunId id : missing) {
            const RunRecord *binned = find(m_bin, id);
            if (!binned)
                continue;
            const auto place =
                std::find_if(runs.begin(), runs.end(), [&](const RunRecord &run) { return run.id < id; });
            edit.apply(*runs.insert(place, *binned));
        }
    }
    for (const RunRecord &run : runs) {
        if (!run.deleted)
            continue;
        std::erase_if(m_bin, [&](const RunRecord &binned) { return binned.id == run.id; });
        m_bin.push_back(run);
    }
    std::erase_if(runs, [](const RunRecord &run) { return run.deleted; });
    m_runs = std::move(runs);
    m_places.clear();
    for (std::size_t place = 0; place < m_runs.size(); ++place)
        m_places.insert(m_runs[place].id, place);
}

void RunLibrary::refreshViews()
{
    for (auto it = m_views.begin(); it != m_views.end();) {
        const std::shared_ptr<RunView> view = it->lock();
        if (!view) {
            ask([run = RunId(it.key())](StoreWatcher &watcher) { watcher.unfollow(run); });
            it = m_views.erase(it);
            continue;
        }
        const RunRecord *stored = run(it.key());
        RunRecord record = view->record();
        if (stored && view == m_live) { // its owner knows the rest better
            record.name = stored->name;
            record.notes = stored->notes;
            record.tags = stored->tags;
        } else if (stored) {
            record = *stored;
        }
        if (!sameDescription(record, view->record())) {
            view->setRecord(record);
            view->publish();
        }
        ++it;
    }
}

void RunLibrary::takeIncrement(RunId run, const RunIncrement &increment)
{
    const std::shared_ptr<RunView> view = m_views.value(run).lock();
    if (view && view != m_live)
        addTo(*view, increment);
}

void RunLibrary::takeProblem(const Problem &problem)
{
    m_message = problem.message;
    m_advice = problem.advice;
    emit storeChanged();
}

const RunRecord *RunLibrary::run(RunId id) const
{
    const auto place = m_places.find(id);
    return place == m_places.end() ? nullptr : &m_runs[*place];
}

std::shared_ptr<const std::vector<MetricSummary>> RunLibrary::summaries(RunId id) const
{
    return m_snapshot ? m_snapshot->summaries.value(id) : nullptr;
}

std::vector<double> RunLibrary::lastValues(RunId id, const QString &metric) const
{
    const RunRecord *record = run(id);
    std::vector<double> result(record ? record->domains.size() : 0, std::numeric_limits<double>::quiet_NaN());
    const RunSummaries known = summaries(id);
    if (!known)
        return result;
    const std::string name = metric.toStdString();
    for (const MetricSummary &summary : *known)
        if (summary.metric == name && summary.domain >= 0 && std::size_t(summary.domain) < result.size())
            result[std::size_t(summary.domain)] = summary.last;
    return result;
}

StageResult RunLibrary::mixtures(RunId id) const
{
    const RunRecord *record = run(id);
    const RunSummaries known = summaries(id);
    return runMixtures(known ? *known : std::vector<MetricSummary>{}, record ? record->domains.size() : 0);
}

std::shared_ptr<RunView> RunLibrary::view(RunId id)
{
    if (std::shared_ptr<RunView> known = m_views.value(id).lock())
        return known;
    const RunRecord *record = run(id);
    if (!record)
        return nullptr;
    auto made = std::make_shared<RunView>(*record);
    m_views.insert(id, made);
    ask([id](StoreWatcher &watcher) { watcher.follow(id, {}); });
    return made;
}

void RunLibrary::adopt(std::shared_ptr<RunView> live)
{
    const RunId id = live->record().id;
    m_views.insert(id, live);
    m_live = std::move(live);
    ask([id](StoreWatcher &watcher) { watcher.unfollow(id); });
}

void RunLibrary::reserve(bool reserved)
{
    m_reserved = reserved;
}

// What its owner said last holds until the store has been read after it.
void RunLibrary::release(RunId id)
{
    if (!m_live || m_live->record().id != id)
        return;
    const RunRecord last = m_live->record();
    m_live.reset();
    const int number = ++m_lastEdit;
    m_edits.push_back({number, {id}, [last](RunRecord &run) {
                           const bool deleted = run.deleted;
                           run = last;
                           run.deleted = deleted;
                       }});
    ask([this, number, id, step = last.step](StoreWatcher &watcher) {
        watcher.follow(id, step);
        watcher.look();
        post(this, [this, number] { finishEdit(number); });
    });
    rebuild();
    emit runsChanged();
}

} // namespace krater
