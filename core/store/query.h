// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/store/run_reader.h"

namespace krater {

// RunReader::query: one statement on a connection of its own, which can do nothing but read this file.
void runQuery(const std::filesystem::path &file, const std::string &sql, QuerySink &sink);

} // namespace krater
