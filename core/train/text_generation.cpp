// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/text_generation.h"

#include "core/base/error.h"
#include "core/base/rng.h"
#include "core/corpus/utf8.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace krater {

namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd"; // U+FFFD

void requireValid(std::string_view prompt, const GenerationConfig &config)
{
    if (prompt.size() > kMaxPromptBytes)
        throw Error(fmt::format("The prompt has {} bytes; {} is the most.", prompt.size(), kMaxPromptBytes),
                    "Give its last part.");
    if (!isValidUtf8(prompt))
        throw Error("The prompt is not UTF-8.");
    if (config.maxTokens > kMaxGeneratedTokens)
        throw Error(fmt::format("{} tokens are too many; {} is the most.", config.maxTokens, kMaxGeneratedTokens));
    if (!std::isfinite(config.temperature) || config.temperature < 0)
        throw Error(fmt::format("The temperature is {}; it must be a number from 0 on.", config.temperature));
}

// Draws a token by its logits.
class TokenSampler {
public:
    explicit TokenSampler(const GenerationConfig &config)
        : m_config(config)
        , m_rng(Rng::stream(config.seed, "generation"))
    {
    }

    TokenId draw(const std::vector<float> &logits) // [V]
    {
        if (!std::all_of(logits.begin(), logits.end(), [](float logit) { return std::isfinite(logit); }))
            throw Error("The model's numbers are not finite: its run has diverged.", "Take an earlier checkpoint.");
        chooseCandidates(logits);
        if (m_candidates.size() == 1)
            return m_candidates.front();
        const TokenId likeliest = *std::max_element(m_candidates.begin(), m_candidates.end(),
                                                    [&](TokenId a, TokenId b) { return logits[a] < logits[b]; });
        m_weights.clear();
        for (const TokenId token : m_candidates)
            m_weights.push_back(std::exp((double(logits[token]) - double(logits[likeliest])) / m_config.temperature));
        double rest = m_rng.uniform() * std::accumulate(m_weights.begin(), m_weights.end(), 0.0);
        for (std::size_t i = 0; i < m_candidates.size(); ++i) {
            rest -= m_weights[i];
            if (rest < 0)
                return m_candidates[i];
        }
        return likeliest; // rounding
    }

private:
    // Of equally likely ones those with the smaller numbers.
    void chooseCandidates(const std::vector<float> &logits)
    {
        m_candidates.resize(logits.size());
        std::iota(m_candidates.begin(), m_candidates.end(), TokenId{0});
        const std::size_t count = m_config.temperature == 0 ? 1 : m_config.topK;
        if (count == 0 || count >= logits.size())
            return;
        std::partial_sort(m_candidates.begin(), m_candidates.begin() + std::ptrdiff_t(count), m_candidates.end(),
                          [&](TokenId a, TokenId b) { return logits[a] != logits[b] ? logits[a] > logits[b] : a < b; });
        m_candidates.resize(count);
    }

    GenerationConfig m_config;
    Rng m_rng;
    std::vector<TokenId> m_candidates;
    std::vector<double> m_weights;
};

// The text of tokens as they come. What a token says depends on those before it (a space at the beginning goes) and after it (a character of
// several tokens), so the last ones are decoded with it.
class Detokeniser {
public:
    Detokeniser(const Tokenizer &tokenizer, const std::vector<TokenId> &tokens)
        : m_tokenizer(tokenizer)
        , m_tokens(tokens)
        , m_shown(tokens.size())
    {
    }

    // What has become sure since the last call; at the end all that there is.
    std::string next(bool isEnd)
    {
        constexpr std::size_t kBefore = 16;  // tokens: more than a character or a run of spaces takes
        constexpr std::size_t kMostOpen = 4; // tokens, bytes of a character: then it is none
        const std::size_t first = m_shown > kBefore ? m_shown - kBefore : 0;
        const std::span<const TokenId> tokens = std::span(m_tokens).subspan(first);
        const std::string before = m_tokenizer.decode(tokens.first(m_shown - first));
        const std::string text = m_tokenizer.decode(tokens);
        const bool isOpen = text.ends_with(kReplacement) && m_tokens.size() - m_shown < kMostOpen;
        if (isOpen && !isEnd)
            return {};
        m_shown = m_tokens.size();
        const auto [same, more] = std::mismatch(before.begin(), before.end(), text.begin(), text.end());
        return {more, text.end()};
    }

private:
    const Tokenizer &m_tokenizer;
    const std::vector<TokenId> &m_tokens;
    std::size_t m_shown; // of the tokens
};

// Collects bytes and hands them on as UTF-8.
class TextStream {
public:
    explicit TextStream(const std::function<void(std::string_view)> &onText) : m_onText(onText) { }

    void add(std::string_view bytes, bool isEnd)
    {
        m_open += bytes;
        const std::size_t numOpen = isEnd ? 0 : numOpenBytes(m_open);
        std::uint64_t numRepaired = 0;
        const std::string piece = repairUtf8(std::string_view(m_open).substr(0, m_open.size() - numOpen), numRepaired);
        m_open.erase(0, m_open.size() - numOpen);
        m_text += piece;
        if (m_onText && !piece.empty())
            m_onText(piece);
    }

    std::string take() { return std::move(m_text); }

private:
    const std::function<void(std::string_view)> &m_onText;
    std::string m_open; // may become a character
    std::string m_text;
};

std::vector<TokenId> promptTokens(const Tokenizer &tokenizer, std::string_view prompt)
{
    std::vector<TokenId> tokens;
    tokenizer.encode(prompt, tokens);
    if (tokens.empty())
        tokens.push_back(tokenizer.endOfDocument());
    return tokens;
}

} // namespace

GeneratedText generateText(LanguageModel &model, const Tokenizer &tokenizer, std::size_t context,
                           std::string_view prompt, const GenerationConfig &config,
                           const std::function<void(std::string_view piece)> &onText, const std::function<bool()> &goOn)
{
    requireValid(prompt, config);
    std::vector<TokenId> tokens = promptTokens(tokenizer, prompt);
    GeneratedText result;
    result.numPromptTokens = prompt.empty() ? 0 : tokens.size();
    TokenSampler sampler(config);
    Detokeniser detokeniser(tokenizer, tokens);
    TextStream stream(onText);
    while (result.numTokens < config.maxTokens) {
        if (goOn && !goOn()) {
            result.end = GeneratedText::End::Cancelled;
            break;
        }
        const TokenId token =
            sampler.draw(model.nextTokenLogits(std::span(tokens).last(std::min(context, tokens.size()))));
        if (token == tokenizer.endOfDocument()) {
            result.end = GeneratedText::End::Document;
            break;
        }
        tokens.push_back(token);
        ++result.numTokens;
        stream.add(detokeniser.next(false), false);
    }
    stream.add(detokeniser.next(true), true);
    result.text = stream.take();
    return result;
}

} // namespace krater
