// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/run_launcher.h"
#include "app/run_view.h"
#include "core/corpus/corpus_scan.h"
#include "core/train/run_thread.h"

#include <QObject>
#include <QTimer>

#include <memory>
#include <optional>
#include <thread>

namespace krater {

class RunEventBuffer;

// The run that this window trains, at most one at a time; of an experiment with stages one after the other. Commands return at once; a 33 ms timer
// swaps out the trainer's events and hands them to view().
// UI thread only; the event buffer inside is the one place that the trainer's thread touches.
class TrainingSession : public QObject {
    Q_OBJECT

public:
    TrainingSession(EngineLoader *engine, RunLibrary *library, QObject *parent = nullptr);
    ~TrainingSession() override; // stops with a checkpoint and waits until it is on disk

    bool isActive() const { return m_phase != Phase::Idle; } // a run is being trained or prepared, or the next stage of a plan is to come
    RunState state() const; // of the run in view(); Done if there is none
    bool hasRun() const { return m_view != nullptr; }
    std::shared_ptr<RunView> view() const { return m_view; } // null before the first start
    // The plan whose stages are trained, or were last; its runs as they were when the present one was launched. Null: a run of its own.
    const Plan *plan() const { return m_plan ? &*m_plan : nullptr; }
    bool isLaunching() const { return m_phase == Phase::Launching; } // view() is not yet the run that is to come
    QString message() const;                                 // of the state: what is being prepared, why it failed
    const std::optional<CorpusProgress> &preparation() const { return m_preparation; } // while Preparing
    double tokensPerSecond() const;
    double secondsLeft() const; // NaN if not known

    // Freezes a copy of the experiment, makes a run in the store and starts. Waits for the engine (Preparing) if it is still loading. Of an experiment
    // with stages the first one, then those after it.
    void start(const Experiment &experiment, const QString &experimentFile);
    void resumeRun(RunId run); // from its last checkpoint; of a stage's run its plan, wherever that is
    void pause();
    void resume();
    void stop(); // the run, and no further stage starts; state() is Stopping until the checkpoint is on disk, then Stopped
    void editMixture(const Mixture &mixture);

signals:
    void runStarted(qint64 run); // view() is new
    void stateChanged();
    void preparationChanged();
    void failed(const QString &message, const QString &advice); // could not even start

private:
    enum class Phase {
        Idle,
        Launching, // m_launcher is at work
        Training,
        Finishing // the trainer is done, the store still writes
    };

    bool acceptsStart();
    void launch(RunLauncher::Launch launch);
    void giveUp(const Problem &problem); // the run could not be started
    void begin(LaunchedRun &launched);
    RunRequest makeRequest(LaunchedRun &launched);
    void drain();
    void finish(const StateEvent &end);
    void close(const StateEvent &end, const Problem &problem); // it is on disk
    bool goesOn(const StateEvent &end) const;                  // with another stage
    bool apply(const std::vector<RunEvent> &events, std::optional<StateEvent> &end);
    void setPhase(Phase phase);

    EngineLoader *m_engine;
    RunLibrary *m_library;
    Phase m_phase = Phase::Idle;
    RunLauncher m_launcher{m_engine, m_library};
    bool m_stopWanted = false; // since the last start
    std::optional<Plan> m_plan;
    RunState m_end = RunState::Done; // that the store is still writing, while Finishing
    std::shared_ptr<RunView> m_view;
    std::unique_ptr<RunEventBuffer> m_buffer;
    std::unique_ptr<RunThread> m_thread;
    std::optional<CorpusProgress> m_preparation;
    QTimer m_timer;
    std::jthread m_worker; // last: joined before the rest goes
};

} // namespace krater
