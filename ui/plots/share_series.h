// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/run_view.h"

#include <cstddef>
#include <vector>

namespace krater {

// A run's mixture over time, ready to be drawn at any zoom: prefix sums of the target shares, so that their mean over any stretch of steps costs O(K),
// and the realised shares of any window out of the cumulative tokens. Append-only like the run's curves; after a shrink update() starts again.
class ShareSeries {
public:
    void setRun(const RunView *run); // null: none
    void update();

    std::size_t numDomains() const { return m_target.size(); }
    std::size_t size() const { return m_steps.size(); } // points of the target
    std::uint64_t step(std::size_t index) const { return m_steps[index]; }
    std::size_t lowerBound(std::uint64_t step) const;

    // Mean target over points [first, last), which must not be empty. [K], sums to 1.
    std::vector<double> meanTarget(std::size_t first, std::size_t last) const;
    // Shares of the tokens drawn in steps (from, to]. Empty if none were.
    std::vector<double> realised(std::uint64_t from, std::uint64_t to) const;
    std::uint64_t lastDrawnStep() const;

private:
    double drawn(std::size_t domain, std::uint64_t step) const; // cumulative tokens up to and with a step

    const RunView *m_run = nullptr;
    std::vector<const Curve *> m_target; // [K]
    std::vector<const Curve *> m_drawn;  // [K]
    std::vector<std::uint64_t> m_steps;  // [N]
    std::vector<double> m_sums;          // [(N + 1) x K] sums of the targets before each point
};

} // namespace krater
