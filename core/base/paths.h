// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string_view>

namespace krater {

// Absolute and without "." and "..": "~" is the home folder, what is relative starts from `folder`.
std::filesystem::path resolvePath(std::string_view path, const std::filesystem::path &folder);

} // namespace krater
