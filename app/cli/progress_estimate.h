// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <cstdint>

namespace krater::cli {

// How long a run still takes, from the wall clock since this process began to train (evaluations and checkpoints included).
class ProgressEstimate {
public:
    explicit ProgressEstimate(std::uint64_t numSteps) : m_numSteps(numSteps) { }

    void advance(std::uint64_t step); // steps done
    std::uint64_t step() const { return m_step; }
    std::uint64_t numSteps() const { return m_numSteps; }
    double fraction() const;    // [0, 1]
    double secondsLeft() const; // NaN before two steps were seen

private:
    using Clock = std::chrono::steady_clock;

    std::uint64_t m_numSteps;
    std::uint64_t m_step = 0;
    std::uint64_t m_firstStep = 0;
    Clock::time_point m_firstTime;
    Clock::time_point m_lastTime;
    bool m_begun = false;
};

} // namespace krater::cli
