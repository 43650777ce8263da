// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/output.h"
#include "app/cli/table.h"
#include "app/cli/text_width.h"

#include <QTest>

#include <limits>

using namespace krater::cli;

// Text as terminals show it: widths, cut-offs, hostile names, numbers.
class CliTableTest : public QObject {
    Q_OBJECT

private slots:
    void measuresColumns_data();
    void measuresColumns();
    void makesHostileNamesHarmless();
    void truncatesAtCharacters();
    void alignsWideCharacters();
    void shrinksToTheTerminal();
    void wrapsWhatMustNotBeCut();
    void writesNumbersForPeople();
    void quotesForTheShell();
};

void CliTableTest::measuresColumns_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<int>("width");
    QTest::newRow("empty") << QByteArray() << 0;
    QTest::newRow("ascii") << QByteArray("code") << 4;
    QTest::newRow("accents") << QByteArray("Früh") << 4;
    QTest::newRow("combining") << QByteArray("e\xCC\x81") << 1;
    QTest::newRow("chinese") << QByteArray("手册") << 4;
    QTest::newRow("korean and latin") << QByteArray("한a") << 3;
    QTest::newRow("emoji") << QByteArray("🏺") << 2;
    QTest::newRow("not UTF-8") << QByteArray("a\xFF\xFE") << 3;
}

void CliTableTest::measuresColumns()
{
    QFETCH(const QByteArray, text);
    QFETCH(const int, width);
    QCOMPARE(displayWidth(text.toStdString()), width);
    QCOMPARE(displayWidth(paddedRight(text.toStdString(), 12)), 12);
    QCOMPARE(displayWidth(paddedLeft(text.toStdString(), 12)), 12);
}

void CliTableTest::makesHostileNamesHarmless()
{
    const std::string clean = printable("a\x1b[2Jb\r\n\x07\xC2\x9B"
                                        "31m\xFF");
    QCOMPARE(clean,
             std::string("a\uFFFD[2Jb\uFFFD\uFFFD\uFFFD\uFFFD"
                         "31m\uFFFD"));
    QCOMPARE(printableText("\ta\x1b[2J\n\r\n"), std::string("\ta\uFFFD[2J\n\uFFFD\n"));
    QCOMPARE(printable("手册 é"), std::string("手册 é"));
    QCOMPARE(printable("\xC0\xAF"), std::string("\uFFFD\uFFFD"));           // overlong
    QCOMPARE(printable("\xED\xA0\x80"), std::string("\uFFFD\uFFFD\uFFFD")); // surrogate
}

void CliTableTest::truncatesAtCharacters()
{
    QCOMPARE(truncated("encyclopedia", 12), std::string("encyclopedia"));
    QCOMPARE(truncated("encyclopedia", 5), std::string("ency…"));
    QCOMPARE(truncated("手册手册", 6), std::string("手册…")); // a wide character that would not fit is left out
    QCOMPARE(truncated("abc", 0), std::string());
}

void CliTableTest::alignsWideCharacters()
{
    Table table({{"domain"}, {"loss", Table::Align::Right}});
    table.addRow({"手册", "1.5"});
    table.addRow({"code", "12.5"});
    QCOMPARE(table.text(), std::string("domain  loss\n手册     1.5\ncode    12.5\n"));
}

void CliTableTest::shrinksToTheTerminal()
{
    Table table({{"name", Table::Align::Left, true}, {"state"}, {"loss", Table::Align::Right}});
    table.addRow({"a very long name of a run that nobody wants to read", "Done", "2.25"});
    for (const int width : {80, 40, 25}) {
        for (const std::string &line : table.lines(width))
            QVERIFY(displayWidth(line) <= width);
        QVERIFY(QByteArray::fromStdString(table.text(width)).contains("2.25"));
    }
    for (const std::string &line : table.lines(7)) // narrower than anything can be: cut
        QVERIFY(displayWidth(line) <= 7);
}

void CliTableTest::wrapsWhatMustNotBeCut()
{
    QCOMPARE(wrapped("one two three", 8), std::string("one two\nthree\n"));
    QCOMPARE(wrapped("Text: one two three", 12, 6), std::string("Text: one\n      two\n      three\n"));
    QCOMPARE(wrapped("training.learning_rate", 10), std::string("training.l\nearning_ra\nte\n"));
    QCOMPARE(wrapped("one two", 0), std::string("one two\n"));
    QCOMPARE(wrapped("手册手册", 5), std::string("手册\n手册\n"));
    QCOMPARE(wrapped("", 5), std::string("\n"));
    Table table({{"key", Table::Align::Left, false, true}, {"value", Table::Align::Right}});
    table.addRow({"a long key", "1"});
    QCOMPARE(table.text(13), std::string("key     value\na long      1\nkey\n"));
    QVERIFY(table.fits(13));
    QVERIFY(!table.fits(12)); // a column keeps six
}

void CliTableTest::writesNumbersForPeople()
{
    QCOMPARE(durationText(0.34), std::string("0.3 s"));
    QCOMPARE(durationText(9.96), std::string("10 s"));
    const double nothing = std::numeric_limits<double>::quiet_NaN();
    QCOMPARE(countText(999), std::string("999"));
    QCOMPARE(countText(1'234'567), std::string("1,234,567"));
    QCOMPARE(countText(-12'345), std::string("-12,345"));
    QCOMPARE(shortCountText(9'999), std::string("9,999"));
    QCOMPARE(shortCountText(2'500'000), std::string("2.50 M"));
    QCOMPARE(shortCountText(25'000), std::string("25.0 k"));
    QCOMPARE(shareText(0.6457), std::string("64.6 %"));
    QCOMPARE(lossText(nothing), std::string("-"));
    QCOMPARE(shareText(nothing), std::string("-"));
    QCOMPARE(countText(nothing), std::string("-"));
    QCOMPARE(durationText(59.6), std::string("1 min 00 s"));
    QCOMPARE(durationText(3'725), std::string("1 h 02 min"));
    QCOMPARE(durationText(nothing), std::string("-"));
    QCOMPARE(bytesText(1536), std::string("1.5 KiB"));
    QCOMPARE(Json({{"loss", nothing}, {"share", 0.1 + 0.2}}).dump(),
             std::string("{\"loss\":null,\"share\":0.30000000000000004}"));
}

void CliTableTest::quotesForTheShell()
{
    QCOMPARE(shellQuoted("/home/a/runs.krater"), std::string("/home/a/runs.krater"));
    QCOMPARE(shellQuoted("my runs"), std::string("'my runs'"));
    QCOMPARE(shellQuoted("it's $HOME"), std::string("'it'\\''s $HOME'"));
    QCOMPARE(shellQuoted(""), std::string("''"));
}

QTEST_GUILESS_MAIN(CliTableTest)
#include "tst_cli_table.moc"
