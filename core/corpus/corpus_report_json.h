// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/corpus/token_cache.h"

#include <string>
#include <string_view>

namespace krater {

std::string toJson(const TokenCacheDescription &description);
TokenCacheDescription descriptionFromJson(std::string_view json); // throws Error

} // namespace krater
