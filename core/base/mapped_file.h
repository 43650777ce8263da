// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string_view>

namespace krater {

// A file's bytes, mapped read-only. Only for files that are replaced and never changed in place (AtomicFile): one that another
// program shortens would end this one. The bytes stay valid when the file is replaced or removed. Any thread may read.
class MappedFile {
public:
    explicit MappedFile(const std::filesystem::path &file); // throws Error naming the file
    ~MappedFile();
    MappedFile(const MappedFile &) = delete;
    MappedFile &operator=(const MappedFile &) = delete;

    std::string_view bytes() const { return m_bytes; }

private:
    std::string_view m_bytes;
};

} // namespace krater
