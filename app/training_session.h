// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/run_view.h"
#include "core/corpus/corpus_scan.h"
#include "core/train/run_thread.h"

#include <QObject>
#include <QTimer>

#include <memory>

namespace krater {

class EngineLoader;
class RunLibrary;

// The run that this window trains: at most one at a time. Commands return at once; a 33 ms timer swaps out the trainer's events and hands them to view().
// UI thread only; the event buffer inside is the one place that the trainer's thread touches.
class TrainingSession : public QObject {
    Q_OBJECT

public:
    TrainingSession(EngineLoader *engine, RunLibrary *library, QObject *parent = nullptr);
    ~TrainingSession() override; // stops with a checkpoint and waits

    bool isActive() const;           // a run is being trained or prepared
    RunState state() const;          // of the run in view(); Done if there is none
    bool hasRun() const { return m_view != nullptr; }
    std::shared_ptr<RunView> view() const { return m_view; } // null before the first start
    QString message() const;         // of the state: what is being prepared, why it failed
    const std::optional<CorpusProgress> &preparation() const { return m_preparation; } // while Preparing
    double tokensPerSecond() const;
    double secondsLeft() const;      // NaN if not known

    // Freezes a copy of the experiment, makes a run in the store and starts. Waits for the engine (Preparing) if it is still loading.
    void start(const Experiment &experiment, const QString &experimentFile);
    void resumeRun(RunId run);       // from its last checkpoint
    void pause();
    void resume();
    void stop();
    void editMixture(const Mixture &mixture);

signals:
    void runStarted(qint64 run);     // view() is new
    void stateChanged();
    void preparationChanged();
    void failed(const QString &message, const QString &advice); // could not even start

private:
    class EventBuffer;
    void drain();

    EngineLoader *m_engine;
    RunLibrary *m_library;
    std::shared_ptr<RunView> m_view;
    std::unique_ptr<EventBuffer> m_buffer;
    std::unique_ptr<RunThread> m_thread;
    std::optional<CorpusProgress> m_preparation;
    QString m_message;
    QTimer m_timer;
};

} // namespace krater
