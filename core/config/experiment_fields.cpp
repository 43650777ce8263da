// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/config/experiment_fields.h"

#include <array>

namespace krater {

using namespace std::string_view_literals;

std::span<const std::string_view> words(TokenizerConfig::Kind)
{
    static constexpr std::array kWords{"bytes"sv, "sentencepiece"sv};
    return kWords;
}

std::span<const std::string_view> words(StopConfig::Rule)
{
    static constexpr std::array kWords{"budget"sv, "plateau"sv, "settled_mixture"sv};
    return kWords;
}

std::span<const std::string_view> words(TrainingConfig::Schedule)
{
    static constexpr std::array kWords{"constant"sv, "linear"sv, "cosine"sv};
    return kWords;
}

std::span<const std::string_view> words(TrainingConfig::Precision)
{
    static constexpr std::array kWords{"auto"sv, "float32"sv, "bfloat16"sv};
    return kWords;
}

std::span<const std::string_view> words(MixtureConfig::Batching)
{
    static constexpr std::array kWords{"random"sv, "stratified"sv};
    return kWords;
}

std::span<const std::string_view> words(StageMixture::Take)
{
    static constexpr std::array kWords{"average"sv, "final"sv};
    return kWords;
}

std::span<const std::string_view> sectionNames()
{
    static constexpr std::array kNames{"experiment"sv, "tokenizer"sv, "domain"sv, "model"sv, "training"sv, "mixture"sv, "stage"sv};
    return kNames;
}

} // namespace krater
