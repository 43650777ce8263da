// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/files.h"

#include <array>
#include <cstdlib>
#include <dlfcn.h>
#include <fstream>
#include <pwd.h>
#include <unistd.h>

namespace krater {

namespace fs = std::filesystem;

namespace {

// XDG Base Directory Specification 0.8: a variable that is unset, empty or not absolute is ignored.
fs::path xdgFolder(const char *variable, const char *below)
{
    const char *value = std::getenv(variable);
    if (value != nullptr && value[0] == '/')
        return fs::path(value) / "krater";
    return homeFolder() / below / "krater";
}

// The source tree of a build tree, from CMake's own record: nothing of it is compiled in, so an installed program holds no
// path of the machine that built it.
fs::path sourceFolderOf(const fs::path &buildFolder)
{
    constexpr std::string_view kKey = "CMAKE_HOME_DIRECTORY:INTERNAL=";
    std::ifstream cache(buildFolder / "CMakeCache.txt");
    for (std::string line; std::getline(cache, line);) {
        if (line.starts_with(kKey))
            return line.substr(kKey.size());
    }
    return {};
}

} // namespace

fs::path homeFolder()
{
    if (const char *home = std::getenv("HOME"); home != nullptr && home[0] == '/')
        return home;
    std::array<char, 16384> buffer = {};
    passwd entry = {};
    passwd *found = nullptr;
    if (::getpwuid_r(::getuid(), &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr)
        return found->pw_dir;
    return "/";
}

fs::path dataFolder()
{
    return xdgFolder("XDG_DATA_HOME", ".local/share");
}

fs::path cacheFolder()
{
    return xdgFolder("XDG_CACHE_HOME", ".cache");
}

fs::path configFolder()
{
    return xdgFolder("XDG_CONFIG_HOME", ".config");
}

fs::path stateFolder()
{
    return xdgFolder("XDG_STATE_HOME", ".local/state");
}

fs::path defaultStoreFile()
{
    return dataFolder() / "runs.krater";
}

fs::path programFolder()
{
    std::error_code failure;
    const fs::path program = fs::read_symlink("/proc/self/exe", failure);
    return failure ? libraryFolder() : program.parent_path();
}

fs::path libraryFolder()
{
    static const char inThisLibrary = 0;
    Dl_info info = {};
    if (::dladdr(&inThisLibrary, &info) == 0 || info.dli_fname == nullptr)
        return {};
    std::error_code failure;
    const fs::path library = fs::canonical(info.dli_fname, failure);
    return failure ? fs::path() : library.parent_path();
}

fs::path experimentsFolder()
{
    const fs::path prefix = libraryFolder().parent_path().parent_path(); // of <prefix>/lib/krater
    std::error_code failure;
    if (const fs::path installed = prefix / "share/krater/experiments"; fs::is_directory(installed, failure))
        return installed;
    if (const fs::path source = sourceFolderOf(prefix);
        !source.empty() && fs::is_directory(source / "experiments", failure))
        return source / "experiments";
    return {};
}

} // namespace krater
