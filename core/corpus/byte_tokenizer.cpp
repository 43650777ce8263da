// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/corpus/tokenizer.h"

#include <algorithm>

namespace krater {

namespace {

// A token is a byte; 256 ends a document.
class ByteTokenizer : public Tokenizer {
public:
    std::string name() const override { return "bytes"; }
    int vocabulary() const override { return 257; }
    TokenId endOfDocument() const override { return 256; }
    std::string fingerprint() const override { return "bytes-1"; }

    void encode(std::string_view text, std::vector<TokenId> &out) const override
    {
        const std::size_t before = out.size();
        out.resize(before + text.size());
        std::ranges::transform(text, out.begin() + static_cast<std::ptrdiff_t>(before),
                               [](char c) { return static_cast<TokenId>(static_cast<unsigned char>(c)); });
    }

    std::string decode(std::span<const TokenId> tokens) const override
    {
        std::string text;
        text.reserve(tokens.size());
        for (const TokenId token : tokens) {
            if (token < 256)
                text += static_cast<char>(token);
        }
        return text;
    }
};

} // namespace

std::unique_ptr<Tokenizer> makeByteTokenizer()
{
    return std::make_unique<ByteTokenizer>();
}

} // namespace krater
