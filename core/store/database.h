// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <SQLiteCpp/VariadicBind.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace krater {

// Connections to a store file, for the files of core/store only. SQLite's exceptions stay inside the folder: public
// methods pass their work through storeCall().

// How long a connection waits for another one's lock before it gives up.
inline constexpr int kBusyTimeoutMs = 2000;

// What happened to which file, and what to do, from SQLite's result code.
Error storeError(const std::filesystem::path &file, const SQLite::Exception &failure);
// The same, thrown; an InputError where the file is no store at all.
[[noreturn]] void throwStoreError(const std::filesystem::path &file, const SQLite::Exception &failure);

template<typename Work>
decltype(auto) storeCall(const std::filesystem::path &file, Work &&work)
{
    try {
        return work();
    } catch (const SQLite::Exception &failure) {
        throwStoreError(file, failure);
    }
}

// A connection and what its user should know: a network file system, a newer file. `notice` is empty when all is well.
struct StoreConnection {
    SQLite::Database database;
    std::string notice;
};

// Creates file and folder when missing, migrates, checks. The write-ahead log needs memory shared by all who have
// the file open, which network file systems do not give: on those (and where the log cannot be had) the store uses
// a rollback journal, which is slower and safe, and `notice` says so.
StoreConnection openForWriting(const std::filesystem::path &file);

// Existing files only. Never writes (query_only). A file in a folder that cannot be written is read as it stands.
StoreConnection openForReading(const std::filesystem::path &file);

// "NFS", "SMB", ... for the file system of this type (statfs), empty if it is a local one.
std::string_view networkFileSystem(std::uint64_t type);

// Values of the current row. Text and blobs that are not what the column promises come as empty.
inline std::uint64_t unsignedColumn(const SQLite::Statement &row, int index)
{
    return static_cast<std::uint64_t>(row.getColumn(index).getInt64());
}
// Valid until the next step of the statement.
std::string_view blobColumn(const SQLite::Statement &row, int index);

} // namespace krater
