// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/issue.h"

#include <toml++/toml.h>

#include <optional>
#include <string>
#include <string_view>

namespace krater {

// The table that the text holds, or nothing and one issue with its place. Bounded: size, nesting (toml++'s own limit) and parts of a
// dotted key, which toml++ 3.3 turns into tables inside tables without a limit.
std::optional<toml::table> parseToml(std::string_view text, const std::string &fileName, Issues &issues);

// "a string", "a whole number", ...: what a node is, for messages.
std::string_view typeName(const toml::node &node);

} // namespace krater
