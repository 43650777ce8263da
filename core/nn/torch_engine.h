// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/nn/devices.h"
#include "core/train/language_model.h"

namespace krater {

// The engine on LibTorch. Made through krater_make_engine() (core/train/engine_entry.h). Any thread.
class TorchEngine final : public Engine {
public:
    TorchEngine(); // throws Error if LibTorch is not the version that this was built with

    std::string version() const override;
    std::vector<std::string> devices() const override;
    std::unique_ptr<LanguageModel> create(const LanguageModelSpec &spec) const override;

private:
    Devices m_devices;
};

} // namespace krater
