// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <span>

namespace krater {

// Mean of a sample with its spread and the two-sided confidence interval by Student's t with count - 1 degrees of
// freedom: mean +- t * sd / sqrt(count) (Student, "The probable error of a mean", Biometrika 6, 1908). NaN values
// of the sample are left out. With fewer than two values sd, low and high are NaN; with none the mean too.
struct Estimate {
    std::size_t count = 0;
    double mean = 0;
    double sd = 0; // sample standard deviation, divisor count - 1
    double low = 0, high = 0;
};
Estimate estimate(std::span<const double> sample, double confidence = 0.95);

// Paired t-test of two samples of equal size whose values belong together by position (the same seed): is the mean
// of a - b zero? Pairs with a NaN are left out. `difference` is the estimate of a - b. With fewer than two pairs t
// and pValue are NaN; when all differences are equal, pValue is 0 unless they are 0, then 1.
struct PairedTest {
    Estimate difference;
    double t = 0;
    double pValue = 0; // two-sided
};
PairedTest pairedTest(std::span<const double> a, std::span<const double> b, double confidence = 0.95);

} // namespace krater
