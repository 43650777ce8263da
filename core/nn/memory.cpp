// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/nn/memory.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <string>

namespace krater {

namespace fs = std::filesystem;

namespace {

// The number after `key` in a file of lines "key number".
std::optional<std::uint64_t> numberAfter(const fs::path &file, const std::string &key)
{
    std::ifstream stream(file);
    std::string line;
    while (std::getline(stream, line)) {
        if (line.starts_with(key))
            return std::strtoull(line.c_str() + key.size(), nullptr, 10);
    }
    return std::nullopt;
}

// Nothing when the file is not there or says "max".
std::optional<std::uint64_t> numberIn(const fs::path &file)
{
    std::ifstream stream(file);
    std::uint64_t number = 0;
    return stream >> number ? std::optional(number) : std::nullopt;
}

// Files that were read long ago are counted as used, but go when memory is wanted.
std::optional<std::uint64_t> leftInGroup(const fs::path &folder)
{
    const auto limit = numberIn(folder / "memory.max");
    const auto used = numberIn(folder / "memory.current");
    if (!limit || !used)
        return std::nullopt;
    const std::uint64_t inUse =
        *used - std::min(*used, numberAfter(folder / "memory.stat", "inactive_file ").value_or(0));
    return *limit - std::min(*limit, inUse);
}

std::string ownGroup(const fs::path &file)
{
    std::ifstream stream(file);
    std::string line;
    while (std::getline(stream, line)) {
        if (line.starts_with("0::/"))
            return line.substr(4);
    }
    return {};
}

} // namespace

std::optional<std::uint64_t> availableMemory(const fs::path &root)
{
    std::optional<std::uint64_t> available = numberAfter(root / "proc/meminfo", "MemAvailable:");
    if (available)
        *available *= 1024;
    const fs::path top = root / "sys/fs/cgroup";
    fs::path group = ownGroup(root / "proc/self/cgroup");
    while (true) {
        if (const auto left = leftInGroup(top / group))
            available = std::min(available.value_or(*left), *left);
        if (group.empty())
            return available;
        group = group.parent_path();
    }
}

Error outOfMemory(const std::string &device, const std::string &numbers)
{
    return Error(fmt::format("{} ran out of memory{}.", device, numbers),
                 "Make training.sequences_per_step, model.context, model.width or model.layers smaller.");
}

void requireAvailable(std::uint64_t numBytes, const std::string &device, const std::string &what)
{
    const std::optional<std::uint64_t> available = availableMemory();
    constexpr double kGigabyte = 1e9;
    if (available && numBytes > *available)
        throw outOfMemory(device,
                          fmt::format(": {} about {:.1f} GB, {:.1f} GB are free", what, double(numBytes) / kGigabyte,
                                      double(*available) / kGigabyte));
}

} // namespace krater
