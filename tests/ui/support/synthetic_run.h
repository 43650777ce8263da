// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/run_view.h"

#include <memory>

namespace krater {

// Feeds a RunView with the events of a made-up gibbs run, as TrainingSession would: six domains whose losses fall as a + b n^-c, a mixture that follows
// them, evaluations, checkpoints and an edit. The same run each time.
class SyntheticRun {
public:
    explicit SyntheticRun(std::uint64_t numSteps = 600);

    const std::shared_ptr<RunView> &view() const { return m_view; }
    void advance(std::uint64_t steps); // applies the events of as many steps and publishes them once
    void finish(RunState state, const std::string &message = {});

private:
    void step();
    void evaluate();
    double noise();

    std::shared_ptr<RunView> m_view;
    std::uint64_t m_step = 0;
    std::uint64_t m_state = 42;
    std::vector<double> m_share;   // [K]
    std::vector<double> m_drawn;   // [K] tokens
    std::vector<double> m_heldOut; // [K]
};

} // namespace krater
