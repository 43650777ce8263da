// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <optional>
#include <span>

namespace krater {

// L(n) = exp(e) + exp(a) n^-alpha: loss in nats/token after n samples (Hoffmann et al. 2022, arXiv 2203.15556, fit as in Jiang et al. 2024,
// arXiv 2410.11820).
struct PowerLaw {
    double a = 0.0;
    double e = 0.0;
    double alpha = 0.0;

    double irreducible() const; // exp(e), nats/token
    double lossAt(double n) const;
    // -dL/dn as ADO takes it: alpha (L(n) - exp(e)) / n, alpha at least `leastAlpha`.
    double slopeAt(double n, double leastAlpha) const;

    bool operator==(const PowerLaw &) const = default;
};

// Sum of Huber losses (delta 1e-3) of the residuals in log L, plus the four penalties that keep a <= 6.5, e >= 0.5 and alpha within
// [0.001, 0.8]: max(alpha - 0.8, 0) - min(alpha, 0.001) - min(e - 0.5, 0) + max(a - 6.5, 0), signs as in ADO's code.
double powerLawObjective(const PowerLaw &law, std::span<const double> n, std::span<const double> losses);

// The law with the least objective: L-BFGS from the best points of ADO's grid of 8 x 8 x 8 starts. Points whose n or loss is not above 0 are
// left out. Nothing if fewer than 4 points are left. Bitwise reproducible. The starts are compared on at most 32 of the points, so that the cost
// of choosing does not grow with the run; `numRefined` of them are followed, which finds what all 512 find at a fraction of their cost.
std::optional<PowerLaw> fitPowerLaw(std::span<const double> n, std::span<const double> losses,
                                    std::size_t numRefined = 3);

} // namespace krater
