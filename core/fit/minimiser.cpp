// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/fit/minimiser.h"

#include "core/base/error.h"

#include <nlopt.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>

namespace krater {

namespace {

// Of which L-BFGS makes its curvature. NLopt's own choice is as many as there may be evaluations, which it walks through at every step.
constexpr unsigned kStoredSteps = 10;

struct Search {
    const Objective &objective;
    Minimum best;
};

// NLopt's signature. Remembers the best point itself: what the library returns after an error is not that.
double evaluate(unsigned size, const double *x, double *gradient, void *data)
{
    Search &search = *static_cast<Search *>(data);
    std::vector<double> unused(gradient ? 0 : size);
    const double value = search.objective({x, size}, {gradient ? gradient : unused.data(), size});
    if (std::isnan(search.best.value) || value < search.best.value)
        search.best = {{x, x + size}, value};
    return std::isfinite(value) ? value : std::numeric_limits<double>::max();
}

} // namespace

Minimum minimise(const Objective &objective, std::vector<double> start, const Box &box, const MinimiserLimits &limits)
{
    const std::unique_ptr<nlopt_opt_s, void (*)(nlopt_opt)> optimiser(
        nlopt_create(NLOPT_LD_LBFGS, static_cast<unsigned>(start.size())), nlopt_destroy);
    if (!optimiser)
        throw Error("The optimiser could not be made: out of memory.");
    for (std::size_t i = 0; i < start.size(); ++i)
        start[i] = std::clamp(start[i], box.lower[i], box.upper[i]);
    Search search{objective, {start, std::numeric_limits<double>::quiet_NaN()}};
    nlopt_set_lower_bounds(optimiser.get(), box.lower.data());
    nlopt_set_upper_bounds(optimiser.get(), box.upper.data());
    nlopt_set_min_objective(optimiser.get(), evaluate, &search);
    nlopt_set_vector_storage(optimiser.get(), kStoredSteps);
    nlopt_set_maxeval(optimiser.get(), limits.evaluations);
    nlopt_set_xtol_rel(optimiser.get(), limits.relativeStep);
    double value = 0.0;
    nlopt_optimize(optimiser.get(), start.data(), &value);
    return search.best;
}

double huber(double residual, double delta)
{
    const double size = std::abs(residual);
    return size > delta ? delta * (size - 0.5 * delta) : 0.5 * size * size;
}

double huberSlope(double residual, double delta)
{
    return std::clamp(residual, -delta, delta);
}

} // namespace krater
