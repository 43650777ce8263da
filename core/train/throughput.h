// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <deque>

namespace krater {

// Tokens per second over about the last second of training. Plain value.
class Throughput {
public:
    void add(double seconds, std::uint64_t tokens);
    double tokensPerSecond() const; // 0 before the first step

private:
    struct Step {
        double seconds = 0;
        double tokens = 0;
    };
    std::deque<Step> m_steps; // the last ones, up to one second of them and at least one
    double m_seconds = 0;
    double m_tokens = 0;
};

} // namespace krater
