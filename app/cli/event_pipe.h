// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/train/run_events.h"

#include <memory>

namespace krater::cli {

// Carries a run's events from the threads that make them to the main thread, which prints. A POSIX pipe of pointers: ordered, bounded
// (a reader that is stuck on a full terminal slows the trainer down instead of filling memory) and something that poll() can wait for.
class EventPipe : public RunObserver {
public:
    EventPipe(); // throws Error if the system has no file descriptor left
    ~EventPipe() override;
    EventPipe(const EventPipe &) = delete;
    EventPipe &operator=(const EventPipe &) = delete;

    void onRunEvent(const RunEvent &event) override; // any thread; blocks while the pipe is full

    // Main thread.
    int descriptor() const { return m_readEnd; }
    std::unique_ptr<const RunEvent> next(); // null when there is none now

private:
    int m_readEnd = -1;
    int m_writeEnd = -1;
};

} // namespace krater::cli
