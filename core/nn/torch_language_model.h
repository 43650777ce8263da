// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/train/language_model.h"

namespace krater {

class Devices;

// Which network computes; Automatic: CpuNetwork for fp32 on the CPU, else TensorNetwork. Tests compare the two.
enum class NetworkKind { Automatic, Tensor };

// The GPT-2 of `spec` with its optimiser, on LibTorch. Throws Error.
std::unique_ptr<LanguageModel> makeTorchLanguageModel(const LanguageModelSpec &spec, const Devices &devices,
                                                      NetworkKind kind = NetworkKind::Automatic);

std::string torchVersion(); // "LibTorch 2.11.0"

} // namespace krater
