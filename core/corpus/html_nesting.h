// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace krater {

// What a page will cost Gumbo, which looks through all open elements for most tags: known before it is parsed, because Gumbo
// cannot be held up once it has begun. Both are counted generously for tag soup, so that no page costs more than is counted.
struct HtmlNesting {
    std::size_t depth = 0;   // elements open at once, at most
    std::uint64_t steps = 0; // open elements that are looked at, over all tags

    static constexpr std::size_t kMaxDepth = 10'000;
    static constexpr std::uint64_t kMaxSteps = 200'000'000; // about a second

    bool isSane() const { return depth <= kMaxDepth && steps <= kMaxSteps; }
};

HtmlNesting nestingOf(std::string_view html); // ends as soon as it is not sane

} // namespace krater
