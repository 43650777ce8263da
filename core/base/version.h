// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <string_view>

namespace krater {

// What this program was built from; a run keeps it. Any thread.
std::string_view programVersion(); // "0.1.0"
std::string_view gitCommit();      // "3f2a91c0b7de", "-dirty" appended with uncommitted changes, or "unknown"
std::string_view buildType();      // "Release"

} // namespace krater
