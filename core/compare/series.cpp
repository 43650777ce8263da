// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compare/series.h"

#include "core/base/error.h"

#include <algorithm>
#include <functional>
#include <limits>

namespace krater {

namespace {

void requireOrdered(const Series &series)
{
    const auto grows = [](double before, double after) { return !(before < after); };
    if (series.x.size() != series.y.size()
        || std::adjacent_find(series.x.begin(), series.x.end(), grows) != series.x.end())
        throw Error("A curve to be compared is not in order");
}

// Positions of every series between the last start and the first end.
std::vector<double> commonPositions(std::span<const Series> all)
{
    double begin = -std::numeric_limits<double>::infinity();
    double end = std::numeric_limits<double>::infinity();
    std::vector<double> positions;
    for (const Series &series : all) {
        requireOrdered(series);
        if (series.x.empty())
            return {};
        begin = std::max(begin, series.x.front());
        end = std::min(end, series.x.back());
        positions.insert(positions.end(), series.x.begin(), series.x.end());
    }
    std::erase_if(positions, [begin, end](double x) { return x < begin || x > end; });
    std::sort(positions.begin(), positions.end());
    positions.erase(std::unique(positions.begin(), positions.end()), positions.end());
    return positions;
}

std::vector<double> valuesAt(const Series &series, const std::vector<double> &positions)
{
    std::vector<double> values;
    values.reserve(positions.size());
    std::size_t right = 0; // the first point at or after the position
    for (const double x : positions) {
        while (series.x[right] < x)
            ++right;
        if (series.x[right] == x) {
            values.push_back(series.y[right]);
            continue;
        }
        const double share = (x - series.x[right - 1]) / (series.x[right] - series.x[right - 1]);
        values.push_back(series.y[right - 1] + share * (series.y[right] - series.y[right - 1]));
    }
    return values;
}

} // namespace

AlignedSeries align(std::span<const Series> series)
{
    AlignedSeries aligned;
    if (series.empty())
        return aligned;
    aligned.x = commonPositions(series);
    for (const Series &one : series)
        aligned.y.push_back(valuesAt(one, aligned.x));
    return aligned;
}

Series difference(const Series &a, const Series &b)
{
    const Series both[]{a, b};
    AlignedSeries aligned = align(both);
    Series result;
    result.x = std::move(aligned.x);
    result.y = std::move(aligned.y[0]);
    std::transform(result.y.begin(), result.y.end(), aligned.y[1].begin(), result.y.begin(), std::minus<>());
    return result;
}

std::vector<BandPoint> meanBand(std::span<const Series> series, double confidence)
{
    const AlignedSeries aligned = align(series);
    std::vector<BandPoint> band;
    band.reserve(aligned.x.size());
    std::vector<double> sample(series.size());
    for (std::size_t i = 0; i < aligned.x.size(); ++i) {
        std::transform(aligned.y.begin(), aligned.y.end(), sample.begin(),
                       [i](const auto &values) { return values[i]; });
        band.push_back({aligned.x[i], estimate(sample, confidence)});
    }
    return band;
}

} // namespace krater
