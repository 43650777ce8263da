// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/rng.h"
#include "core/corpus/tokenizer_training.h"
#include "core/corpus/utf8.h"
#include "core/train/text_generation.h"

#include "tests/support/stub_language_model.h"

#include <QTemporaryDir>
#include <QTest>

#include <cmath>
#include <limits>
#include <map>

using namespace krater;

namespace {

constexpr std::size_t kContext = 8;
constexpr int kVocabulary = 257; // of the byte tokenizer

// Says one token after the other, whatever it sees, and remembers what that was.
class ScriptedModel : public StubLanguageModel {
public:
    ScriptedModel(std::vector<TokenId> tokens, int vocabulary)
        : m_tokens(std::move(tokens))
        , m_vocabulary(std::size_t(vocabulary))
    {
    }

    std::vector<float> nextTokenLogits(std::span<const TokenId> tokens) override
    {
        std::vector<float> logits(m_vocabulary);
        logits.at(m_tokens.at(seen.size())) = 1;
        seen.emplace_back(tokens.begin(), tokens.end());
        return logits;
    }

    std::vector<std::vector<TokenId>> seen;

private:
    std::vector<TokenId> m_tokens;
    std::size_t m_vocabulary;
};

// The same chances at every place.
class ConstantModel : public StubLanguageModel {
public:
    explicit ConstantModel(std::map<char, double> chances) : m_logits(kVocabulary, -50.0F)
    {
        for (const auto &[letter, chance] : chances)
            m_logits[static_cast<unsigned char>(letter)] = static_cast<float>(std::log(chance));
    }
    std::vector<float> nextTokenLogits(std::span<const TokenId>) override { return m_logits; }

private:
    std::vector<float> m_logits;
};

// A token is a word and the space before it, which goes at the beginning of a text.
class WordTokenizer : public Tokenizer {
public:
    std::string name() const override { return "words"; }
    int vocabulary() const override { return int(m_words.size()) + 1; }
    TokenId endOfDocument() const override { return TokenId(m_words.size()); }
    std::string fingerprint() const override { return "words"; }
    void encode(std::string_view text, std::vector<TokenId> &out) const override
    {
        for (std::size_t i = 0; i < m_words.size(); ++i)
            if (text == m_words[i])
                out.push_back(TokenId(i));
    }
    std::string decode(std::span<const TokenId> tokens) const override
    {
        std::string text;
        for (const TokenId token : tokens)
            text += token < m_words.size() ? ' ' + m_words[token] : std::string();
        return text.empty() ? text : text.substr(1);
    }

private:
    std::vector<std::string> m_words{"wine", "and", "water"};
};

GenerationConfig greedy(std::size_t maxTokens)
{
    return {.maxTokens = maxTokens, .temperature = 0, .topK = 0, .seed = 0};
}

std::vector<TokenId> bytesOf(std::string_view text)
{
    std::vector<TokenId> tokens;
    makeByteTokenizer()->encode(text, tokens);
    return tokens;
}

// What a model that says `tokens` is understood as; every piece must be UTF-8, and the pieces the text.
std::string textOf(const std::vector<TokenId> &tokens, const Tokenizer &tokenizer, std::string_view prompt)
{
    ScriptedModel model(tokens, tokenizer.vocabulary());
    std::string pieces;
    bool isUtf8 = true;
    const auto onText = [&](std::string_view piece) {
        isUtf8 = isUtf8 && isValidUtf8(piece) && !piece.empty();
        pieces += piece;
    };
    const GeneratedText generated = generateText(model, tokenizer, kContext, prompt, greedy(tokens.size()), onText);
    return isUtf8 && pieces == generated.text ? generated.text : "pieces that are not the text";
}

} // namespace

class TestTextGeneration : public QObject {
    Q_OBJECT

private slots:
    void takesTheLikeliestToken()
    {
        LanguageModelSpec spec;
        spec.vocabulary = kVocabulary;
        const auto model = makeFakeEngine()->create(spec); // after each byte the next one is likely
        const GeneratedText generated = generateText(*model, *makeByteTokenizer(), kContext, "ab", greedy(20));
        QCOMPARE(generated.text, std::string("cdefghijklmnopqrstuv"));
        QCOMPARE(generated.numPromptTokens, std::size_t{2});
        QCOMPARE(generated.numTokens, std::size_t{20});
        QVERIFY(generated.end == GeneratedText::End::Length);
    }

    void endsWithTheDocument()
    {
        std::vector<TokenId> tokens = bytesOf("the end.");
        tokens.push_back(256);
        ScriptedModel model(tokens, kVocabulary);
        const GeneratedText generated = generateText(model, *makeByteTokenizer(), kContext, "", greedy(100));
        QCOMPARE(generated.text, std::string("the end."));
        QCOMPARE(generated.numTokens, std::size_t{8});
        QCOMPARE(generated.numPromptTokens, std::size_t{0});
        QVERIFY(generated.end == GeneratedText::End::Document);
        QCOMPARE(model.seen.front(), std::vector<TokenId>{256}); // the beginning of a document follows the end of one
    }

    void theModelSeesWhatFitsItsContext()
    {
        ScriptedModel model(bytesOf("0123"), kVocabulary);
        const GeneratedText generated = generateText(model, *makeByteTokenizer(), kContext, "abcdefg", greedy(4));
        QCOMPARE(generated.text, std::string("0123"));
        QCOMPARE(model.seen,
                 (std::vector<std::vector<TokenId>>{bytesOf("abcdefg"), bytesOf("abcdefg0"), bytesOf("bcdefg01"),
                                                    bytesOf("cdefg012")}));
        ScriptedModel second(bytesOf("0"), kVocabulary);
        QCOMPARE(generateText(second, *makeByteTokenizer(), kContext, "long, too long", greedy(1)).numPromptTokens,
                 std::size_t{14});
        QCOMPARE(second.seen.front(), bytesOf("too long"));
    }

    void isCancelled()
    {
        ScriptedModel model(bytesOf("abcdef"), kVocabulary);
        int numAsked = 0;
        const GeneratedText generated =
            generateText(model, *makeByteTokenizer(), kContext, "", greedy(6), {}, [&] { return ++numAsked <= 3; });
        QCOMPARE(generated.text, std::string("abc"));
        QVERIFY(generated.end == GeneratedText::End::Cancelled);
    }

    void drawsByTheChances()
    {
        ConstantModel model({{'a', 0.6}, {'b', 0.3}, {'c', 0.1}});
        const auto shares = [&](double temperature, std::size_t topK) {
            constexpr std::size_t count = 20'000;
            const std::string text =
                generateText(model, *makeByteTokenizer(), kContext, "",
                             {.maxTokens = count, .temperature = temperature, .topK = topK, .seed = 4})
                    .text;
            std::vector<double> found;
            for (const char letter : {'a', 'b', 'c'})
                found.push_back(double(std::ranges::count(text, letter)) / double(count));
            return found;
        };
        const auto near = [](const std::vector<double> &found, const std::vector<double> &expected) {
            for (std::size_t i = 0; i < found.size(); ++i)
                if (std::abs(found[i] - expected[i]) > 0.015) // over 4 standard deviations
                    return false;
            return true;
        };
        QVERIFY(near(shares(1, 0), {0.6, 0.3, 0.1}));
        QVERIFY(near(shares(1, 2), {0.6 / 0.9, 0.3 / 0.9, 0}));
        QVERIFY(near(shares(0.5, 0), {0.36 / 0.46, 0.09 / 0.46, 0.01 / 0.46}));
        QCOMPARE(shares(1, 1), (std::vector<double>{1, 0, 0}));
        QCOMPARE(shares(0, 3), (std::vector<double>{1, 0, 0}));
        QCOMPARE(shares(1e-300, 0), (std::vector<double>{1, 0, 0}));
        QVERIFY(near(shares(1, 1'000'000), {0.6, 0.3, 0.1}));
    }

    void theSeedDecides()
    {
        ConstantModel model({{'a', 0.5}, {'b', 0.5}});
        const auto textWith = [&](std::uint64_t seed) {
            return generateText(model, *makeByteTokenizer(), kContext, "",
                                {.maxTokens = 50, .temperature = 1, .topK = 0, .seed = seed})
                .text;
        };
        QCOMPARE(textWith(1), textWith(1));
        QVERIFY(textWith(1) != textWith(2));
    }

    void equallyLikelyTokensAreTakenInOrder()
    {
        ConstantModel model({{'b', 0.5}, {'a', 0.5}});
        QCOMPARE(generateText(model, *makeByteTokenizer(), kContext, "", greedy(3)).text, std::string("aaa"));
    }

    // Bytes that are no character, also at the end, become U+FFFD, and characters are never torn.
    void bytesBecomeText_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::newRow("characters") << QByteArray("κρατήρ, 水, 🍷.\n");
        QTest::newRow("cut off") << QByteArray("wine \xf0\x9f\x8d");
        QTest::newRow("no beginning") << QByteArray("\x80\xbf wine");
        QTest::newRow("another beginning") << QByteArray("\xe2\x96\xe2\x96\x81 \xe2wine\xff\xf0\x9f");
    }
    void bytesBecomeText()
    {
        QFETCH(QByteArray, bytes);
        std::uint64_t numRepaired = 0;
        const std::string expected = repairUtf8(bytes.toStdString(), numRepaired);
        QCOMPARE(textOf(bytesOf(bytes.toStdString()), *makeByteTokenizer(), "é"), expected);
    }

    void anyBytesBecomeText()
    {
        Rng rng(3);
        for (int round = 0; round < 300; ++round) {
            std::string bytes;
            for (int i = 0; i < 12; ++i)
                bytes += "a\xe2\x96\x81\xf0\x9f\x8d\xb7\xc3\xa9"[rng.below(10)];
            std::uint64_t numRepaired = 0;
            const std::string expected = repairUtf8(bytes, numRepaired);
            QCOMPARE(textOf(bytesOf(bytes), *makeByteTokenizer(), ""), expected);
        }
    }

    void piecesBecomeText()
    {
        const QTemporaryDir folder;
        const std::string file = folder.filePath(QStringLiteral("sample.model")).toStdString();
        const std::vector<std::string> lines(40, "The wine, and the water; mixed as the Greeks did.");
        writeFileAtomically(file, trainSentencePiece(lines, 300));
        const auto tokenizer = loadSentencePiece(file);
        // What the model does not know is made of bytes: characters of up to four tokens.
        for (const std::string text : {" and the  water", "   ", "  wine\n\tdid  ", "κρατήρ 水 🍷🍷 the end", "é"}) {
            std::vector<TokenId> tokens;
            tokenizer->encode(text, tokens);
            QCOMPARE(textOf(tokens, *tokenizer, "The wine"), text);
            QCOMPARE(textOf(tokens, *tokenizer, ""), text);
        }
        std::vector<TokenId> cut;
        tokenizer->encode("wine 🍷", cut);
        cut.pop_back();
        QVERIFY(textOf(cut, *tokenizer, "The ").starts_with("wine \xef\xbf\xbd"));
    }

    void spacesBetweenTokensStay()
    {
        const WordTokenizer tokenizer;
        QCOMPARE(textOf({1, 2}, tokenizer, "wine"), std::string(" and water"));
        QCOMPARE(textOf({0, 1, 2}, tokenizer, ""), std::string("wine and water"));
        QCOMPARE(textOf(std::vector<TokenId>(60, 1), tokenizer, "wine").size(), std::size_t{60 * 4});
    }

    void refusesWhatItCannotDo()
    {
        ConstantModel model({{'a', 1.0}});
        const auto with = [&](const std::string &prompt, const GenerationConfig &config) {
            generateText(model, *makeByteTokenizer(), kContext, prompt, config);
        };
        QVERIFY_THROWS_EXCEPTION(Error, with("\xff", {}));
        QVERIFY_THROWS_EXCEPTION(Error, with(std::string(kMaxPromptBytes + 1, 'a'), {}));
        for (const double temperature :
             {-1.0, std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()})
            QVERIFY_THROWS_EXCEPTION(Error,
                                     with("a", {.maxTokens = 1, .temperature = temperature, .topK = 0, .seed = 0}));
        QVERIFY_THROWS_EXCEPTION(Error, with("a", greedy(kMaxGeneratedTokens + 1)));
        with(std::string(kMaxPromptBytes, 'a'), greedy(1));
        ConstantModel diverged({{'a', std::numeric_limits<double>::quiet_NaN()}});
        QVERIFY_THROWS_EXCEPTION(Error, generateText(diverged, *makeByteTokenizer(), kContext, "a", greedy(1)));
    }
};

QTEST_GUILESS_MAIN(TestTextGeneration)
#include "tst_text_generation.moc"
