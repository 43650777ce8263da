// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/nn/devices.h"

#include "core/base/error.h"

#include <ATen/Parallel.h>
#include <ATen/detail/CUDAHooksInterface.h>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <dlfcn.h>
#include <filesystem>

namespace krater {
namespace {

// The GPUs' names by the driver's own interface (cuda.h of the CUDA toolkit: these functions and their types have not
// changed since version 2), so that neither a toolkit nor LibTorch's CUDA library is needed to find out that there is
// no GPU.
std::vector<Devices::Gpu> gpusOfDriver()
{
    using Init = int (*)(unsigned);
    using Count = int (*)(int *);
    using Get = int (*)(int *, int);
    using Name = int (*)(char *, int, int);
    void *driver = ::dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL); // stays loaded, as LibTorch uses it
    if (driver == nullptr)
        return {};
    const auto init = reinterpret_cast<Init>(::dlsym(driver, "cuInit"));
    const auto count = reinterpret_cast<Count>(::dlsym(driver, "cuDeviceGetCount"));
    const auto get = reinterpret_cast<Get>(::dlsym(driver, "cuDeviceGet"));
    const auto nameOf = reinterpret_cast<Name>(::dlsym(driver, "cuDeviceGetName"));
    int numGpus = 0;
    if (!init || !count || !get || !nameOf || init(0) != 0 || count(&numGpus) != 0)
        return {};
    std::vector<Devices::Gpu> gpus;
    for (int i = 0; i < numGpus; ++i) {
        std::array<char, 256> name{};
        int device = 0;
        if (get(&device, i) != 0 || nameOf(name.data(), static_cast<int>(name.size()) - 1, device) != 0)
            break;
        gpus.push_back({name.data()});
    }
    return gpus;
}

// libtorch_cuda.so of the LibTorch that is in use, wherever that came from. Empty, or why it cannot be loaded.
std::string loadCudaLibrary()
{
    ::setenv("CUDA_MODULE_LOADING", "LAZY", 0);
    ::setenv("CUBLAS_WORKSPACE_CONFIG", ":4096:8", 1); // cuBLAS repeats its bits only with a workspace of fixed size
    Dl_info info = {};
    if (::dladdr(reinterpret_cast<void *>(&at::get_num_threads), &info) == 0 || info.dli_fname == nullptr)
        return "LibTorch's folder is not known";
    const auto library = std::filesystem::path(info.dli_fname).parent_path() / "libtorch_cuda.so";
    if (::dlopen(library.c_str(), RTLD_NOW | RTLD_GLOBAL) == nullptr)
        return ::dlerror();
    if (!at::detail::getCUDAHooks().hasCUDA())
        return "LibTorch finds no usable GPU";
    return {};
}

} // namespace

Devices Devices::find()
{
    std::vector<Gpu> gpus = gpusOfDriver();
    if (gpus.empty())
        return Devices();
    if (std::string problem = loadCudaLibrary(); !problem.empty())
        return Devices(
            {},
            fmt::format("This machine has {} NVIDIA GPU(s), but LibTorch cannot use them: {}.", gpus.size(), problem));
    return Devices(std::move(gpus));
}

std::vector<std::string> Devices::names() const
{
    std::vector<std::string> names{"cpu"};
    for (std::size_t i = 0; i < m_gpus.size(); ++i)
        names.push_back(fmt::format("cuda:{}", i));
    return names;
}

int Devices::choose(const std::string &device) const
{
    constexpr std::string_view kCuda = "cuda:";
    if (device == "cpu" || (device == "auto" && m_gpus.empty()))
        return -1;
    if (device == "auto" || (device == "cuda" && !m_gpus.empty()))
        return 0;
    int index = -1;
    if (device.starts_with(kCuda)) {
        const char *end = device.data() + device.size();
        const auto [stop, failure] = std::from_chars(device.data() + kCuda.size(), end, index);
        if (failure == std::errc() && stop == end && index >= 0 && index < static_cast<int>(m_gpus.size()))
            return index;
    }
    const bool isCuda = device == "cuda" || (device.starts_with(kCuda) && index >= 0);
    if (!isCuda)
        throw Error(fmt::format("'{}' is no device.", device), "Set training.device to auto, cpu, cuda or cuda:N.");
    if (!m_problem.empty())
        throw Error(fmt::format("The device '{}' cannot be used. {}", device, m_problem),
                    "Run scripts/setup --cuda, or set training.device to auto or cpu.");
    throw Error(fmt::format("The device '{}' is not there; this machine has {}.", device, fmt::join(names(), ", ")),
                "Set training.device to auto, or to one of those.");
}

} // namespace krater
