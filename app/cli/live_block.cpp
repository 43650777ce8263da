// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/live_block.h"

#include "app/cli/output.h"
#include "app/cli/text_width.h"

#include <fmt/format.h>

#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace krater::cli {

void LiveBlock::write(const std::string &text) const
{
    std::string_view rest = text;
    while (!rest.empty()) {
        const ssize_t written = ::write(m_descriptor, rest.data(), rest.size());
        if (written < 0 && errno != EINTR)
            return; // the terminal is gone; the run goes on
        if (written > 0)
            rest.remove_prefix(static_cast<std::size_t>(written));
    }
}

// A terminal that was made narrower has wrapped the lines that it shows: each takes as many rows as the width that there is makes of it.
std::string LiveBlock::eraseSequence()
{
    const int columns = std::max(1, terminalWidth(m_descriptor));
    int rows = 0;
    for (const int width : m_drawnWidths)
        rows += std::max(1, (width + columns - 1) / columns);
    m_drawnWidths.clear();
    return rows > 0 ? fmt::format("\r\x1b[{}A\x1b[J", rows) : std::string();
}

void LiveBlock::draw(const std::vector<std::string> &lines)
{
    std::string text = eraseSequence();
    for (const std::string &line : lines) {
        text += line + "\r\n";
        m_drawnWidths.push_back(displayWidth(line));
    }
    write(text); // at once, so that the eye sees no half-drawn block
}

void LiveBlock::erase()
{
    write(eraseSequence());
}

void LiveBlock::printAbove(const std::string &line)
{
    write(eraseSequence() + printable(line) + "\r\n");
}

} // namespace krater::cli
