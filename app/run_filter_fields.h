// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/run_row.h"

#include <QString>
#include <QStringList>

#include <functional>
#include <span>
#include <string>

namespace krater {

// What a filter can ask of a run, as an explicit table. Exactly one of the functions is set.
struct FilterField {
    const char *name;
    std::function<QStringList(const RunRow &)> texts;                              // more than one: any of them
    std::function<double(const RunRow &)> number;                                  // NaN: the run has none
    std::function<std::int64_t(const RunRow &)> timeMs;                            // Unix time, 0: none
    std::function<double(const RunRow &, const std::string &domain)> domainNumber; // written name.domain
};

std::span<const FilterField> filterFields();
const FilterField *findFilterField(const QString &name); // without case; nullptr if unknown

} // namespace krater
