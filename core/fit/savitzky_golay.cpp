// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/fit/savitzky_golay.h"

#include <array>

namespace krater {

namespace {

constexpr std::size_t kNumPolynomials = 4; // of degree 0 to 3

} // namespace

// Discrete orthogonal polynomials on -1 .. 1: the best fit is the sum of the projections on them.
std::vector<double> savitzkyGolayWeights(std::size_t window, std::size_t position)
{
    std::vector<double> weights(window, 0.0);
    if (window < 5) {
        weights[position] = 1.0;
        return weights;
    }
    const double half = static_cast<double>(window / 2);
    const auto at = [half](std::size_t i) { return (static_cast<double>(i) - half) / half; };
    double second = 0.0, fourth = 0.0; // moments
    for (std::size_t i = 0; i < window; ++i) {
        second += at(i) * at(i);
        fourth += at(i) * at(i) * at(i) * at(i);
    }
    const double mean = second / static_cast<double>(window), ratio = fourth / second;
    const auto polynomials = [=](double x) {
        return std::array<double, kNumPolynomials>{1.0, x, x * x - mean, x * (x * x - ratio)};
    };

    std::array<double, kNumPolynomials> norms{};
    for (std::size_t i = 0; i < window; ++i)
        for (std::size_t degree = 0; degree < kNumPolynomials; ++degree)
            norms[degree] += polynomials(at(i))[degree] * polynomials(at(i))[degree];
    const auto there = polynomials(at(position));
    for (std::size_t i = 0; i < window; ++i)
        for (std::size_t degree = 0; degree < kNumPolynomials; ++degree)
            weights[i] += polynomials(at(i))[degree] * there[degree] / norms[degree];
    return weights;
}

} // namespace krater
