// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <stop_token>
#include <string_view>

struct GumboInternalOutput;

namespace krater {

// A page as Gumbo's tree. Gumbo trusts its input: it has no limit on memory or depth and frees its tree recursively. Here the
// tree lives in an arena of bounded size that is given back as a whole, a page that nests beyond any sense (html_nesting.h) is
// refused before it costs quadratic time, and the stop token is looked at with every allocation. Keeps pointers into `html`. One thread.
class HtmlTree {
public:
    explicit HtmlTree(std::string_view html, std::stop_token stop = {}); // throws Error: too deep, too large
    ~HtmlTree();
    HtmlTree(const HtmlTree &) = delete;
    HtmlTree &operator=(const HtmlTree &) = delete;

    const GumboInternalOutput *output() const { return m_output; } // null when stopped

private:
    struct Arena;

    std::unique_ptr<Arena> m_arena;
    const GumboInternalOutput *m_output = nullptr;
};

} // namespace krater
