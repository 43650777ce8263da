// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

namespace krater {

// Physical memory that this process holds now, in bytes, for the status bar; 0 if the system does not tell. Takes some microseconds.
std::uint64_t residentBytes();

} // namespace krater
