// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <stdexcept>
#include <string>
#include <utility>

namespace krater {

// The only exception type that core throws. `what()` says what happened and where; `advice()` says what to do.
// Foreign exceptions (c10, SQLite, filesystem, toml++) become one at the boundary where they arise.
// User input is validated into a list of issues (core/base/issue.h) and never thrown.
class Error : public std::runtime_error {
public:
    explicit Error(const std::string &message, std::string advice = {})
        : std::runtime_error(message), m_advice(std::move(advice)) {}

    const std::string &advice() const noexcept { return m_advice; }

private:
    std::string m_advice;
};

} // namespace krater
