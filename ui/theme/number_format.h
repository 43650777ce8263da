// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include <cstdint>

namespace krater {

// Numbers as the window shows them, by the locale of the user. NaN and infinity become an en dash (no value). Any thread.
namespace number {

QString count(std::uint64_t value);              // 29,326
QString compact(double value, int digits = 3);   // 9.21 M: three digits, then k, M, G, T
QString tokens(double value, bool exact = true); // 21.1 M, ~21.1 M
QString bytes(double value);                     // 28.1 MB (powers of 1,000)
QString percent(double share, int decimals = 1); // 0.168 -> 16.8 %
QString decimal(double value, int decimals);     // 1.494; 18.1 M where it has run away
QString change(double value, int decimals);      // −0.021, +0.045, 0.000 with a real minus sign
QString epochs(double value);                    // 0.03, 1.42, 12.3
QString duration(double seconds);                // 45 s, 6 min, 2 h 10 min
QString clock(double seconds);                   // 0:45, 6:02, 2:10:00: for axes
QString relativeTime(std::int64_t unixMs);       // today 14:03, Nov 10, 14:00, 2023-11-10

} // namespace number
} // namespace krater
