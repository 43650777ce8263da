// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/version.h"
#include "core/train/engine_entry.h"

#include <fmt/format.h>

#include <cstdlib>
#include <dlfcn.h>
#include <filesystem>

namespace krater {
namespace {

namespace fs = std::filesystem;

constexpr const char *kLibraryName = "libkrater_nn.so";
constexpr const char *kLibTorchVersion = "2.11.0"; // as scripts/setup names its folder
constexpr const char *kAdvice =
    "Run scripts/setup, which fetches LibTorch and builds the engine, or set KRATER_LIBTORCH to the "
    "folder of a LibTorch 2.11 (one with lib/ and include/).";

fs::path fromEnvironment(const char *name)
{
    const char *value = std::getenv(name);
    return value == nullptr ? fs::path() : fs::path(value);
}

// Libraries are never closed again: neither LibTorch nor OpenMP can be unloaded.
void *openLibrary(const fs::path &file)
{
    void *library = ::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr)
        throw Error(fmt::format("The training engine could not be loaded: {}.", ::dlerror()), kAdvice);
    return library;
}

bool isThere(const fs::path &file)
{
    std::error_code failure;
    const bool there = fs::exists(file, failure);
    if (failure)
        throw Error(fmt::format("{} cannot be looked at: {}.", file.string(), failure.message()),
                    "Check the path and the permissions of its folders.");
    return there;
}

// A LibTorch loaded by path first serves the engine too, whatever folder that was linked with. False if there is none in `folder`.
bool openLibTorch(const fs::path &folder)
{
    for (const fs::path &root : {folder, folder / "torch"}) {
        if (!isThere(root / "lib/libtorch_cpu.so"))
            continue;
        openLibrary(root / "lib/libc10.so");
        openLibrary(root / "lib/libtorch_cpu.so");
        return true;
    }
    return false;
}

void openChosenLibTorch(const fs::path &chosen)
{
    if (openLibTorch(chosen))
        return;
    throw Error(
        fmt::format("KRATER_LIBTORCH is {}, but there is no lib/libtorch_cpu.so in that folder.", chosen.string()),
        "Set it to the folder of a LibTorch 2.11 (one with lib/ and include/), or unset it to use the one of "
        "scripts/setup.");
}

// The engine finds the LibTorch that it was linked with. Installed for somebody else, it takes the one of their cache.
void *openEngineLibrary(const fs::path &file)
{
    if (const fs::path chosen = fromEnvironment("KRATER_LIBTORCH"); !chosen.empty()) {
        openChosenLibTorch(chosen);
    } else if (void *library = ::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL)) {
        return library;
    } else {
        for (const char *kind : {"cuda", "cpu"})
            if (openLibTorch(cacheFolder() / fmt::format("libtorch-{}-{}", kLibTorchVersion, kind)))
                break;
    }
    return openLibrary(file);
}

fs::path engineFile()
{
    if (const fs::path chosen = fromEnvironment("KRATER_NN"); !chosen.empty()) {
        if (!isThere(chosen))
            throw Error(fmt::format("KRATER_NN is {}, but there is no such file.", chosen.string()),
                        "Set it to a libkrater_nn.so, or unset it to use the one beside the program.");
        return chosen;
    }
    // In the build tree and in an installed one, krater_core and krater_nn are in one folder.
    for (const fs::path &folder : {libraryFolder(), programFolder()}) {
        if (fs::path file = folder / kLibraryName; isThere(file))
            return file;
    }
    throw Error(fmt::format("The training engine is not there: no {} in {}.", kLibraryName, libraryFolder().string()),
                kAdvice);
}

std::shared_ptr<const Engine> openEngine()
{
    // Without this, each idle thread of LibTorch spins on its core, up to 11 times slower when both cores are wanted.
    // OpenMP reads it when it is loaded.
    ::setenv("OMP_WAIT_POLICY", "passive", 0);
    const fs::path file = engineFile();
    void *library = openEngineLibrary(file);
    const auto make = reinterpret_cast<decltype(&krater_make_engine)>(::dlsym(library, "krater_make_engine"));
    if (make == nullptr)
        throw Error(fmt::format("{} is not a training engine of Krater: {}.", file.string(), ::dlerror()),
                    "Set KRATER_NN to a libkrater_nn.so, or unset it to use the one beside the program.");
    const std::string version(programVersion());
    const EngineRequest request{.version = version.c_str()};
    return std::shared_ptr<const Engine>(make(&request));
}

} // namespace

std::shared_ptr<const Engine> loadEngine()
{
    static const std::shared_ptr<const Engine> engine = openEngine(); // tried again at the next call if it throws
    return engine;
}

} // namespace krater
