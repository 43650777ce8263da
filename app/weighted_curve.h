// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/run_row.h"
#include "app/run_view.h"

#include <vector>

namespace krater {

// Sum over domains of weight x value of a run's curve: the held-out loss on a fixed mixture over time. Has a point at each step at which every domain with
// weight has one; grows as the run's curves do. The run must outlive it. UI thread.
class WeightedCurve {
public:
    // No points ever if the run lacks a domain that has weight.
    void setSource(const RunView *run, const QString &metric, const ScoreWeights &weights);
    void update(); // takes in what was added since the last call

    const Curve &curve() const { return m_curve; } // the same object for life

private:
    struct Part {
        const Curve *curve = nullptr;
        double weight = 0;
        std::size_t next = 0; // first point that has not been looked at
    };

    std::vector<Part> m_parts;
    Curve m_curve;
};

} // namespace krater
