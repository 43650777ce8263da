// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The text form of ScoreMixture.
#include "core/compare/run_comparison.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace krater {

namespace {

std::string_view trimmed(std::string_view text)
{
    constexpr std::string_view kSpace = " \t";
    const std::size_t begin = text.find_first_not_of(kSpace);
    return begin == std::string_view::npos ? std::string_view()
                                           : text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

std::optional<double> weightFrom(std::string_view text)
{
    double weight = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), weight);
    if (failure != std::errc() || end != text.data() + text.size() || !std::isfinite(weight) || weight < 0)
        return std::nullopt;
    return weight;
}

void addIssue(Issues &issues, std::string message)
{
    Issue issue;
    issue.message = std::move(message);
    issue.advice = "give uniform, natural, or weights like code=0.5,quotes=0.5";
    issues.push_back(std::move(issue));
}

} // namespace

std::optional<ScoreMixture> parseScoreMixture(std::string_view text, Issues &issues)
{
    text = trimmed(text);
    ScoreMixture mixture;
    if (text == "uniform" || text == "natural") {
        mixture.kind = text == "uniform" ? ScoreMixture::Kind::Uniform : ScoreMixture::Kind::Natural;
        return mixture;
    }
    mixture.kind = ScoreMixture::Kind::Typed;
    double sum = 0;
    for (std::size_t begin = 0; begin <= text.size();) {
        const std::size_t end = std::min(text.find(',', begin), text.size());
        const std::string_view part = trimmed(text.substr(begin, end - begin));
        begin = end + 1;
        const std::size_t equals = part.rfind('=');
        const std::string name(trimmed(part.substr(0, std::min(equals, part.size()))));
        const auto weight =
            equals == std::string_view::npos ? std::nullopt : weightFrom(trimmed(part.substr(equals + 1)));
        if (name.empty() || !weight) {
            addIssue(issues, fmt::format("\"{}\" is not a domain with its weight", part));
            return std::nullopt;
        }
        if (!mixture.weights.emplace(name, *weight).second) {
            addIssue(issues, fmt::format("domain \"{}\" has two weights", name));
            return std::nullopt;
        }
        sum += *weight;
    }
    if (!(sum > 0)) {
        addIssue(issues, "all weights are 0");
        return std::nullopt;
    }
    return mixture;
}

std::string toString(const ScoreMixture &mixture)
{
    switch (mixture.kind) {
    case ScoreMixture::Kind::Uniform:
        return "uniform";
    case ScoreMixture::Kind::Natural:
        return "natural";
    case ScoreMixture::Kind::Typed:
        break;
    }
    std::string text;
    for (const auto &[name, weight] : mixture.weights)
        text += fmt::format("{}{}={}", text.empty() ? "" : ",", name, weight);
    return text;
}

} // namespace krater
