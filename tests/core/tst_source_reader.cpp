// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/corpus/source_reader.h"
#include "tests/core/corpus_samples.h"

#include <QTest>

#include <sys/stat.h>

using namespace krater;
using namespace krater::test;

namespace {

// Long enough for several buffers, and not only of one letter.
std::string longText()
{
    std::string text;
    for (std::uint64_t i = 0; text.size() < 3'000'000; ++i)
        text += "line " + std::to_string(i * 7919 % 100'003) + "\n";
    return text;
}

class SourceReaderTest : public QObject {
    Q_OBJECT

private slots:
    void readsWhatIsThere_data();
    void readsWhatIsThere();
    void reportsDamage_data();
    void reportsDamage();
    void boundsTheOutput();
    void refusesWhatIsNoFile();
    void stopsWhenAsked();
    void survivesRandomDamage();

private:
    SampleFolder m_folder;
};

void SourceReaderTest::readsWhatIsThere_data()
{
    QTest::addColumn<std::string>("bytes");
    QTest::addColumn<std::string>("text");
    const std::string text = longText();
    const std::string gzip = gzipped(text);
    const std::string zstd = zstdCompressed(text);
    QTest::newRow("empty") << std::string() << std::string();
    QTest::newRow("plain") << text << text;
    QTest::newRow("gzip") << gzip << text;
    QTest::newRow("gzip of nothing") << gzipped("") << std::string();
    QTest::newRow("gzip, several members")
        << gzip + gzipped("") + gzipped("and more") + gzip << text + "and more" + text;
    QTest::newRow("gzip, padded") << gzip + std::string(1'000'000, '\0') << text;
    QTest::newRow("zstd") << zstd << text;
    QTest::newRow("zstd of nothing") << zstdCompressed("") << std::string();
    QTest::newRow("zstd, several frames")
        << zstd + zstdCompressed("") + zstdCompressed("and more") << text + "and more";
    // A skippable frame (RFC 8878, 3.1.2): magic, size, content.
    QTest::newRow("zstd, skippable frame first")
        << std::string("\x50\x2a\x4d\x18\x03\x00\x00\x00xyz", 11) + zstd << text;
    QTest::newRow("gzip and rubbish") << gzip + "rubbish" << text;
    QTest::newRow("looks like gzip for a while") << std::string("\x1f\x8bplain") << std::string("\x1f\x8bplain");
}

void SourceReaderTest::readsWhatIsThere()
{
    QFETCH(std::string, bytes);
    QFETCH(std::string, text);
    const auto file = m_folder.write("file", bytes);
    QVERIFY(readSourceFile(file) == text);
    QVERIFY(readSourceFile(file, text.size()) == text);

    SourceReader reader(file);
    std::string pieces;
    std::string buffer(777, '\0');
    for (std::size_t got = buffer.size(); got == buffer.size();) {
        got = reader.read(buffer);
        pieces.append(buffer, 0, got);
    }
    QVERIFY(pieces == text);
    const bool hasRubbish = bytes.ends_with("rubbish");
    QCOMPARE(reader.bytesConsumed(), std::uint64_t{bytes.size() - (hasRubbish ? 7 : 0)});
    QCOMPARE(!reader.remark().empty(), hasRubbish);
}

void SourceReaderTest::reportsDamage_data()
{
    QTest::addColumn<std::string>("bytes");
    const std::string gzip = gzipped(longText());
    const std::string zstd = zstdCompressed(longText());
    const auto flipped = [](std::string bytes) {
        bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 0x55);
        return bytes;
    };
    QTest::newRow("gzip cut") << gzip.substr(0, gzip.size() - 9);
    QTest::newRow("gzip header only") << gzip.substr(0, 10);
    QTest::newRow("gzip flipped") << flipped(gzip);
    QTest::newRow("gzip and half a member") << gzip + gzip.substr(0, 100);
    QTest::newRow("zstd cut") << zstd.substr(0, zstd.size() - 9);
    QTest::newRow("zstd flipped header") << zstd.substr(0, 4) + std::string(20, '\xff');
    QTest::newRow("zstd and rubbish") << zstd + "rubbish";
}

void SourceReaderTest::reportsDamage()
{
    QFETCH(std::string, bytes);
    const auto file = m_folder.write("file", bytes);
    QVERIFY_EXCEPTION_THROWN(readSourceFile(file), Error);
}

void SourceReaderTest::boundsTheOutput()
{
    const std::string zeros(50'000'000, '\0');
    const auto gzip = m_folder.write("bomb.gz", gzipped(zeros)); // under 50 KB
    const auto zstd = m_folder.write("bomb.zst", zstdCompressed(zeros));
    QVERIFY_EXCEPTION_THROWN(readSourceFile(gzip, 1'000'000), Error);
    QVERIFY_EXCEPTION_THROWN(readSourceFile(zstd, 1'000'000), Error);
    // A frame whose header asks for a window of 2 GiB (RFC 8878, 3.1.1.1.2), as no file of a few bytes can need.
    const auto window = m_folder.write("window.zst", std::string("\x28\xb5\x2f\xfd\x00\xa8\x01\x00\x00", 9));
    QVERIFY_EXCEPTION_THROWN(readSourceFile(window), Error);
    const auto plain = m_folder.write("plain", "12345");
    QVERIFY_EXCEPTION_THROWN(readSourceFile(plain, 4), Error);
    QCOMPARE(readSourceFile(plain, 5), std::string("12345"));
}

void SourceReaderTest::refusesWhatIsNoFile()
{
    QVERIFY_EXCEPTION_THROWN(readSourceFile(m_folder.path("missing")), Error);
    QVERIFY_EXCEPTION_THROWN(readSourceFile(m_folder.path()), Error);
    const auto pipe = m_folder.path("pipe");
    QCOMPARE(::mkfifo(pipe.c_str(), 0600), 0);
    QVERIFY_EXCEPTION_THROWN(readSourceFile(pipe), Error); // and does not wait for a writer
    QVERIFY_EXCEPTION_THROWN(readSourceFile("/dev/zero"), Error);
}

void SourceReaderTest::stopsWhenAsked()
{
    const auto file = m_folder.write("file", gzipped(longText()));
    std::stop_source stop;
    stop.request_stop();
    QVERIFY(readSourceFile(file, 1 << 30, stop.get_token()).size() < longText().size());
}

void SourceReaderTest::survivesRandomDamage()
{
    Rng rng(20);
    const std::string text = longText().substr(0, 5'000);
    for (int round = 0; round < 300; ++round) {
        std::string bytes = round % 2 == 0 ? gzipped(text) : zstdCompressed(text);
        for (std::uint64_t flips = 1 + rng.below(4); flips > 0; --flips)
            bytes[rng.below(bytes.size())] = static_cast<char>(rng());
        const auto file = m_folder.write("file", bytes);
        try {
            QVERIFY(readSourceFile(file, 1 << 20).size() <= 1 << 20);
        } catch (const Error &error) {
            QVERIFY(*error.what() != '\0');
        }
    }
}

} // namespace

QTEST_GUILESS_MAIN(SourceReaderTest)
#include "tst_source_reader.moc"
