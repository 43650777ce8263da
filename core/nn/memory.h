// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace krater {

// Bytes that this process can still take before Linux ends a program to make room: what the machine has left, and what
// the limits of the process's control groups (cgroup v2) leave. Linux gives memory out before it has it, so asking for
// too much does not fail: it kills. Nothing when it is not known. `root`: of the file system, for tests.
std::optional<std::uint64_t> availableMemory(const std::filesystem::path &root = "/");

Error outOfMemory(const std::string &device, const std::string &numbers = {});
// Throws that if it is known that there are not so many bytes; `what` begins "<what> about 2 GB".
void requireAvailable(std::uint64_t numBytes, const std::string &device, const std::string &what);

} // namespace krater
