// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/nn/named_tensors.h"

#include "core/base/error.h"

#include <ATen/ATen.h>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <map>

static_assert(std::endian::native == std::endian::little, "NamedTensor is little-endian");

namespace krater {
namespace {

constexpr const char *kAdvice =
    "The checkpoint belongs to another model; resume it with the experiment that it was made with.";

const NamedTensor &find(std::string_view name, const std::vector<NamedTensor> &tensors)
{
    const auto found =
        std::find_if(tensors.begin(), tensors.end(), [&](const NamedTensor &tensor) { return tensor.name == name; });
    if (found == tensors.end())
        throw Error(fmt::format("The checkpoint has no tensor '{}'.", name), kAdvice);
    return *found;
}

void requireForm(const NamedTensor &tensor, NamedTensor::Type type, const std::vector<std::int64_t> &shape,
                 std::size_t numBytes)
{
    if (tensor.type != type || tensor.shape != shape)
        throw Error(fmt::format("The tensor '{}' of the checkpoint has the shape [{}], the model's has [{}].",
                                tensor.name, fmt::join(tensor.shape, ", "), fmt::join(shape, ", ")),
                    kAdvice);
    if (tensor.bytes.size() != numBytes)
        throw Error(fmt::format("The tensor '{}' of the checkpoint has {} bytes instead of {}.", tensor.name,
                                tensor.bytes.size(), numBytes),
                    "The checkpoint is damaged; resume from an earlier one.");
}

} // namespace

std::vector<NamedTensor> saveTensors(const std::vector<StoredTensor> &stored)
{
    std::map<const at::Tensor *, at::Tensor> onHost; // by arena
    std::vector<NamedTensor> saved;
    for (const StoredTensor &tensor : stored) {
        at::Tensor &arena = onHost[tensor.arena];
        if (!arena.defined())
            arena = tensor.arena->cpu();
        NamedTensor copy{.name = tensor.name, .type = NamedTensor::Type::Float32, .shape = tensor.shape, .bytes = {}};
        copy.bytes.resize(tensor.size * sizeof(float));
        std::memcpy(copy.bytes.data(), arena.const_data_ptr<float>() + tensor.offset, copy.bytes.size());
        saved.push_back(std::move(copy));
    }
    return saved;
}

NamedTensor savedCounter(std::string name, std::int64_t value)
{
    NamedTensor saved{.name = std::move(name), .type = NamedTensor::Type::Int64, .shape = {}, .bytes = {}};
    saved.bytes.resize(sizeof value);
    std::memcpy(saved.bytes.data(), &value, sizeof value);
    return saved;
}

void requireAll(const std::vector<StoredTensor> &stored, const std::vector<NamedTensor> &tensors)
{
    for (const StoredTensor &tensor : stored)
        requireForm(find(tensor.name, tensors), NamedTensor::Type::Float32, tensor.shape, tensor.size * sizeof(float));
}

void requireMatch(const std::vector<StoredTensor> &stored, std::string_view counter,
                  const std::vector<NamedTensor> &tensors)
{
    requireAll(stored, tensors);
    requireForm(find(counter, tensors), NamedTensor::Type::Int64, {}, sizeof(std::int64_t));
    if (restoredCounter(counter, tensors) < 0)
        throw Error(fmt::format("The number '{}' of the checkpoint is negative.", counter),
                    "The checkpoint is damaged; resume from an earlier one.");
    if (tensors.size() != stored.size() + 1)
        throw Error(fmt::format("The checkpoint has {} tensors, the model {}.", tensors.size(), stored.size() + 1),
                    kAdvice);
}

void restoreTensors(const std::vector<StoredTensor> &stored, const std::vector<NamedTensor> &tensors)
{
    std::map<const at::Tensor *, at::Tensor> onHost; // by arena
    for (const StoredTensor &tensor : stored) {
        at::Tensor &arena = onHost[tensor.arena];
        if (!arena.defined())
            arena = at::zeros(tensor.arena->sizes(), at::kFloat);
        const NamedTensor &saved = find(tensor.name, tensors);
        std::memcpy(arena.mutable_data_ptr<float>() + tensor.offset, saved.bytes.data(), saved.bytes.size());
    }
    for (const auto &[arena, restored] : onHost)
        arena->copy_(restored);
}

std::int64_t restoredCounter(std::string_view name, const std::vector<NamedTensor> &tensors)
{
    std::int64_t value = 0;
    std::memcpy(&value, find(name, tensors).bytes.data(), sizeof value);
    return value;
}

} // namespace krater
