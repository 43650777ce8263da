// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/corpus/json_path.h"

#include <charconv>

namespace krater {

std::optional<simdjson::dom::element> valueAt(simdjson::dom::element element, std::string_view path)
{
    for (;;) {
        simdjson::dom::element whole;
        if (element.is_object() && element.at_key(path).get(whole) == simdjson::SUCCESS)
            return whole;
        const std::size_t dot = path.find('.');
        const std::string_view name = path.substr(0, dot);
        simdjson::dom::element next;
        if (element.is_object()) {
            if (element.at_key(name).get(next) != simdjson::SUCCESS)
                return std::nullopt;
        } else if (element.is_array()) {
            std::size_t position = 0;
            const auto [end, failure] = std::from_chars(name.data(), name.data() + name.size(), position);
            if (failure != std::errc() || end != name.data() + name.size()
                || element.at(position).get(next) != simdjson::SUCCESS)
                return std::nullopt;
        } else {
            return std::nullopt;
        }
        if (dot == std::string_view::npos)
            return next;
        element = next;
        path.remove_prefix(dot + 1);
    }
}

} // namespace krater
