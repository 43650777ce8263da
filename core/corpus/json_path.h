// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <simdjson.h>

#include <optional>
#include <string_view>

namespace krater {

// The value at a dotted path ("meta.language", "turns.0.text"): names of objects, numbers of arrays. A key that itself holds
// dots is found if the rest of the path is that key.
std::optional<simdjson::dom::element> valueAt(simdjson::dom::element element, std::string_view path);

} // namespace krater
