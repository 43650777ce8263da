// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/mapped_file.h"

#include "core/base/error.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace krater {

MappedFile::MappedFile(const std::filesystem::path &file)
{
    const auto fail = [&file](int code) {
        throw Error(fmt::format("Cannot read {}: {}", file.string(), std::strerror(code)),
                    "Check the path and its permissions.");
    };
    const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        fail(errno);
    struct stat info = {};
    void *memory = nullptr;
    int code = ::fstat(descriptor, &info) != 0 ? errno : 0;
    if (code == 0 && info.st_size > 0) {
        memory = ::mmap(nullptr, static_cast<std::size_t>(info.st_size), PROT_READ, MAP_SHARED, descriptor, 0);
        code = memory == MAP_FAILED ? errno : 0;
    }
    ::close(descriptor);
    if (code != 0)
        fail(code);
    m_bytes = {static_cast<const char *>(memory), static_cast<std::size_t>(info.st_size)};
}

MappedFile::~MappedFile()
{
    if (!m_bytes.empty())
        ::munmap(const_cast<char *>(m_bytes.data()), m_bytes.size());
}

} // namespace krater
