// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/run_view.h"
#include "core/corpus/corpus_scan.h"
#include "core/train/run_thread.h"

#include <QObject>
#include <QTimer>

#include <functional>
#include <memory>
#include <optional>
#include <thread>

namespace krater {

class EngineLoader;
class RunLibrary;
class RunWriter;
struct LaunchedRun;
struct Problem;

// The run that this window trains: at most one at a time. Commands return at once; a 33 ms timer swaps out the trainer's events and hands them to view().
// UI thread only; the event buffer inside is the one place that the trainer's thread touches.
class TrainingSession : public QObject {
    Q_OBJECT

public:
    TrainingSession(EngineLoader *engine, RunLibrary *library, QObject *parent = nullptr);
    ~TrainingSession() override; // stops with a checkpoint and waits until it is on disk

    bool isActive() const;  // a run is being trained or prepared
    RunState state() const; // of the run in view(); Done if there is none
    bool hasRun() const { return m_view != nullptr; }
    std::shared_ptr<RunView> view() const { return m_view; } // null before the first start
    QString message() const;                                 // of the state: what is being prepared, why it failed
    const std::optional<CorpusProgress> &preparation() const { return m_preparation; } // while Preparing
    double tokensPerSecond() const;
    double secondsLeft() const; // NaN if not known

    // Freezes a copy of the experiment, makes a run in the store and starts. Waits for the engine (Preparing) if it is still loading.
    void start(const Experiment &experiment, const QString &experimentFile);
    void resumeRun(RunId run); // from its last checkpoint
    void pause();
    void resume();
    void stop(); // state() is Stopping until the checkpoint is on disk, then Stopped
    void editMixture(const Mixture &mixture);

signals:
    void runStarted(qint64 run); // view() is new
    void stateChanged();
    void preparationChanged();
    void failed(const QString &message, const QString &advice); // could not even start

private:
    class EventBuffer;
    // Where the session is between its commands and the run's own states.
    enum class Phase {
        Idle,
        Waiting,   // for the engine or the store
        Launching, // the store makes the run, or the checkpoint is read
        Training,
        Finishing // the trainer is done, the store still writes
    };
    using Launch = std::function<LaunchedRun(RunWriter &)>; // on the worker thread

    bool acceptsStart();
    void request(Launch launch);
    void proceed(); // as far as engine and store allow
    void launch();
    void begin(const LaunchedRun &launched);
    RunRequest makeRequest(const LaunchedRun &launched);
    void drain();
    void finish(const StateEvent &end);
    void giveUp(const Problem &problem); // the run could not be started
    bool apply(const std::vector<RunEvent> &events, std::optional<StateEvent> &end);
    void setPhase(Phase phase);

    EngineLoader *m_engine;
    RunLibrary *m_library;
    Phase m_phase = Phase::Idle;
    Launch m_launch;
    bool m_stopWanted = false; // stop() came before there was a run thread
    RunState m_end = RunState::Done; // that the store is still writing, while Finishing
    std::shared_ptr<RunView> m_view;
    std::unique_ptr<EventBuffer> m_buffer;
    std::unique_ptr<RunThread> m_thread;
    std::optional<CorpusProgress> m_preparation;
    QTimer m_timer;
    std::jthread m_worker; // last: joined before the rest goes
};

} // namespace krater
