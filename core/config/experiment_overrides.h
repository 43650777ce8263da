// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/issue.h"
#include "core/config/experiment_reader.h"

#include <string>
#include <vector>

namespace krater {

// Puts "key=value" texts into a parsed file, as `krater-cli --set` gives them: section.key, domain.NAME.key, and one level below
// (training.stop.patience, mixture.prior.NAME); for a stage stage.NAME.key, and two levels below. Values are TOML; what is no TOML value is taken as a string, or in [mixture] as weights
// if it is like a=0.7,b=0.3. Another policy than the file's drops the parameters that the file gives to its own. Whatever cannot be placed
// becomes an issue.
Overrides applyOverrides(toml::table &root, const std::vector<std::string> &texts, Issues &issues);

} // namespace krater
