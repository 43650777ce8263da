// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/store/run_record.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace krater {

// Points of a block when it is full; a longer one is not accepted when reading.
inline constexpr std::size_t kBlockPoints = 1024;

// A stretch of one curve in the form in which the store keeps it:
//
//   1 byte     1, the version of this form
//   varint     number of points n, 1..kBlockPoints
//   varint     step of the first point
//   pairs      (varint stride, varint repeats), both >= 1: the next `repeats` steps are each `stride` further;
//              repeats sum to n - 1
//   8 n bytes  values, IEEE 754 binary64, little-endian: every bit comes back
//
// varint: seven bits a byte, the lowest first, the top bit set on all bytes but the last. Plain value.
class CurveBlock {
public:
    CurveBlock() = default;
    static CurveBlock decode(std::string_view bytes); // throws Error when damaged

    void append(CurvePoint point); // not when full; throws Error when the step does not come after the last
    std::string encode() const;

    std::size_t count() const { return m_count; }
    bool isFull() const { return m_count == kBlockPoints; }
    std::uint64_t firstStep() const { return m_firstStep; }
    std::uint64_t lastStep() const { return m_lastStep; }

private:
    std::size_t m_count = 0;
    std::uint64_t m_firstStep = 0;
    std::uint64_t m_lastStep = 0;
    std::vector<std::pair<std::uint64_t, std::uint64_t>> m_strides; // (stride, repeats)
    std::string m_values;
};

// Appends a stored block's points to `curve`; throws Error when it is damaged or does not come after what `curve`
// holds.
void appendBlock(std::string_view bytes, Curve &curve);

// One step of a run with all its values, as the store keeps the newest steps: (varint curve, 8 bytes value) for each.
using StepValues = std::vector<std::pair<std::int64_t, double>>; // curve id, value
std::string encodeStep(const StepValues &values);
StepValues decodeStep(std::string_view bytes);                                 // throws Error when damaged
std::optional<double> valueInStep(std::string_view bytes, std::int64_t curve); // the same, for one curve

} // namespace krater
