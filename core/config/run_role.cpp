// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/config/run_role.h"

#include <algorithm>
#include <array>

namespace krater {

using namespace std::string_view_literals;

std::span<const std::string_view> words(RunRole)
{
    static constexpr std::array kWords{"reference"sv, "proxy"sv, "main"sv, "fine_tune"sv, "prompt_tune"sv}; // in stores: never change one
    return kWords;
}

std::string_view toString(RunRole role)
{
    return words(role)[static_cast<std::size_t>(role)];
}

std::optional<RunRole> runRoleFrom(std::string_view name)
{
    const auto names = words(RunRole{});
    const auto found = std::ranges::find(names, name);
    if (found == names.end())
        return std::nullopt;
    return static_cast<RunRole>(found - names.begin());
}

} // namespace krater
