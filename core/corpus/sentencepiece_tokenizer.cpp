// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/hash.h"
#include "core/corpus/tokenizer.h"
#include "core/corpus/utf8.h"

#include <fmt/format.h>
#include <sentencepiece_processor.h>

namespace krater {

namespace {

constexpr std::uintmax_t kMaxModelBytes = 256 << 20;
constexpr int kMaxVocabulary = 65'536;
// The library slows down and takes about 100 bytes for each byte that it encodes at once, so long text is given in parts, cut at
// line ends. A model that puts a space before every text would put one before each part: such parts are larger and fewer.
constexpr std::size_t kPartBytes = 2 << 10;
constexpr std::size_t kPrefixedPartBytes = 256 << 10;

class SentencePieceTokenizer : public Tokenizer {
public:
    explicit SentencePieceTokenizer(const std::filesystem::path &file)
    {
        const std::string model = readFile(file, kMaxModelBytes);
        const auto status = m_processor.LoadFromSerializedProto(model);
        if (!status.ok())
            throw Error(fmt::format("{} is not a SentencePiece model", file.string()),
                        "Give a .model file made by SentencePiece.");
        if (m_processor.GetPieceSize() > kMaxVocabulary)
            throw Error(fmt::format("{} has {} pieces, more than {}", file.string(), m_processor.GetPieceSize(),
                                    kMaxVocabulary),
                        "Use a model with a smaller vocabulary.");
        if (m_processor.eos_id() < 0)
            throw Error(fmt::format("{} has no piece for the end of a document (eos)", file.string()),
                        "Train the model with an eos_id.");
        std::vector<std::string> pieces;
        const bool addsPrefix =
            m_processor.Encode("a", &pieces).ok() && !pieces.empty() && pieces.front().starts_with("\xe2\x96\x81");
        m_partBytes = addsPrefix ? kPrefixedPartBytes : kPartBytes;
        m_fingerprint = "sentencepiece-1-" + hash128(model).hex();
    }

    std::string name() const override { return "sentencepiece"; }
    int vocabulary() const override { return m_processor.GetPieceSize(); }
    TokenId endOfDocument() const override { return static_cast<TokenId>(m_processor.eos_id()); }
    std::string fingerprint() const override { return m_fingerprint; }

    void encode(std::string_view text, std::vector<TokenId> &out) const override
    {
        std::vector<int> ids;
        while (!text.empty()) {
            const std::string_view part = partOf(text, m_partBytes);
            ids.clear();
            if (!m_processor.Encode({part.data(), part.size()}, &ids).ok())
                throw Error("SentencePiece could not encode a text");
            for (const int id : ids)
                out.push_back(static_cast<TokenId>(id));
            text.remove_prefix(part.size());
        }
    }

    std::string decode(std::span<const TokenId> tokens) const override
    {
        std::vector<int> ids;
        for (const TokenId token : tokens) {
            if (token < m_processor.GetPieceSize() && token != m_processor.eos_id())
                ids.push_back(token);
        }
        std::string text;
        if (!m_processor.Decode(ids, &text).ok())
            throw Error("SentencePiece could not decode tokens");
        return text;
    }

private:
    sentencepiece::SentencePieceProcessor m_processor;
    std::size_t m_partBytes = 0;
    std::string m_fingerprint;
};

} // namespace

std::unique_ptr<Tokenizer> loadSentencePiece(const std::filesystem::path &model)
{
    return std::make_unique<SentencePieceTokenizer>(model);
}

} // namespace krater
