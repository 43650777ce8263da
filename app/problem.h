// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include <exception>

namespace krater {

// What went wrong and what to do about it, as the window says it. Made where a thread or a command catches. Plain value.
struct Problem {
    QString message;
    QString advice;

    bool operator==(const Problem &) const = default;
};

Problem problemOf(const std::exception &error); // with the advice of a krater::Error

} // namespace krater
