// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <vector>

namespace krater {

// Savitzky-Golay smoothing of order 3 (Savitzky and Golay 1964): the value at `position` of the cubic that fits `window` equally spaced
// values best is the sum of them times these weights. window is odd; position counts from 0, the middle is (window - 1) / 2. A window of less
// than 5 values smooths nothing: the weight is 1 at `position`.
std::vector<double> savitzkyGolayWeights(std::size_t window, std::size_t position);

} // namespace krater
