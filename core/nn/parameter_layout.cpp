// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/nn/parameter_layout.h"

#include "core/base/error.h"
#include "core/base/rng.h"
#include "core/corpus/tokenizer.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>

namespace krater {
namespace {

constexpr std::size_t kAlignment = 16; // floats: one cache line, one AVX-512 register
constexpr double kInitialSd = 0.02;
constexpr int kMaxVocabulary = std::numeric_limits<TokenId>::max() + 1;
// Far above what one machine trains; keeps products of sizes within 64 bits.
constexpr int kMaxLayers = 1'000;
constexpr int kMaxWidth = 100'000;
constexpr int kMaxContext = 1'000'000;
constexpr int kMaxPromptVectors = 100'000;

void requireBetween(const char *what, int value, int least, int most)
{
    if (value < least || value > most)
        throw Error(fmt::format("The model's {} is {}; it must be from {} to {}.", what, value, least, most),
                    "Correct [model] in the experiment file.");
}

void requireModel(const ModelConfig &model, int vocabulary)
{
    if (model.architecture != "gpt2")
        throw Error(fmt::format("The engine knows no architecture '{}'.", model.architecture),
                    "Set model.architecture to gpt2.");
    requireBetween("number of layers", model.layers, 1, kMaxLayers);
    requireBetween("width", model.width, 1, kMaxWidth);
    requireBetween("number of heads", model.heads, 1, model.width);
    requireBetween("context", model.context, 1, kMaxContext);
    requireBetween("vocabulary", vocabulary, 2, kMaxVocabulary);
    if (model.width % model.heads != 0)
        throw Error(fmt::format("{} heads do not divide a width of {}.", model.heads, model.width),
                    "Choose model.width as a multiple of model.heads.");
}

} // namespace

ParameterLayout::ParameterLayout(const ModelConfig &model, int vocabulary, int promptVectors)
    : m_model(model)
    , m_vocabulary(static_cast<std::size_t>(vocabulary))
    , m_promptLength(static_cast<std::size_t>(promptVectors))
{
    requireModel(model, vocabulary);
    requireBetween("number of prompt vectors", promptVectors, 0, kMaxPromptVectors);
    const std::int64_t width = model.width; // C
    const double residualSd = kInitialSd / std::sqrt(2.0 * model.layers);

    m_tokenEmbedding = add("wte.weight", {vocabulary, width}, kInitialSd);
    m_positionEmbedding = add("wpe.weight", {model.context, width}, kInitialSd);
    m_blocks.resize(static_cast<std::size_t>(model.layers));
    for (std::size_t i = 0; i < m_blocks.size(); ++i) {
        BlockOffsets &block = m_blocks[i];
        block.attention = add(fmt::format("h.{}.attn.c_attn.weight", i), {width, 3 * width}, kInitialSd);
        block.attentionOut = add(fmt::format("h.{}.attn.c_proj.weight", i), {width, width}, residualSd);
        block.expand = add(fmt::format("h.{}.mlp.c_fc.weight", i), {width, 4 * width}, kInitialSd);
        block.contract = add(fmt::format("h.{}.mlp.c_proj.weight", i), {4 * width, width}, residualSd);
    }
    m_numDecayed = m_arenaSize;
    for (std::size_t i = 0; i < m_blocks.size(); ++i) {
        m_blocks[i].attentionNorm = add(fmt::format("h.{}.ln_1.weight", i), {width}, 0);
        m_blocks[i].feedForwardNorm = add(fmt::format("h.{}.ln_2.weight", i), {width}, 0);
    }
    m_finalNorm = add("ln_f.weight", {width}, 0);
    if (promptVectors > 0)
        m_firstTrained = add("prompt.weight", {promptVectors, width}, kInitialSd);
}

std::size_t ParameterLayout::add(std::string name, std::vector<std::int64_t> shape, double initialSd)
{
    std::size_t size = 1;
    for (const std::int64_t length : shape)
        size *= static_cast<std::size_t>(length);
    const std::size_t offset = m_arenaSize;
    m_parameters.push_back({std::move(name), std::move(shape), offset, size, initialSd});
    m_arenaSize += (size + kAlignment - 1) / kAlignment * kAlignment;
    return offset;
}

std::uint64_t ParameterLayout::numParameters() const
{
    std::uint64_t count = 0;
    for (const Parameter &parameter : m_parameters)
        count += parameter.size;
    return count;
}

std::vector<float> ParameterLayout::initialValues(std::uint64_t seed) const
{
    Rng rng = Rng::stream(seed, "weights");
    std::vector<float> values(m_arenaSize, 0.0F);
    for (const Parameter &parameter : m_parameters) {
        for (std::size_t i = 0; i < parameter.size; ++i) {
            const double value = parameter.initialSd > 0 ? parameter.initialSd * rng.normal() : 1.0;
            values[parameter.offset + i] = static_cast<float>(value);
        }
    }
    return values;
}

} // namespace krater
