// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <stop_token>
#include <string>
#include <string_view>

namespace krater {

// The text that a reader of the page sees: no scripts, styles, head, templates, form choices, or hidden elements; entities
// decoded; white space collapsed except in <pre>; block elements on lines of their own, paragraphs, headings, lists and tables
// set off by an empty line (the algorithm of `innerText` in the HTML Standard, simplified); table cells divided by tabs.
// Throws Error on a page that is nested or grown beyond any sense; empty when stopped.
std::string visibleText(std::string_view html, std::stop_token stop = {});

} // namespace krater
