// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/corpus/tokenizer.h"
#include "core/train/language_model.h"

#include <functional>
#include <string>
#include <string_view>

namespace krater {

inline constexpr std::size_t kMaxPromptBytes = 64 << 10;
inline constexpr std::size_t kMaxGeneratedTokens = 100'000;

// How text is drawn from a model. Plain value.
struct GenerationConfig {
    std::size_t maxTokens = 200; // up to kMaxGeneratedTokens
    double temperature = 0.8;    // divides the logits; 0: always the likeliest token
    std::size_t topK = 0;        // only among so many of the likeliest tokens; 0: all
    std::uint64_t seed = 0;      // draws come from Rng::stream(seed, "generation")
};

// Text that follows a prompt. Plain value.
struct GeneratedText {
    enum class End { Document, Length, Cancelled };

    std::string text;                // without the prompt, valid UTF-8
    std::size_t numPromptTokens = 0; // the model sees the last `context` of them
    std::size_t numTokens = 0;       // generated, without the end of the document
    End end = End::Length;
};

// Lets the model go on from `prompt` (from the beginning of a document if it is empty) until it ends the document, there are enough tokens or
// goOn(), asked before each token, says no. onText() gets the text piece by piece as it comes; what is not UTF-8 is U+FFFD. Equal arguments
// and weights give equal text on one device. `context` is the model's. Throws Error: a prompt that is too long or no UTF-8, numbers out of range,
// a model whose logits are not finite.
GeneratedText generateText(LanguageModel &model, const Tokenizer &tokenizer, std::size_t context,
                           std::string_view prompt, const GenerationConfig &config,
                           const std::function<void(std::string_view piece)> &onText = {},
                           const std::function<bool()> &goOn = {});

} // namespace krater
