// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace krater {

using TokenId = std::uint16_t; // vocabularies are at most 65,536

// Text to token ids and back. Immutable after construction; safe to use from several threads.
class Tokenizer {
public:
    virtual ~Tokenizer() = default;

    virtual std::string name() const = 0; // "bytes", "sentencepiece"
    virtual int vocabulary() const = 0;
    virtual TokenId endOfDocument() const = 0; // stands between documents
    virtual void encode(std::string_view text,
                        std::vector<TokenId> &out) const = 0;              // appends, without the end of document
    virtual std::string decode(std::span<const TokenId> tokens) const = 0; // ends of documents decode to nothing
    virtual std::string fingerprint() const = 0; // changes whenever the encoding does; part of cache keys
};

std::unique_ptr<Tokenizer> makeByteTokenizer();
std::unique_ptr<Tokenizer> loadSentencePiece(const std::filesystem::path &model); // throws Error

} // namespace krater
