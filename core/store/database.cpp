// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/database.h"

#include "core/store/input_error.h"
#include "core/store/schema.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <array>
#include <chrono>
#include <fcntl.h>
#include <sys/vfs.h>
#include <thread>
#include <unistd.h>
#include <utility>

namespace krater {

namespace fs = std::filesystem;

namespace {

// statfs(2) and linux/magic.h. FUSE is among them because sshfs and cloud folders are, and the rollback journal
// costs a local one little.
constexpr std::array<std::pair<std::uint64_t, std::string_view>, 12> kNetworkFileSystems{{
    {0x6969, "NFS"},
    {0x517B, "SMB"},
    {0xFF534D42, "CIFS"},
    {0xFE534D42, "SMB2"},
    {0x65735546, "FUSE"},
    {0x01021997, "9P"},
    {0x5346414F, "AFS"},
    {0x00C36400, "Ceph"},
    {0x0BD00BD0, "Lustre"},
    {0x47504653, "GPFS"},
    {0x19830326, "BeeGFS"},
    {0x7461636F, "OCFS2"},
}};

std::string_view networkFileSystemOf(const fs::path &file)
{
    struct statfs information = {};
    const fs::path folder = file.has_parent_path() ? file.parent_path() : fs::path(".");
    if (::statfs(folder.c_str(), &information) != 0)
        return {};
    return networkFileSystem(std::uint32_t(information.f_type));
}

const char *adviceFor(int code)
{
    switch (code) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return "Another program holds it: close that one, or wait and try again.";
    case SQLITE_FULL:
        return "Free some disk space; nothing that was saved is lost.";
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
        return "Check the permissions of the file and its folder, or choose another store.";
    case SQLITE_CANTOPEN:
        return "Check the path and the permissions of its folder.";
    case SQLITE_NOTADB:
        return "Choose another file with --store or File > Open; this one was left as it is.";
    case SQLITE_CORRUPT:
        return "Restore it from a copy, or move it away to begin a new store; docs/store.md says how to save what is "
               "readable.";
    case SQLITE_ERROR: // our own statements are right for the stores that this version knows
        return "It may come from another version of Krater: update Krater.";
    case SQLITE_IOERR:
        return "Check the disk and its free space; nothing that was saved is lost.";
    default:
        return "";
    }
}

const char *problemOf(int code)
{
    switch (code) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return "is locked by another program";
    case SQLITE_FULL:
        return "cannot grow: the disk is full";
    case SQLITE_READONLY:
    case SQLITE_PERM:
        return "cannot be written: it is read-only";
    case SQLITE_CANTOPEN:
        return "cannot be opened";
    case SQLITE_CORRUPT:
        return "is damaged";
    case SQLITE_NOTADB:
        return "is not a Krater store";
    case SQLITE_IOERR:
        return "cannot be read or written: the disk reports an error";
    default:
        return "gave an error";
    }
}

// As the user that the program acts for, which is not always the one who started it.
bool isWritable(const fs::path &path)
{
    return ::faccessat(AT_FDCWD, path.c_str(), W_OK, AT_EACCESS) == 0;
}

InputError notAFile(const fs::path &file)
{
    return InputError(fmt::format("{} is not a file", file.string()),
                      "Give the store's file, for example runs.krater.");
}

void requireWritable(const fs::path &file)
{
    const fs::path folder = file.has_parent_path() ? file.parent_path() : fs::path(".");
    std::error_code failure;
    fs::create_directories(folder, failure);
    if (failure) {
        throw Error(fmt::format("Cannot create the folder {} for the store: {}", folder.string(), failure.message()),
                    "Check the path, or choose another store with --store.");
    }
    if (fs::exists(file, failure) && !fs::is_regular_file(file, failure))
        throw notAFile(file);
    const bool fileIsReadOnly = fs::exists(file, failure) && !isWritable(file);
    if (fileIsReadOnly || !isWritable(folder)) {
        throw Error(fmt::format("The store {} cannot be written: {} is read-only", file.string(),
                                fileIsReadOnly ? "it" : "its folder"),
                    "Check the permissions, or choose another store with --store.");
    }
}

// Switching needs the file alone for a moment, and SQLite does not wait for that by itself.
std::string setJournalMode(SQLite::Database &database, const char *mode)
{
    using Clock = std::chrono::steady_clock;
    const auto deadline = Clock::now() + std::chrono::milliseconds(kBusyTimeoutMs);
    for (;;) {
        try {
            return database.execAndGet(fmt::format("PRAGMA journal_mode = {}", mode)).getString();
        } catch (const SQLite::Exception &failure) {
            if ((failure.getErrorCode() & 0xFF) != SQLITE_BUSY || Clock::now() > deadline)
                throw;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
}

std::string chooseJournal(SQLite::Database &database, const fs::path &file)
{
    const std::string_view network = networkFileSystemOf(file);
    if (network.empty() && setJournalMode(database, "WAL") == "wal") {
        database.exec("PRAGMA synchronous = NORMAL; PRAGMA journal_size_limit = 67108864");
        return {};
    }
    setJournalMode(database, "TRUNCATE");
    database.exec("PRAGMA synchronous = FULL");
    return fmt::format(
        "The store {} lies on a {} file system: saving is slower, and only one computer at a time should "
        "write to it. A local disk is the better place.",
        file.string(), network.empty() ? "limited" : network);
}

// What a damaged or hostile file could do is kept small: no functions from its schema, cells checked, no writes to
// the schema's own tables.
void harden(SQLite::Database &database)
{
    sqlite3_db_config(database.getHandle(), SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_db_config(database.getHandle(), SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
    database.exec("PRAGMA cell_size_check = ON");
}

void check(SQLite::Database &database, const fs::path &file)
{
    const std::string answer = database.execAndGet("PRAGMA quick_check(1)").getString();
    if (answer != "ok")
        throw Error(fmt::format("The store {} is damaged: {}", file.string(), answer), adviceFor(SQLITE_CORRUPT));
}

std::string uriOf(const fs::path &file)
{
    std::string uri = "file:";
    for (const char c : fs::absolute(file).string()) {
        if (c == '%' || c == '?' || c == '#')
            uri += fmt::format("%{:02X}", static_cast<unsigned char>(c));
        else
            uri += c;
    }
    return uri + "?immutable=1";
}

SQLite::Database openExisting(const fs::path &file)
{
    std::error_code failure;
    const fs::path log = file.string() + "-wal";
    const bool folderWritable = isWritable(fs::absolute(file).parent_path());
    const bool hasLog = fs::exists(log, failure) && fs::file_size(log, failure) > 0;
    // The log's index cannot be made in a folder that is read-only; without a log the file is complete as it stands.
    if (!folderWritable && !hasLog)
        return SQLite::Database(uriOf(file), SQLite::OPEN_READONLY | SQLite::OPEN_URI);
    return SQLite::Database(file.string(), SQLite::OPEN_READWRITE, kBusyTimeoutMs);
}

} // namespace

std::string_view networkFileSystem(std::uint64_t type)
{
    for (const auto &[magic, name] : kNetworkFileSystems) {
        if (magic == type)
            return name;
    }
    return {};
}

Error storeError(const fs::path &file, const SQLite::Exception &failure)
{
    const int code = failure.getErrorCode() & 0xFF;
    return Error(fmt::format("The store {} {} ({})", file.string(), problemOf(code), failure.what()), adviceFor(code));
}

void throwStoreError(const fs::path &file, const SQLite::Exception &failure)
{
    const Error error = storeError(file, failure);
    if ((failure.getErrorCode() & 0xFF) == SQLITE_NOTADB)
        throw InputError(error.what(), error.advice());
    throw error;
}

StoreConnection openForWriting(const fs::path &file)
{
    requireWritable(file);
    return storeCall(file, [&] {
        StoreConnection store{
            SQLite::Database(file.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE, kBusyTimeoutMs), {}};
        harden(store.database);
        const bool isNew = schemaVersion(store.database, file) == 0;
        if (isNew)
            store.database.exec("PRAGMA auto_vacuum = INCREMENTAL");
        else
            check(store.database, file);
        store.notice = chooseJournal(store.database, file);
        store.database.exec("PRAGMA foreign_keys = ON");
        migrate(store.database, file, schemaSteps());
        requireTables(store.database, file);
        return store;
    });
}

StoreConnection openForReading(const fs::path &file)
{
    std::error_code failure;
    if (fs::exists(file, failure) && !fs::is_regular_file(file, failure))
        throw notAFile(file);
    if (!fs::is_regular_file(file, failure)) {
        throw Error(fmt::format("There is no store {}", file.string()),
                    "Train a run first, or give another file with --store.");
    }
    return storeCall(file, [&] {
        StoreConnection store{openExisting(file), {}};
        harden(store.database);
        store.database.exec("PRAGMA query_only = ON");
        const int version = schemaVersion(store.database, file);
        if (version == 0)
            throw Error(fmt::format("The store {} is empty", file.string()), "Train a run first.");
        requireTables(store.database, file);
        if (version > int(schemaSteps().size())) {
            store.notice =
                fmt::format("{} was written by a newer Krater: it is opened for reading only, and something may be "
                            "missing. Update Krater.",
                            file.string());
        }
        return store;
    });
}

std::string_view blobColumn(const SQLite::Statement &row, int index)
{
    const SQLite::Column column = row.getColumn(index);
    const auto *data = static_cast<const char *>(column.getBlob());
    return data == nullptr ? std::string_view() : std::string_view(data, std::size_t(column.getBytes()));
}

} // namespace krater
