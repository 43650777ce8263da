// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/train/language_model.h"

#include <cstdint>

namespace krater {

// A number that changes with the layout of whatever passes between the program and the engine library, so that
// two builds that do not fit are told apart. FNV-1a over the sizes.
constexpr std::uint64_t engineInterface()
{
    std::uint64_t hash = 0xCBF29CE484222325U;
    for (const std::size_t size :
         {sizeof(Error), sizeof(Batch), sizeof(ModelConfig), sizeof(TrainingConfig), sizeof(LanguageModelSpec),
          sizeof(TrainStepResult), sizeof(DomainGradients), sizeof(LanguageModelInfo), sizeof(NamedTensor)})
        hash = (hash ^ size) * 0x100000001B3U;
    return hash;
}

inline constexpr std::uint64_t kEngineInterface = engineInterface();

// What the program tells the engine library about itself. Its own layout never changes.
struct EngineRequest {
    std::uint64_t interface = kEngineInterface;
    const char *version = nullptr; // "0.1.0"
};

} // namespace krater

// What libkrater_nn.so exports. Returns a new Engine; throws krater::Error if the program does not fit or LibTorch
// does not work.
extern "C" krater::Engine *krater_make_engine(const krater::EngineRequest *request);
