// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <span>
#include <vector>

namespace krater {

// Gives the value at x and writes the gradient there. x and gradient have the same size.
using Objective = std::function<double(std::span<const double> x, std::span<double> gradient)>;

struct Box {
    std::vector<double> lower; // may be -infinity
    std::vector<double> upper; // may be infinity
};

struct Minimum {
    std::vector<double> x;
    double value = 0.0; // NaN if nothing better than the start was found and the start has no value
};

struct MinimiserLimits {
    int evaluations = 400;
    double relativeStep = 1e-10;
};

// A local minimum of a smooth function within the box, by L-BFGS (NLopt's LD_LBFGS). Bitwise reproducible, single-threaded, bounded by the
// limits; `start` is moved into the box. Foreign errors end the search: what was found until then is returned.
Minimum minimise(const Objective &objective, std::vector<double> start, const Box &box,
                 const MinimiserLimits &limits = {});

// Huber's loss of a residual, and its derivative.
double huber(double residual, double delta);
double huberSlope(double residual, double delta);

} // namespace krater
