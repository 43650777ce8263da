// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <stop_token>
#include <thread>

namespace krater::cli {

// From its construction to the end of the program the first SIGINT, SIGTERM or SIGHUP is only noted, for the main loop to stop the run
// with a checkpoint; a second one ends the program at once with kInterrupted. SIGPIPE is ignored, so that a closed pipe cannot kill a
// training run. One object in a program; the main thread's.
class StopSignals {
public:
    StopSignals(); // throws Error if the system has no file descriptor left
    StopSignals(const StopSignals &) = delete;
    StopSignals &operator=(const StopSignals &) = delete;

    bool requested() const;
    int descriptor() const; // readable once after the first signal: for poll()
    void acknowledge();     // makes the descriptor wait again
    void ignore();          // from now on: the exit code is settled
};

// Passes a stop signal on to work that looks at a stop token, wherever that is: a thread waits for the signal. The signal is not
// acknowledged.
class StopWatch {
public:
    explicit StopWatch(const StopSignals &signals); // throws Error if the system has no file descriptor left
    ~StopWatch();
    StopWatch(const StopWatch &) = delete;
    StopWatch &operator=(const StopWatch &) = delete;

    std::stop_token token() const { return m_stop.get_token(); }

private:
    std::stop_source m_stop;
    int m_ended; // an eventfd
    std::jthread m_thread;
};

} // namespace krater::cli
