// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/problem.h"
#include "app/run_launch.h"

#include <QObject>

#include <functional>
#include <memory>
#include <thread>

namespace krater {

class EngineLoader;
class RunLibrary;

// Gets a run ready to be trained: waits for the engine and the store, then has the store make or reopen the run on a worker thread. One at a time.
// UI thread.
class RunLauncher : public QObject {
    Q_OBJECT

public:
    using Launch = std::function<LaunchedRun(RunWriter &)>; // on the worker thread

    RunLauncher(EngineLoader *engine, RunLibrary *library, QObject *parent = nullptr);
    ~RunLauncher() override; // waits for the worker

    bool isActive() const { return m_phase != Phase::Idle; }
    QString message() const; // what it waits for; empty when idle
    void request(Launch launch);
    bool cancel(); // false: too late, the run is being made
    void join();   // nothing is told any more

signals:
    void phaseChanged();
    void launched(const std::shared_ptr<krater::LaunchedRun> &run); // the store is reserved
    void failed(const krater::Problem &problem);

private:
    enum class Phase {
        Idle,
        Waiting,  // for the engine or the store
        Launching // the store makes the run, or the checkpoint is read
    };

    void proceed(); // as far as engine and store allow
    void launch();
    void giveUp(const Problem &problem);
    void setPhase(Phase phase);

    EngineLoader *m_engine;
    RunLibrary *m_library;
    Phase m_phase = Phase::Idle;
    Launch m_launch;
    std::jthread m_worker; // last: joined before the rest goes
};

} // namespace krater
