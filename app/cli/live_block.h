// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

namespace krater::cli {

// Lines at the bottom of a terminal that are redrawn in place. It uses relative cursor movement only and changes no state of the
// terminal, so nothing has to be restored however the program ends. Lines must fit the terminal's width.
class LiveBlock {
public:
    explicit LiveBlock(int descriptor) : m_descriptor(descriptor) { }

    void draw(const std::vector<std::string> &lines); // in place of what it drew before
    void erase();
    void printAbove(const std::string &line); // scrolls up with the terminal; the block follows at the next draw

private:
    std::string eraseSequence();
    void write(const std::string &text) const;

    int m_descriptor;
    std::vector<int> m_drawnWidths; // columns of each line that stands on the terminal
};

} // namespace krater::cli
