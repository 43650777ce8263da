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

namespace krater {

namespace {

constexpr std::size_t kMaxLineBytes = 4'096;
constexpr int kNumSpecialPieces = 258; // the unknown, the end of a document, 256 bytes

class LineIterator : public sentencepiece::SentenceIterator {
public:
    explicit LineIterator(const std::vector<std::string> &lines) : m_lines(lines) {}

    bool done() const override { return m_next >= m_lines.size(); }
    void Next() override { ++m_next; }
    const std::string &value() const override { return m_lines[m_next]; }
    sentencepiece::util::Status status() const override { return {}; }

private:
    const std::vector<std::string> &m_lines;
    std::size_t m_next = 0;
};

// SentencePiece demands a piece for every character that it is told to cover. Text in Chinese has thousands, so a small
// vocabulary may give half of its pieces to the most frequent characters; bytes stand for the others.
double characterCoverage(const std::vector<std::string> &lines, int vocabulary)
{
    std::unordered_map<std::string_view, std::uint64_t> counts;
    std::uint64_t total = 0;
    for (const std::string &line : lines) {
        for (std::string_view rest = line; !rest.empty(); ++total) {
            std::size_t length = 1;
            while (length < rest.size() && (static_cast<unsigned char>(rest[length]) & 0xc0) == 0x80)
                ++length;
            ++counts[rest.substr(0, length)];
            rest.remove_prefix(length);
        }
    }
    std::vector<std::uint64_t> sorted;
    for (const auto &[character, count] : counts)
        sorted.push_back(count);
    std::ranges::sort(sorted, std::greater());
    const std::size_t numCovered = std::min(sorted.size(), static_cast<std::size_t>(std::max(1, (vocabulary - kNumSpecialPieces) / 2)));
    std::uint64_t covered = 0;
    for (std::size_t i = 0; i < numCovered; ++i)
        covered += sorted[i];
    constexpr double kUsualCoverage = 0.9995; // the library's default
    return std::min(kUsualCoverage, static_cast<double>(covered) / static_cast<double>(std::max<std::uint64_t>(total, 1)));
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
        throw Error(fmt::format("A SentencePiece vocabulary of {} is not possible", vocabulary), "Use 300 to 65536; 4096 suits small models.");
    const std::unordered_map<std::string, std::string> options = {
        {"model_type", "bpe"},
        {"vocab_size", fmt::format("{}", vocabulary)},
        {"hard_vocab_limit", "false"},
        {"byte_fallback", "true"},
        {"character_coverage", fmt::format("{:.9f}", characterCoverage(lines, vocabulary))},
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
    LineIterator iterator(lines);
    std::string model;
    const auto status = sentencepiece::SentencePieceTrainer::Train(options, &iterator, &model);
    if (!status.ok())
        throw Error(fmt::format("SentencePiece could not be trained: {}", status.ToString()), "Try a smaller vocabulary, or more text.");
    return model;
}

} // namespace krater
