// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/fit/power_law.h"

#include "core/fit/minimiser.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <vector>

namespace krater {

namespace {

constexpr double kDelta = 1e-3; // of the Huber loss, in log nats
constexpr double kMostA = 6.5;
constexpr double kLeastE = 0.5;
constexpr double kLeastAlpha = 0.001;
constexpr double kMostAlpha = 0.8;
constexpr std::size_t kGridSide = 8;
constexpr std::size_t kNumParameters = 3;
constexpr MinimiserLimits kCoarse{.evaluations = 20, .relativeStep = 1e-3}; // enough to tell starts apart
constexpr MinimiserLimits kFine{.evaluations = 3000,
                                .relativeStep = 1e-12}; // losses without noise lie in a long narrow valley
constexpr std::size_t kFewestPoints = 4;                // one more than parameters
constexpr std::size_t kMostCoarsePoints = 32;           // on which starts are compared

using Parameters = std::array<double, kNumParameters>; // a, e, alpha

struct Points {
    std::vector<double> logN;
    std::vector<double> logLoss;
};

// The penalties have kinks, where L-BFGS stalls: in each parameter the space is cut there, and within the pieces all is smooth.
struct Kink {
    std::size_t parameter;
    double at;
    double slopeBelow, slopeAbove; // of the penalty
};
constexpr std::array<Kink, 4> kKinks{
    {{0, kMostA, 0.0, 1.0}, {1, kLeastE, -1.0, 0.0}, {2, kLeastAlpha, -1.0, 0.0}, {2, kMostAlpha, 0.0, 1.0}}};
constexpr Parameters kWidest{60.0, 60.0, 20.0}; // |a|, |e|, |alpha|: beyond it exp overflows

// Which side of each kink a piece of the space lies on.
using Piece = std::array<bool, kKinks.size()>; // true: above

Piece pieceOf(std::span<const double> x)
{
    Piece piece;
    for (std::size_t i = 0; i < kKinks.size(); ++i)
        piece[i] = x[kKinks[i].parameter] > kKinks[i].at;
    return piece;
}

// -min(alpha, 0.001) is -0.001 above the kink: every penalty is 0 there or has this constant.
double penalty(const Piece &piece, std::span<const double> x, std::span<double> gradient)
{
    double sum = -kLeastAlpha;
    for (std::size_t i = 0; i < kKinks.size(); ++i) {
        const double slope = piece[i] ? kKinks[i].slopeAbove : kKinks[i].slopeBelow;
        sum += slope * (x[kKinks[i].parameter] - kKinks[i].at);
        gradient[kKinks[i].parameter] += slope;
    }
    return sum;
}

double misfit(const Points &points, std::span<const double> x, std::span<double> gradient)
{
    double sum = 0.0;
    for (std::size_t i = 0; i < points.logN.size(); ++i) {
        const double power = x[0] - x[2] * points.logN[i];
        const double ratio = std::exp(-std::abs(power - x[1])); // of the smaller term to the larger one
        const double ofPower = (power > x[1] ? 1.0 : ratio) / (1.0 + ratio);
        const double residual = std::max(power, x[1]) + std::log1p(ratio) - points.logLoss[i];
        const double slope = huberSlope(residual, kDelta);
        sum += huber(residual, kDelta);
        gradient[0] += slope * ofPower;
        gradient[1] += slope * (1.0 - ofPower);
        gradient[2] -= slope * ofPower * points.logN[i];
    }
    return sum;
}

double objectiveIn(const Piece &piece, const Points &points, std::span<const double> x, std::span<double> gradient)
{
    std::ranges::fill(gradient, 0.0);
    return misfit(points, x, gradient) + penalty(piece, x, gradient);
}

Box boxOf(const Piece &piece)
{
    Box box;
    for (const double widest : kWidest) {
        box.lower.push_back(-widest);
        box.upper.push_back(widest);
    }
    for (std::size_t i = 0; i < kKinks.size(); ++i) {
        double &bound = (piece[i] ? box.lower : box.upper)[kKinks[i].parameter];
        bound = piece[i] ? std::max(bound, kKinks[i].at) : std::min(bound, kKinks[i].at);
    }
    return box;
}

// Crosses every kink that x lies on and behind which it goes down. False if there is none.
bool cross(Piece &piece, const Points &points, std::span<const double> x)
{
    bool crossed = false;
    for (std::size_t i = 0; i < kKinks.size(); ++i) {
        if (x[kKinks[i].parameter] != kKinks[i].at)
            continue;
        Piece other = piece;
        other[i] = !piece[i];
        Parameters gradient{};
        objectiveIn(other, points, x, gradient);
        const double slope = gradient[kKinks[i].parameter];
        if (other[i] ? slope < 0.0 : slope > 0.0) {
            piece = other;
            crossed = true;
        }
    }
    return crossed;
}

Minimum descend(const Points &points, std::span<const double> start, const MinimiserLimits &limits)
{
    constexpr int kMostPieces = 6;
    Piece piece = pieceOf(start);
    Minimum best{{start.begin(), start.end()}, std::numeric_limits<double>::quiet_NaN()};
    for (int i = 0; i < kMostPieces; ++i) {
        const Objective objective = [&](std::span<const double> x, std::span<double> gradient) {
            return objectiveIn(piece, points, x, gradient);
        };
        const Minimum found = minimise(objective, best.x, boxOf(piece), limits);
        if (std::isnan(best.value) || found.value < best.value)
            best = found;
        if (!cross(piece, points, best.x))
            break;
    }
    return best;
}

// The best starts of ADO's grid, best first. Penalties are far larger than misfits, so that most of the grid need not be looked at, and a start
// only until it is worse than those that there are.
std::vector<Minimum> bestStarts(const Points &points, std::size_t number)
{
    std::vector<std::vector<double>> powers(kGridSide); // n^-alpha
    for (std::size_t k = 0; k < kGridSide; ++k)
        for (const double logN : points.logN)
            powers[k].push_back(std::exp(-0.1 * double(k) * logN));
    std::vector<Minimum> best;
    Parameters unused{};
    for (std::size_t j = kGridSide; j-- > 0;) // from large e down: there is no penalty
        for (std::size_t i = 0; i < kGridSide; ++i)
            for (std::size_t k = 0; k < kGridSide; ++k) {
                const Parameters x{-2.0 + double(i), -2.0 + 0.5 * double(j), 0.1 * double(k)};
                const double scale = std::exp(x[0]), irreducible = std::exp(x[1]);
                const double most = best.size() == number ? best.back().value : std::numeric_limits<double>::infinity();
                double value = penalty(pieceOf(x), x, unused);
                for (std::size_t point = 0; point < points.logN.size() && value < most; ++point)
                    value += huber(std::log(irreducible + scale * powers[k][point]) - points.logLoss[point], kDelta);
                if (!(value < most))
                    continue;
                const auto place = std::ranges::upper_bound(best, value, {}, &Minimum::value);
                best.insert(place, {{x.begin(), x.end()}, value});
                if (best.size() > number)
                    best.pop_back();
            }
    return best;
}

// So many of them, evenly spread, for comparing starts at a cost that does not grow with the run.
Points thinned(const Points &points, std::size_t most)
{
    if (points.logN.size() <= most)
        return points;
    Points few;
    for (std::size_t i = 0; i < most; ++i) {
        const std::size_t at = i * (points.logN.size() - 1) / (most - 1);
        few.logN.push_back(points.logN[at]);
        few.logLoss.push_back(points.logLoss[at]);
    }
    return few;
}

Points pointsOf(std::span<const double> n, std::span<const double> losses)
{
    Points points;
    for (std::size_t i = 0; i < std::min(n.size(), losses.size()); ++i)
        if (n[i] > 0.0 && losses[i] > 0.0 && std::isfinite(n[i]) && std::isfinite(losses[i])) {
            points.logN.push_back(std::log(n[i]));
            points.logLoss.push_back(std::log(losses[i]));
        }
    return points;
}

} // namespace

double PowerLaw::irreducible() const
{
    return std::exp(e);
}

double PowerLaw::lossAt(double n) const
{
    return std::exp(e) + std::exp(a - alpha * std::log(n));
}

double PowerLaw::slopeAt(double n, double leastAlpha) const
{
    return std::max(alpha, leastAlpha) * std::exp(a - alpha * std::log(n)) / n;
}

double powerLawObjective(const PowerLaw &law, std::span<const double> n, std::span<const double> losses)
{
    const Parameters x{law.a, law.e, law.alpha};
    Parameters unused{};
    return objectiveIn(pieceOf(x), pointsOf(n, losses), x, unused);
}

std::optional<PowerLaw> fitPowerLaw(std::span<const double> n, std::span<const double> losses, std::size_t numRefined)
{
    const Points points = pointsOf(n, losses);
    if (points.logN.size() < kFewestPoints)
        return std::nullopt;
    const Points coarse = thinned(points, kMostCoarsePoints);
    Minimum best{{}, std::numeric_limits<double>::infinity()};
    for (const Minimum &start : bestStarts(coarse, std::max<std::size_t>(numRefined, 1)))
        if (Minimum found = descend(coarse, start.x, kCoarse); found.value < best.value || best.x.empty())
            best = std::move(found);
    best = descend(points, best.x, kFine);
    if (!std::isfinite(best.value))
        return std::nullopt;
    return PowerLaw{best.x[0], best.x[1], best.x[2]};
}

} // namespace krater
