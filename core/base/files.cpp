// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/files.h"

#include "core/base/error.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace krater {

namespace fs = std::filesystem;

namespace {

std::string adviceFor(int code)
{
    switch (code) {
    case ENOENT:
        return "Check the path.";
    case EACCES:
    case EPERM:
        return "Check the permissions of the file and its folder.";
    case ENOSPC:
    case EDQUOT:
        return "Free some disk space and try again.";
    case EROFS:
        return "The disk is read-only: choose another folder.";
    case ENOTDIR:
        return "A part of the path is a file, not a folder: choose another, or move it away.";
    case EISDIR:
        return "Give a file, not a folder.";
    default:
        return {};
    }
}

[[noreturn]] void throwFor(std::string_view action, const fs::path &file, int code)
{
    throw Error(fmt::format("Cannot {} {}: {}", action, file.string(), std::strerror(code)), adviceFor(code));
}

class Descriptor {
public:
    explicit Descriptor(int value) : m_value(value) { }
    ~Descriptor()
    {
        if (m_value >= 0)
            ::close(m_value);
    }
    Descriptor(const Descriptor &) = delete;
    Descriptor &operator=(const Descriptor &) = delete;
    operator int() const { return m_value; }

private:
    int m_value;
};

// Makes the new name itself durable. Some file systems refuse to sync a folder; the file's content is safe all the same.
void syncFolder(const fs::path &folder)
{
    const Descriptor descriptor(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (descriptor >= 0)
        ::fsync(descriptor);
}

// Where a chain of symbolic links ends, whether or not there is a file yet.
fs::path followed(fs::path file)
{
    constexpr int kMostLinks = 40; // as Linux
    std::error_code failure;
    for (int links = 0; fs::is_symlink(file, failure); ++links) {
        if (links == kMostLinks)
            throwFor("write", file, ELOOP);
        const fs::path target = fs::read_symlink(file, failure);
        if (failure)
            throwFor("write", file, failure.value());
        file = file.parent_path() / target; // an absolute target replaces it all
    }
    return file;
}

} // namespace

AtomicFile::AtomicFile(const fs::path &file) : m_file(file)
{
    struct stat old = {};
    const bool replaces = ::stat(file.c_str(), &old) == 0;
    if (replaces && S_ISDIR(old.st_mode))
        throwFor("write", file, EISDIR);
    if (replaces && !S_ISREG(old.st_mode))
        openInPlace();
    else
        openBeside(replaces ? std::optional(old.st_mode & 07777) : std::nullopt);
}

// A device or a named pipe is no file that could be replaced: whoever reads it waits for the bytes themselves.
void AtomicFile::openInPlace()
{
    m_descriptor = ::open(m_file.c_str(), O_WRONLY | O_CLOEXEC);
    if (m_descriptor < 0)
        throwFor("write", m_file, errno);
}

void AtomicFile::openBeside(std::optional<mode_t> permissions)
{
    static std::atomic<unsigned> counter = 0;

    m_file = followed(m_file);
    std::error_code failure;
    if (m_file.has_parent_path())
        fs::create_directories(m_file.parent_path(), failure);
    if (failure)
        throwFor("create the folder of", m_file, failure.value());
    m_temporary = m_file;
    m_temporary += fmt::format(".tmp-{}-{}", ::getpid(), counter++);
    m_descriptor = ::open(m_temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
                          permissions.value_or(0666)); // less the umask
    if (m_descriptor < 0)
        throwFor("write", m_file, errno);
    if (permissions)
        (void)::fchmod(m_descriptor, *permissions);
}

AtomicFile::~AtomicFile()
{
    if (m_descriptor < 0)
        return;
    ::close(m_descriptor);
    if (!m_temporary.empty())
        ::unlink(m_temporary.c_str());
}

void AtomicFile::write(std::string_view bytes)
{
    while (!bytes.empty()) {
        const ssize_t written = ::write(m_descriptor, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            fail("write", errno);
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
}

void AtomicFile::writeAt(std::uint64_t offset, std::string_view bytes)
{
    while (!bytes.empty()) {
        const ssize_t written = ::pwrite(m_descriptor, bytes.data(), bytes.size(), static_cast<off_t>(offset));
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            fail("write", errno);
        bytes.remove_prefix(static_cast<std::size_t>(written));
        offset += static_cast<std::uint64_t>(written);
    }
}

void AtomicFile::commit()
{
    if (m_temporary.empty()) {
        if (::close(std::exchange(m_descriptor, -1)) != 0)
            fail("write", errno);
        return;
    }
    if (::fsync(m_descriptor) != 0)
        fail("write", errno);
    if (::close(std::exchange(m_descriptor, -1)) != 0 || ::rename(m_temporary.c_str(), m_file.c_str()) != 0) {
        const int code = errno;
        ::unlink(m_temporary.c_str());
        throwFor("write", m_file, code);
    }
    syncFolder(m_file.has_parent_path() ? m_file.parent_path() : fs::path("."));
}

void AtomicFile::fail(std::string_view action, int code) const
{
    throwFor(action, m_file, code);
}

void writeFileAtomically(const fs::path &file, std::string_view bytes)
{
    AtomicFile out(file);
    out.write(bytes);
    out.commit();
}

std::string readFile(const fs::path &file, std::uintmax_t maxBytes)
{
    // Non-blocking at first: open() would wait for someone to write to a named pipe.
    const Descriptor descriptor(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (descriptor < 0)
        throwFor("read", file, errno);
    ::fcntl(descriptor, F_SETFL, 0);
    struct stat info = {};
    if (::fstat(descriptor, &info) != 0)
        throwFor("read", file, errno);

    // The size is a hint only: it is 0 for pipes and may change while the file is read.
    constexpr std::size_t kStepBytes = 64 << 10;
    const std::size_t expected = S_ISREG(info.st_mode) ? static_cast<std::size_t>(info.st_size) : 0;
    std::string bytes;
    std::size_t size = 0;
    while (size <= maxBytes) {
        if (size == bytes.size())
            bytes.resize(size < expected && expected <= maxBytes ? expected + 1
                                                                 : size + std::max(kStepBytes, size / 2));
        const ssize_t got = ::read(descriptor, bytes.data() + size, bytes.size() - size);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            throwFor("read", file, errno);
        if (got == 0)
            break;
        size += static_cast<std::size_t>(got);
    }
    if (size > maxBytes)
        throw Error(fmt::format("Cannot read {}: it is larger than {} bytes", file.string(), maxBytes));
    if (size == 0 && S_ISFIFO(info.st_mode))
        throw Error(fmt::format("Cannot read {}: it is a pipe that nobody writes to", file.string()), "Give a file.");
    bytes.resize(size);
    return bytes;
}

} // namespace krater
