// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compare/statistics.h"

#include "core/base/error.h"

#include <boost/math/distributions/students_t.hpp>

#include <cmath>
#include <limits>
#include <vector>

namespace krater {

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// Two passes: the squares are taken around the mean, so that nothing cancels.
Estimate meanAndSd(const std::vector<double> &values)
{
    Estimate result;
    result.count = values.size();
    result.mean = result.sd = result.low = result.high = kNaN;
    if (values.empty())
        return result;
    double sum = 0;
    for (const double value : values)
        sum += value;
    result.mean = sum / double(values.size());
    if (values.size() < 2)
        return result;
    double squares = 0;
    for (const double value : values)
        squares += (value - result.mean) * (value - result.mean);
    result.sd = std::sqrt(squares / double(values.size() - 1));
    return result;
}

} // namespace

Estimate estimate(std::span<const double> sample, double confidence)
{
    if (!(confidence > 0 && confidence < 1))
        throw Error("A confidence must lie between 0 and 1");
    std::vector<double> values;
    for (const double value : sample) {
        if (!std::isnan(value))
            values.push_back(value);
    }
    Estimate result = meanAndSd(values);
    if (!std::isfinite(result.sd))
        return result;
    const boost::math::students_t distribution(double(result.count - 1));
    const double t = boost::math::quantile(boost::math::complement(distribution, (1 - confidence) / 2));
    const double halfWidth = t * result.sd / std::sqrt(double(result.count));
    result.low = result.mean - halfWidth;
    result.high = result.mean + halfWidth;
    return result;
}

PairedTest pairedTest(std::span<const double> a, std::span<const double> b, double confidence)
{
    if (a.size() != b.size())
        throw Error("A paired test needs two samples of the same size");
    std::vector<double> differences;
    for (std::size_t i = 0; i < a.size(); ++i)
        differences.push_back(a[i] - b[i]);

    PairedTest test;
    test.difference = estimate(differences, confidence);
    test.t = test.pValue = kNaN;
    const Estimate &difference = test.difference;
    if (difference.count < 2 || !std::isfinite(difference.mean))
        return test;
    if (difference.sd == 0) {
        test.t = difference.mean == 0 ? 0 : std::copysign(std::numeric_limits<double>::infinity(), difference.mean);
        test.pValue = difference.mean == 0 ? 1 : 0;
        return test;
    }
    test.t = difference.mean / (difference.sd / std::sqrt(double(difference.count)));
    const boost::math::students_t distribution(double(difference.count - 1));
    test.pValue = 2 * boost::math::cdf(boost::math::complement(distribution, std::abs(test.t)));
    return test;
}

} // namespace krater
