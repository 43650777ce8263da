// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/problem.h"

#include "core/base/error.h"

namespace krater {

Problem problemOf(const std::exception &error)
{
    const auto *known = dynamic_cast<const Error *>(&error);
    return {QString::fromUtf8(error.what()), known ? QString::fromStdString(known->advice()) : QString()};
}

} // namespace krater
