// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/compare/statistics.h"

#include <span>
#include <vector>

namespace krater {

// A curve over any axis (steps, tokens, seconds); x grows strictly. Plain value.
struct Series {
    std::vector<double> x;
    std::vector<double> y;
};

// Several curves on one set of positions, for differences and for means over seeds.
struct AlignedSeries {
    std::vector<double> x;
    std::vector<std::vector<double>> y; // [series][x]
};

// The positions of all series inside the range that every one of them covers; where a series has no point of its
// own, its value is interpolated linearly. Empty when the ranges do not overlap. Throws Error if a series is not in
// order or has as many x as y.
AlignedSeries align(std::span<const Series> series);

// a - b on their common positions.
Series difference(const Series &a, const Series &b);

// Mean and interval over the series at each position.
struct BandPoint {
    double x = 0;
    Estimate value;
};
std::vector<BandPoint> meanBand(std::span<const Series> series, double confidence = 0.95);

} // namespace krater
