// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/hash.h"

#include <cstdint>
#include <filesystem>
#include <queue>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace krater {

// A sample of text of bounded size in which every line of the corpus stands the same chance: the natural mixture. Lines are kept
// by the smallest of random numbers made from their document's hash and their place in it (bottom-k sampling), so the sample
// depends neither on the order of reading nor on anything but the text. Lines over 4,096 bytes are cut: SentencePiece drops
// longer ones.
class LineSample {
public:
    explicit LineSample(std::size_t maxBytes) : m_maxBytes(maxBytes) { }

    void add(std::string_view document, const Hash128 &hash);
    std::vector<std::string> take(); // in the order of their numbers

private:
    struct Line {
        std::uint64_t number;
        std::string text;
        bool operator<(const Line &other) const
        {
            return number != other.number ? number < other.number : text < other.text;
        }
    };

    std::size_t m_maxBytes;
    std::size_t m_bytes = 0;
    std::priority_queue<Line> m_lines; // the largest number on top
};

// A BPE model with byte fallback that changes nothing of a text (no normalisation, white space kept as it is; only U+2581,
// SentencePiece's own sign for a space, decodes to a space). Has `vocabulary` pieces, or fewer if the text does not have so many.
// The same lines give the same model. Throws Error. Takes seconds for 10 MB, cannot be interrupted, and a failure within the library
// may end the process.
std::string trainSentencePiece(const std::vector<std::string> &lines, int vocabulary);

// The same in a process of its own, `program train-tokenizer VOCABULARY` (krater-cli), which is killed on a stop and whose end is
// not ours. Empty when stopped. Where there is no such program, this process does the work.
std::string trainSentencePieceApart(const std::filesystem::path &program, const std::vector<std::string> &lines,
                                    int vocabulary, const std::stop_token &stop);

} // namespace krater
