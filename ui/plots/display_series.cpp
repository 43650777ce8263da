// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/display_series.h"

#include <algorithm>
#include <cmath>

namespace krater {
namespace {

void widen(DisplaySeries::Range &range, const DisplaySeries::Range &more)
{
    range.min = std::min(range.min, more.min);
    range.max = std::max(range.max, more.max);
}

} // namespace

void DisplaySeries::setSource(const Curve *source)
{
    m_source = source;
    m_size = 0;
    m_levels.clear();
    update();
}

void DisplaySeries::update()
{
    const std::size_t size = m_source ? m_source->size() : 0;
    if (size < m_size)
        m_levels.clear();
    m_size = size;
    // The last point may still change, so it never completes a block.
    std::size_t numBelow = size > 0 ? size - 1 : 0;
    for (std::size_t level = 0; numBelow >= kFactor; ++level) {
        extendLevel(level, numBelow);
        numBelow = m_levels[level].size();
    }
}

void DisplaySeries::extendLevel(std::size_t level, std::size_t numBelow)
{
    if (level == m_levels.size())
        m_levels.emplace_back();
    std::vector<Range> &blocks = m_levels[level];
    while ((blocks.size() + 1) * kFactor <= numBelow) {
        const std::size_t first = blocks.size() * kFactor;
        if (level == 0) {
            blocks.push_back(rawRange(first, first + kFactor));
            continue;
        }
        Range block = m_levels[level - 1][first];
        for (std::size_t i = first + 1; i < first + kFactor; ++i)
            widen(block, m_levels[level - 1][i]);
        blocks.push_back(block);
    }
}

std::size_t DisplaySeries::lowerBound(std::uint64_t step) const
{
    if (empty())
        return 0;
    const auto begin = m_source->begin();
    const auto found =
        std::lower_bound(begin, begin + std::ptrdiff_t(m_size), step,
                         [](const CurvePoint &point, std::uint64_t wanted) { return point.step < wanted; });
    return std::size_t(found - begin);
}

DisplaySeries::Range DisplaySeries::rawRange(std::size_t first, std::size_t last) const
{
    Range range{(*m_source)[first].value, (*m_source)[first].value};
    for (std::size_t i = first + 1; i < last; ++i)
        widen(range, {(*m_source)[i].value, (*m_source)[i].value});
    return range;
}

DisplaySeries::Range DisplaySeries::range(std::size_t first, std::size_t last) const
{
    Range result = rawRange(first, first + 1);
    std::size_t i = first;
    while (i < last) {
        // The largest complete block that starts here and does not reach beyond.
        std::size_t level = 0;
        std::size_t block = 1;
        while (level < m_levels.size() && i % (block * kFactor) == 0 && i + block * kFactor <= last
               && i / (block * kFactor) < m_levels[level].size()) {
            block *= kFactor;
            ++level;
        }
        widen(result, level == 0 ? rawRange(i, i + 1) : m_levels[level - 1][i / block]);
        i += block;
    }
    return result;
}

std::size_t DisplaySeries::blockSize(std::size_t numPoints, int columns)
{
    std::size_t block = 1;
    const auto room = std::size_t(std::max(1, columns));
    if (numPoints <= 2 * room)
        return block;
    while (numPoints / block > room)
        block *= 2;
    return block;
}

std::vector<CurvePoint> DisplaySeries::reduce(std::size_t first, std::size_t last, int columns) const
{
    last = std::min(last, m_size);
    if (first >= last)
        return {};
    const std::size_t block = blockSize(last - first, columns);
    const auto begin = m_source->begin();
    if (block == 1)
        return {begin + std::ptrdiff_t(first), begin + std::ptrdiff_t(last)};
    std::vector<CurvePoint> points;
    points.reserve(2 * ((last - first) / block + 2));
    for (std::size_t from = first; from < last;) {
        const std::size_t to = std::min(last, (from / block + 1) * block);
        const Range span = range(from, to);
        const std::uint64_t step = at(from).step;
        const bool downwards =
            !points.empty() && std::abs(points.back().value - span.max) < std::abs(points.back().value - span.min);
        points.push_back({step, downwards ? span.max : span.min});
        points.push_back({step, downwards ? span.min : span.max});
        from = to;
    }
    points.push_back(at(last - 1)); // the newest value itself, where the end label points
    return points;
}

} // namespace krater
