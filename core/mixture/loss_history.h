// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <vector>

namespace krater {

// The losses of every domain over the steps of a run, as a law is fitted to them: smoothed by a Savitzky-Golay window of order 3, and every
// stride-th of them from step `ignore` on. Gives what smoothing the whole series would give, but keeps only the last `window` steps as they
// were and the points that can no longer change. Plain value.
class LossHistory {
public:
    struct Series {
        std::vector<double> n;      // samples seen
        std::vector<double> losses; // nats/token, smoothed
    };

    // window is odd.
    LossHistory(std::size_t ignore, std::size_t window, std::size_t stride)
        : m_ignore(ignore)
        , m_window(window)
        , m_stride(stride)
    {
    }

    // Losses of K domains after a step, and how many samples each had seen by then.
    void add(std::vector<double> losses, std::vector<double> seen);
    std::size_t numSteps() const { return m_numSteps; }
    Series series(std::size_t domain) const;

    std::string save() const;                                       // JSON
    void restore(const std::string &state, std::size_t numDomains); // throws Error on text that save() did not write

private:
    struct Row {
        std::vector<double> losses; // K
        std::vector<double> seen;   // K
    };

    // The rows from `first` on, weighted and summed.
    double smoothed(std::size_t domain, std::size_t first, const std::vector<double> &weights) const;
    const Row &row(std::size_t step) const { return m_recent[step - (m_numSteps - m_recent.size())]; }
    std::size_t nextPoint() const { return m_ignore + m_stride * m_points.size(); }

    std::size_t m_ignore;
    std::size_t m_window;
    std::size_t m_stride;
    std::size_t m_numSteps = 0;
    std::deque<Row> m_recent;  // the last steps, at most m_window
    std::vector<Row> m_points; // smoothed
};

} // namespace krater
