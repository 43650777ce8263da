// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/issue.h"
#include "core/config/parameter.h"

#include <string>
#include <vector>

namespace krater {

// What is wrong with one value of a policy's parameter; empty if nothing is. Pure, any thread.
Issues checkParameter(const ParamSpec &spec, const ParameterValue &value, const std::vector<std::string> &domains);

} // namespace krater
