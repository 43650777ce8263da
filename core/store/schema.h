// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <filesystem>
#include <span>

namespace krater {

// "KRTR" in the file's header (PRAGMA application_id), so that `file` and we know a store from other SQLite files.
inline constexpr std::int32_t kApplicationId = 0x4B525452;

// Step i takes a store from version i to i + 1 (PRAGMA user_version). Steps are literal SQL, only ever appended to:
// they must never follow what the program's own names become later.
std::span<const char *const> schemaSteps();

// Brings a store to version `steps.size()` in one transaction. A file that has data is first copied to
// "<file>.version-<n>". Throws Error when the file is newer or another program's.
void migrate(SQLite::Database &database, const std::filesystem::path &file, std::span<const char *const> steps);

// Throws Error unless all tables are there, as tables, and nothing acts by itself.
void requireTables(SQLite::Database &database, const std::filesystem::path &file);

// The version of the file, 0 when it is empty. Throws Error when it is another program's file.
int schemaVersion(SQLite::Database &database, const std::filesystem::path &file);

} // namespace krater
