// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/store/run_record.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace krater {

// When each step was: curves like others in the store, columns to its users.
inline constexpr const char *kClockTokens = "clock.tokens";
inline constexpr const char *kClockSeconds = "clock.seconds";

inline constexpr std::uint64_t kLastStep = std::numeric_limits<std::int64_t>::max();

// Puts curves together from blocks and recent steps. Calls that belong together go into one transaction of the
// caller: between two of them a writer may fold recent steps into blocks. One thread.
class CurveReader {
public:
    explicit CurveReader(SQLite::Database &database);

    std::optional<std::int64_t> find(RunId run, const std::string &metric, int domain);
    Curve read(RunId run, std::int64_t curve, std::uint64_t fromStep = 0, std::uint64_t toStep = kLastStep);

private:
    SQLite::Statement m_find;
    SQLite::Statement m_blocks;
    SQLite::Statement m_recent;
};

struct ClockPoint {
    std::uint64_t step = 0;
    std::uint64_t tokens = 0;
    double seconds = 0;
};
std::vector<ClockPoint> readClock(CurveReader &curves, RunId run, std::uint64_t fromStep, std::uint64_t toStep);

} // namespace krater
