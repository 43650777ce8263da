// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/corpus/tokenizer.h"
#include "core/corpus/tokenizer_training.h"
#include "tests/core/corpus_samples.h"

#include <QTest>

#include <algorithm>
#include <numeric>

#include <fcntl.h>
#include <unistd.h>

using namespace krater;
using namespace krater::test;

namespace {

// Words in a natural order of frequency, with indentation, digits and some Chinese.
std::vector<std::string> sampleLines()
{
    const std::vector<std::string> words = {
        "the",   "krater",    "holds",        "wine",   "and",        "water", "mixture", "of", "domains", "training",
        "token", "def f(x):", "return x + 1", "第一章", "系统初始化", "2023",  "naïve",   "  ", "        "};
    Rng rng(5);
    std::vector<std::string> lines;
    for (int i = 0; i < 3'000; ++i) {
        std::string line = i % 3 == 0 ? "    " : "";
        for (std::uint64_t left = 2 + rng.below(12); left > 0; --left)
            line += words[rng.below(1 + rng.below(words.size()))] + " ";
        lines.push_back(line);
    }
    return lines;
}

class TokenizerTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase();
    void bytesAreTokens();
    void sentencePieceKeepsEveryText_data();
    void sentencePieceKeepsEveryText();
    void sentencePieceKeepsRandomText();
    void sentencePieceShortensText();
    void longTextIsEncodedInParts();
    void trainingIsRepeatable();
    void trainingFitsTheVocabulary();
    void trainingIsSilent();
    void badModelsAreRefused();
    void sampleIsBoundedAndIndependentOfOrder();
    void sampleIsNatural();

private:
    SampleFolder m_folder;
    std::unique_ptr<Tokenizer> m_tokenizer;
};

void TokenizerTest::initTestCase()
{
    m_tokenizer = loadSentencePiece(m_folder.write("sample.model", trainSentencePiece(sampleLines(), 400)));
}

void TokenizerTest::bytesAreTokens()
{
    const auto tokenizer = makeByteTokenizer();
    QCOMPARE(tokenizer->vocabulary(), 257);
    QCOMPARE(tokenizer->endOfDocument(), TokenId{256});
    std::vector<TokenId> tokens = {7};
    tokenizer->encode(std::string_view("a\0\xff", 3), tokens);
    QCOMPARE(tokens, std::vector<TokenId>({7, 97, 0, 255}));
    tokens.push_back(256);
    QCOMPARE(tokenizer->decode(tokens),
             std::string("\x07"
                         "a\0\xff",
                         4));
    QCOMPARE(tokenizer->name(), std::string("bytes"));
}

void TokenizerTest::sentencePieceKeepsEveryText_data()
{
    QTest::addColumn<std::string>("text");
    QTest::newRow("nothing") << std::string();
    QTest::newRow("words") << std::string("the krater holds wine");
    QTest::newRow("space around") << std::string("  wine  \n\n  water ");
    QTest::newRow("code") << std::string("def f(x):\n    return x + 1\n\n\tx = 2\r\n");
    QTest::newRow("not composed") << std::string(
        "e\u0301 \ufb01 \u2460 \u3000 \u00a0"); // a normaliser would change all of these
    QTest::newRow("Chinese") << std::string("第 3 章 系统初始化。");
    QTest::newRow("unseen characters") << std::string("🍷 ʘ ไทย עברית");
    QTest::newRow("control characters") << std::string("\x01\x7f\x1b[0m");
    QTest::newRow("markers") << std::string("<unk></s><0x41> <s>");
}

void TokenizerTest::sentencePieceKeepsEveryText()
{
    QFETCH(std::string, text);
    std::vector<TokenId> tokens;
    m_tokenizer->encode(text, tokens);
    QVERIFY(std::ranges::all_of(tokens, [&](TokenId token) {
        return token < m_tokenizer->vocabulary() && token != m_tokenizer->endOfDocument();
    }));
    tokens.push_back(m_tokenizer->endOfDocument());
    QCOMPARE(m_tokenizer->decode(tokens), text);
}

void TokenizerTest::sentencePieceKeepsRandomText()
{
    const std::vector<std::string> pieces = {"wine", " ", "  ", "\n", "\t", "é",    "第",     "章", "🍷",
                                             "0",    "1", ".",  "\"", "<",  "</s>", "\u0301", "▂"};
    Rng rng(9);
    for (int round = 0; round < 500; ++round) {
        const std::string text = randomPieces(rng, pieces, 40);
        std::vector<TokenId> tokens;
        m_tokenizer->encode(text, tokens);
        QCOMPARE(m_tokenizer->decode(tokens), text);
    }
}

void TokenizerTest::sentencePieceShortensText()
{
    const std::string text = "the krater holds wine and water";
    std::vector<TokenId> tokens;
    m_tokenizer->encode(text, tokens);
    QVERIFY(tokens.size() <= text.size() / 3);
    QCOMPARE(m_tokenizer->vocabulary(), 400);
    QCOMPARE(m_tokenizer->name(), std::string("sentencepiece"));
}

void TokenizerTest::longTextIsEncodedInParts()
{
    std::string text;
    std::vector<TokenId> lineByLine;
    for (int i = 0; i < 5'000; ++i) {
        const std::string line = "the krater " + std::to_string(i) + " holds wine\n";
        text += line;
        m_tokenizer->encode(line, lineByLine);
    }
    std::vector<TokenId> tokens;
    m_tokenizer->encode(text, tokens);
    QVERIFY(tokens == lineByLine);
    const std::string noLines(200'000, 'w');
    tokens.clear();
    m_tokenizer->encode(noLines, tokens);
    QVERIFY(m_tokenizer->decode(tokens) == noLines);
}

void TokenizerTest::trainingIsRepeatable()
{
    const std::string model = trainSentencePiece(sampleLines(), 400);
    QVERIFY(model == trainSentencePiece(sampleLines(), 400));
    QCOMPARE(loadSentencePiece(m_folder.write("again.model", model))->fingerprint(), m_tokenizer->fingerprint());
    const auto other = loadSentencePiece(m_folder.write("other.model", trainSentencePiece(sampleLines(), 300)));
    QVERIFY(other->fingerprint() != m_tokenizer->fingerprint());
}

void TokenizerTest::trainingFitsTheVocabulary()
{
    // More characters than pieces: the rare ones are left to bytes.
    std::string chinese;
    for (int i = 0; i < 3'000; ++i) {
        const int code = 0x4e00 + i;
        chinese += {static_cast<char>(0xe0 | (code >> 12)), static_cast<char>(0x80 | ((code >> 6) & 63)),
                    static_cast<char>(0x80 | (code & 63))};
    }
    const auto small =
        loadSentencePiece(m_folder.write("small.model", trainSentencePiece({chinese, "一一一一二二二"}, 300)));
    QVERIFY(small->vocabulary() <= 300);
    std::vector<TokenId> tokens;
    small->encode(chinese, tokens);
    QVERIFY(small->decode(tokens) == chinese);
    // Fewer pieces in the text than asked for.
    const auto large = loadSentencePiece(m_folder.write("large.model", trainSentencePiece({"wine and water"}, 60'000)));
    QVERIFY(large->vocabulary() > 258 && large->vocabulary() < 400);
    QVERIFY_EXCEPTION_THROWN(trainSentencePiece({}, 400), Error);
    QVERIFY_EXCEPTION_THROWN(trainSentencePiece({"wine"}, 258), Error);
    QVERIFY_EXCEPTION_THROWN(trainSentencePiece({"wine"}, 65'537), Error);
}

void TokenizerTest::trainingIsSilent()
{
    const auto file = m_folder.path("stderr");
    const int saved = ::dup(STDERR_FILENO);
    const int captured = ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    ::dup2(captured, STDERR_FILENO);
    trainSentencePiece(sampleLines(), 300);
    try {
        loadSentencePiece(m_folder.write("bad.model", "not a model"));
    } catch (const Error &) {
    }
    ::dup2(saved, STDERR_FILENO);
    ::close(saved);
    ::close(captured);
    QCOMPARE(readFile(file, 1 << 20), std::string());
}

void TokenizerTest::badModelsAreRefused()
{
    QVERIFY_EXCEPTION_THROWN(loadSentencePiece(m_folder.path("missing")), Error);
    QVERIFY_EXCEPTION_THROWN(loadSentencePiece(m_folder.write("empty.model", "")), Error);
    const std::string model = readFile(m_folder.path("sample.model"), 1 << 20);
    QVERIFY_EXCEPTION_THROWN(loadSentencePiece(m_folder.write("cut.model", model.substr(0, model.size() / 2))), Error);
    Rng rng(4);
    for (int round = 0; round < 100; ++round) {
        std::string damaged = model;
        for (int i = 0; i < 3; ++i)
            damaged[rng.below(damaged.size())] = static_cast<char>(rng());
        try {
            const auto tokenizer = loadSentencePiece(m_folder.write("damaged.model", damaged));
            QVERIFY(tokenizer->vocabulary() <= 65'536);
        } catch (const Error &) {
        }
    }
}

void TokenizerTest::sampleIsBoundedAndIndependentOfOrder()
{
    std::vector<std::string> documents;
    for (int i = 0; i < 500; ++i)
        documents.push_back("document " + std::to_string(i) + "\nits second line\n\n"
                            + std::string(static_cast<std::size_t>(i * 30), 'x') + "\n");
    const auto sampleOf = [](const std::vector<std::string> &texts, std::size_t maxBytes) {
        LineSample sample(maxBytes);
        for (const std::string &text : texts)
            sample.add(text, hash128(text));
        return sample.take();
    };
    const std::vector<std::string> sample = sampleOf(documents, 50'000);
    std::size_t bytes = 0;
    for (const std::string &line : sample) {
        bytes += line.size();
        QVERIFY(line.size() <= 4'096 && !line.empty() && line.find('\n') == std::string::npos);
    }
    QVERIFY(bytes >= 50'000 && bytes < 50'000 + 4'096);
    std::ranges::reverse(documents);
    QCOMPARE(sampleOf(documents, 50'000), sample);
    QCOMPARE(sampleOf({"one\n\ntwo"}, 50'000).size(), std::size_t{2}); // all of it, if there is not more
}

void TokenizerTest::sampleIsNatural()
{
    // Domains of 4 to 1 in lines of the same length: so is the sample.
    LineSample sample(40'000);
    for (int i = 0; i < 10'000; ++i) {
        const std::string text = (i % 5 == 0 ? "small " : "large ") + std::to_string(10'000 + i);
        sample.add(text, hash128(text));
    }
    const std::vector<std::string> lines = sample.take();
    const auto numSmall =
        std::ranges::count_if(lines, [](const std::string &line) { return line.starts_with("small"); });
    const double share = static_cast<double>(numSmall) / static_cast<double>(lines.size());
    QVERIFY(std::abs(share - 0.2) < 4 * std::sqrt(0.2 * 0.8 / static_cast<double>(lines.size())));
}

} // namespace

QTEST_GUILESS_MAIN(TokenizerTest)
#include "tst_tokenizer.moc"
