// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/mixture/mixture_policy.h"

#include <string>
#include <vector>

namespace krater {

// What the held-out loss of every domain will be at the end of the run: its losses so far are fitted with L(n) = E + A n^-alpha, n the tokens
// trained on (core/fit/power_law.h), and the law is taken at the token budget. Plain value.
class LossForecast {
public:
    // With fewer losses of a domain there is no forecast for it.
    static constexpr std::size_t kFewestLosses = 5;

    LossForecast(std::size_t numDomains, std::uint64_t tokenBudget);

    // An evaluation. One before the first step says nothing about the law and is left out.
    void add(const PolicyInput &heldOut);
    const std::vector<double> &losses() const { return m_forecasts; } // K, nats/token, NaN where unknown

    std::string save() const;               // JSON
    void restore(const std::string &state); // throws Error on text that save() did not write

private:
    struct Series {
        std::vector<double> tokens;
        std::vector<double> losses; // nats/token
    };

    double m_tokenBudget;
    std::vector<Series> m_series;    // K
    std::vector<double> m_forecasts; // K
};

} // namespace krater
