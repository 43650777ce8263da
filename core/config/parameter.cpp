// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/config/parameter.h"

namespace krater {

namespace {

template <typename T>
const T *valueOf(const ParameterValues &values, const ParamSpec &spec)
{
    if (const auto found = values.find(spec.name); found != values.end())
        if (const T *value = std::get_if<T>(&found->second))
            return value;
    return std::get_if<T>(&spec.defaultValue);
}

} // namespace

bool namesGraphFile(const ParameterValue &value)
{
    const auto *name = std::get_if<std::string>(&value);
    return name && (name->ends_with(".csv") || name->ends_with(".toml"));
}

double numberOf(const ParameterValues &values, const ParamSpec &spec)
{
    const double *value = valueOf<double>(values, spec);
    return value ? *value : 0.0;
}

std::string choiceOf(const ParameterValues &values, const ParamSpec &spec)
{
    const std::string *value = valueOf<std::string>(values, spec);
    return value ? *value : std::string();
}

} // namespace krater
