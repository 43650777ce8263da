// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace krater {

// What a run is for.
enum class RunRole { Reference, Proxy, Main, FineTune, PromptTune };
std::string_view toString(RunRole role); // "reference", "proxy", "main", "fine_tune", "prompt_tune"
std::optional<RunRole> runRoleFrom(std::string_view name);
std::span<const std::string_view> words(RunRole); // in the order of the enumeration

} // namespace krater
