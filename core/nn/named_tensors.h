// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/train/language_model.h"

#include <string_view>

namespace at {
class Tensor;
}

namespace krater {

// A piece of an arena under the name that it has in checkpoints.
struct StoredTensor {
    std::string name;
    std::vector<std::int64_t> shape;
    std::size_t offset = 0;            // floats
    std::size_t size = 0;              // floats
    const at::Tensor *arena = nullptr; // [arenaSize] fp32
};

std::vector<NamedTensor> saveTensors(const std::vector<StoredTensor> &stored);
NamedTensor savedCounter(std::string name, std::int64_t value);

// Throws Error unless all those stored are among `tensors`, in any order, each with its type, shape and number of bytes.
void requireAll(const std::vector<StoredTensor> &stored, const std::vector<NamedTensor> &tensors);
// The same, and they are exactly those stored and the counter.
void requireMatch(const std::vector<StoredTensor> &stored, std::string_view counter,
                  const std::vector<NamedTensor> &tensors);
// These need tensors that were required.
void restoreTensors(const std::vector<StoredTensor> &stored, const std::vector<NamedTensor> &tensors);
std::int64_t restoredCounter(std::string_view name, const std::vector<NamedTensor> &tensors);

} // namespace krater
