// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/nn/torch_engine.h"

#include "core/base/error.h"
#include "core/nn/torch_language_model.h"
#include "core/train/engine_entry.h"

#include <ATen/Parallel.h>
#include <torch/csrc/inductor/aoti_torch/c/shim.h>
#include <torch/headeronly/version.h>

#include <fmt/format.h>

#include <string_view>

namespace krater {
namespace {

void requireLibTorch()
{
    const std::uint64_t loaded = aoti_torch_abi_version(); // major, minor and patch in the first three bytes
    if (loaded >> 48U != TORCH_ABI_VERSION >> 48U)
        throw Error(fmt::format("LibTorch {}.{} was loaded, but the training engine was built with {}.", loaded >> 56U,
                                loaded >> 48U & 0xFFU, TORCH_VERSION),
                    "Run scripts/setup, or set KRATER_LIBTORCH to a LibTorch 2.11.");
}

} // namespace

TorchEngine::TorchEngine()
{
    requireLibTorch();
    // Krater runs one operation at a time; LibTorch takes this once in a process.
    static const bool once = [] {
        at::set_num_interop_threads(1);
        return true;
    }();
    static_cast<void>(once);
    m_devices = Devices::find();
}

std::string TorchEngine::version() const
{
    return torchVersion();
}

std::vector<std::string> TorchEngine::devices() const
{
    return m_devices.names();
}

std::unique_ptr<LanguageModel> TorchEngine::create(const LanguageModelSpec &spec) const
{
    return makeTorchLanguageModel(spec, m_devices);
}

} // namespace krater

krater::Engine *krater_make_engine(const krater::EngineRequest *request)
{
    if (request->version != std::string_view(KRATER_NN_VERSION) || request->interface != krater::kEngineInterface)
        throw krater::Error(
            fmt::format("The training engine belongs to Krater {} ({:x}), this program is Krater {} ({:x}).",
                        KRATER_NN_VERSION, krater::kEngineInterface, request->version, request->interface),
            "Build or install the program and libkrater_nn.so together, and check KRATER_NN.");
    return new krater::TorchEngine();
}
