// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/run_view.h"

#include <cstddef>
#include <vector>

namespace krater {

// A curve ready to be drawn at any zoom: a pyramid of minima and maxima over blocks of 8, 64, 512, ... points beside the curve itself, extended as
// points are added (amortised O(1) each) and never rebuilt for a repaint. Reducing n points to w columns costs O(w log n) instead of O(n), and no
// spike is lost. The curve must outlive the series, may only grow, and its last point may still change; after a shrink update() starts again.
class DisplaySeries {
public:
    explicit DisplaySeries(const Curve *source = nullptr) : m_source(source) { }

    void setSource(const Curve *source);
    void update(); // takes in what was added to the curve since the last call

    std::size_t size() const { return m_size; } // points up to the last update()
    bool empty() const { return m_size == 0; }
    const CurvePoint &at(std::size_t index) const { return (*m_source)[index]; }
    // Index of the first point at or after a step; size() if there is none.
    std::size_t lowerBound(std::uint64_t step) const;

    struct Range {
        double min = 0;
        double max = 0;
    };
    Range range(std::size_t first, std::size_t last) const; // of points [first, last), which must not be empty

    // Points [first, last) for `columns` pixel columns: as they are if they fit, else the minimum and the maximum of blocks of 2^k points, in the order
    // that joins up best. Blocks start at multiples of their size, so that a picture does not shimmer while points are added.
    std::vector<CurvePoint> reduce(std::size_t first, std::size_t last, int columns) const;
    // How many points one block of reduce() holds; 1: drawn as they are.
    static std::size_t blockSize(std::size_t numPoints, int columns);

private:
    static constexpr std::size_t kFactor = 8;

    void extendLevel(std::size_t level, std::size_t numBelow);
    Range rawRange(std::size_t first, std::size_t last) const;

    const Curve *m_source = nullptr;
    std::size_t m_size = 0;
    std::vector<std::vector<Range>> m_levels; // level l: blocks of 8^(l+1) points, complete ones only
};

} // namespace krater
