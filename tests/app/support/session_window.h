// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/engine_loader.h"
#include "app/run_library.h"
#include "app/training_session.h"
#include "core/train/fake_language_model.h"

#include <QSignalSpy>

#include <atomic>
#include <chrono>
#include <memory>
#include <thread>

namespace krater {

// Lets the trainer go on only up to a step, so that a test finds it where it wants it.
class Gate {
public:
    void openUpTo(std::uint64_t step) { m_limit = step; }
    void operator()(std::uint64_t step)
    {
        while (step > m_limit)
            std::this_thread::sleep_for(std::chrono::microseconds(100));
    }

private:
    std::atomic<std::uint64_t> m_limit{~std::uint64_t(0)};
};

// Engine, library and session, as a window has them.
struct SessionWindow {
    explicit SessionWindow(const QString &store, FakeEngineOptions options = {}, std::shared_ptr<Gate> stepGate = {})
        : gate(std::move(stepGate))
    {
        if (gate)
            options.beforeStep = [gate = gate](std::uint64_t step) { (*gate)(step); };
        engine.use(makeFakeEngine(std::move(options)));
        library.open(store);
    }
    ~SessionWindow()
    {
        if (gate)
            gate->openUpTo(~std::uint64_t(0));
    }

    bool finished() const { return !session.isActive(); }

    std::shared_ptr<Gate> gate;
    EngineLoader engine;
    RunLibrary library;
    TrainingSession session{&engine, &library};
    QSignalSpy failed{&session, &TrainingSession::failed};
    QSignalSpy started{&session, &TrainingSession::runStarted};
};

} // namespace krater
