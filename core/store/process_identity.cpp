// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/process_identity.h"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <unistd.h>
#include <vector>

namespace krater {

namespace {

std::string hostName()
{
    std::array<char, 256> name{};
    return ::gethostname(name.data(), name.size() - 1) == 0 ? std::string(name.data()) : std::string();
}

std::string firstLine(const std::string &file)
{
    std::ifstream stream(file);
    std::string line;
    std::getline(stream, line);
    return line;
}

// Empty when there is no such process, or when it has ended and only waits to be collected.
std::string startOf(std::int64_t process)
{
    const std::string stat = firstLine(fmt::format("/proc/{}/stat", process));
    // proc(5): the name, in parentheses, may hold anything; state is the first field after it (the 3rd), starttime
    // the 22nd.
    const std::size_t name = stat.rfind(')');
    if (name == std::string::npos)
        return {};
    std::istringstream rest(stat.substr(name + 1));
    const std::vector<std::string> fields{std::istream_iterator<std::string>(rest), {}};
    if (fields.size() < 20 || fields[0] == "Z" || fields[0] == "X")
        return {};
    return firstLine("/proc/sys/kernel/random/boot_id") + '/' + fields[19];
}

} // namespace

ProcessIdentity ownProcess()
{
    return {hostName(), ::getpid(), startOf(::getpid())};
}

ProcessState stateOf(const ProcessIdentity &identity)
{
    if (identity.host != hostName())
        return ProcessState::Unknown;
    return startOf(identity.process) == identity.start && !identity.start.empty() ? ProcessState::Running
                                                                                  : ProcessState::Gone;
}

bool isWriting(const ProcessIdentity &identity, std::int64_t lastWordMs, std::int64_t nowMs)
{
    constexpr std::chrono::milliseconds kSilence = std::chrono::minutes(5);
    switch (stateOf(identity)) {
    case ProcessState::Running:
        return true;
    case ProcessState::Gone:
        return false;
    case ProcessState::Unknown:
        break;
    }
    return nowMs - lastWordMs < kSilence.count();
}

} // namespace krater
