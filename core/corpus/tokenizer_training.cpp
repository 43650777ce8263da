// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/corpus/tokenizer_training.h"

#include "core/base/error.h"
#include "core/corpus/utf8.h"

#include <fmt/format.h>
#include <sentencepiece_trainer.h>

#include <algorithm>
#include <functional>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace krater {

namespace {

constexpr std::size_t kMaxLineBytes = 4'096;
constexpr int kNumSpecialPieces = 258; // the unknown, the end of a document, 256 bytes

class LineIterator : public sentencepiece::SentenceIterator {
public:
    explicit LineIterator(const std::vector<std::string> &lines) : m_lines(lines) { }

    bool done() const override { return m_next >= m_lines.size(); }
    void Next() override { ++m_next; }
    const std::string &value() const override { return m_lines[m_next]; }
    sentencepiece::util::Status status() const override { return {}; }

private:
    const std::vector<std::string> &m_lines;
    std::size_t m_next = 0;
};

std::string_view firstCharacter(std::string_view text)
{
    std::size_t length = 1;
    while (length < text.size() && (static_cast<unsigned char>(text[length]) & 0xc0) == 0x80)
        ++length;
    return text.substr(0, length);
}

// The most frequent characters: 99.95 % of the text (the library's default), but no more than half of the pieces allow.
std::unordered_set<std::string_view> coveredCharacters(const std::vector<std::string> &lines, int vocabulary)
{
    std::unordered_map<std::string_view, std::uint64_t> counts;
    std::uint64_t total = 0;
    for (const std::string &line : lines) {
        for (std::string_view rest = line; !rest.empty(); ++total) {
            const std::string_view character = firstCharacter(rest);
            ++counts[character];
            rest.remove_prefix(character.size());
        }
    }
    std::vector<std::pair<std::uint64_t, std::string_view>> sorted;
    for (const auto &[character, count] : counts)
        sorted.emplace_back(count, character);
    std::ranges::sort(sorted, std::greater());
    const std::size_t maxCharacters = static_cast<std::size_t>(std::max(1, (vocabulary - kNumSpecialPieces) / 2));
    std::unordered_set<std::string_view> covered;
    double missing = static_cast<double>(total);
    for (const auto &[count, character] : sorted) {
        if (covered.size() >= maxCharacters || missing <= 0.0005 * static_cast<double>(total))
            break;
        covered.insert(character);
        missing -= static_cast<double>(count);
    }
    return covered;
}

// SentencePiece demands a piece for every character that it sees. Text in Chinese has thousands, so lines are divided at rare
// characters, which are left to the pieces for bytes.
std::vector<std::string> withoutRareCharacters(const std::vector<std::string> &lines, int vocabulary)
{
    const std::unordered_set<std::string_view> covered = coveredCharacters(lines, vocabulary);
    std::vector<std::string> parts;
    for (const std::string &line : lines) {
        std::string part;
        for (std::string_view rest = line; !rest.empty();) {
            const std::string_view character = firstCharacter(rest);
            rest.remove_prefix(character.size());
            if (covered.contains(character))
                part += character;
            else if (!part.empty())
                parts.push_back(std::exchange(part, {}));
        }
        if (!part.empty())
            parts.push_back(std::move(part));
    }
    return parts;
}

} // namespace

void LineSample::add(std::string_view document, const Hash128 &hash)
{
    for (std::uint64_t place = 0; !document.empty(); ++place) {
        const std::size_t end = document.find('\n');
        const std::string_view line = headOf(document.substr(0, end), kMaxLineBytes);
        document.remove_prefix(line.size() + (line.size() == end ? 1 : 0));
        if (isBlank(line))
            continue;
        const std::uint64_t number = Hasher().add(hash.high).add(hash.low).add(place).digest().low;
        if (m_bytes >= m_maxBytes && number >= m_lines.top().number)
            continue;
        m_lines.push({number, std::string(line)});
        m_bytes += line.size();
        while (m_bytes - m_lines.top().text.size() >= m_maxBytes) {
            m_bytes -= m_lines.top().text.size();
            m_lines.pop();
        }
    }
}

std::vector<std::string> LineSample::take()
{
    std::vector<std::string> lines(m_lines.size());
    for (std::size_t i = lines.size(); i > 0; --i) {
        lines[i - 1] = m_lines.top().text;
        m_lines.pop();
    }
    m_bytes = 0;
    return lines;
}

std::string trainSentencePiece(const std::vector<std::string> &lines, int vocabulary)
{
    if (lines.empty())
        throw Error("There is no text to train the tokenizer on", "Check the sources of the domains.");
    if (vocabulary <= kNumSpecialPieces || vocabulary > 65'536)
        throw Error(fmt::format("A SentencePiece vocabulary of {} is not possible", vocabulary),
                    "Use 300 to 65536; 4096 suits small models.");
    const std::unordered_map<std::string, std::string> options = {
        {"model_type", "bpe"},
        {"vocab_size", fmt::format("{}", vocabulary)},
        {"hard_vocab_limit", "false"},
        {"byte_fallback", "true"},
        {"character_coverage", "1.0"},
        {"normalization_rule_name", "identity"},
        {"remove_extra_whitespaces", "false"},
        {"add_dummy_prefix", "false"},
        {"allow_whitespace_only_pieces", "true"}, // indentation
        {"split_digits", "true"},
        {"unk_id", "0"},
        {"eos_id", "1"},
        {"bos_id", "-1"},
        {"pad_id", "-1"},
        {"num_threads", "1"},
        {"minloglevel", "3"}, // the library writes to stderr otherwise
    };
    const std::vector<std::string> parts = withoutRareCharacters(lines, vocabulary);
    LineIterator iterator(parts);
    std::string model;
    const auto status = sentencepiece::SentencePieceTrainer::Train(options, &iterator, &model);
    if (!status.ok())
        throw Error(fmt::format("SentencePiece could not be trained: {}", status.ToString()),
                    "Try a smaller vocabulary, or more text.");
    return model;
}

} // namespace krater
