// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/corpus/html_nesting.h"
#include "core/corpus/html_text.h"
#include "core/corpus/regex_splitter.h"
#include "core/corpus/utf8.h"
#include "tests/core/corpus_samples.h"

#include <QElapsedTimer>
#include <QTest>

using namespace krater;
using namespace krater::test;

using Texts = std::vector<std::string>;

namespace {

const std::string kData = KRATER_TEST_DATA "/corpus/";

ReaderOptions splitBy(const std::string &regex)
{
    ReaderOptions options;
    options.splitter = std::make_shared<const RegexSplitter>(regex);
    return options;
}

class CorpusReadersTest : public QObject {
    Q_OBJECT

private slots:
    void registryGoesByNameAndExtension();
    void textIsADocument();
    void textIsDivided_data();
    void textIsDivided();
    void splitRegexesAreChecked();
    void jsonLinesAreDocuments();
    void jsonFieldsHavePaths();
    void jsonNestedTooDeeplyIsAProblem();
    void htmlIsTheVisibleText();
    void htmlIsDivided();
    void htmlSurvivesTagSoup_data();
    void htmlSurvivesTagSoup();
    void htmlXhtmlEmptyElementsEnd();
    void htmlNestedTooDeeplyIsRefused();
    void htmlGrowingWithoutBoundIsRefused();
    void openElementsAreCounted_data();
    void openElementsAreCounted();
    void htmlTakesBoundedTime_data();
    void htmlTakesBoundedTime();
    void utf8IsRepaired_data();
    void utf8IsRepaired();
    void utf8RepairIsBounded();
    void textIsCutAtCharacters();
    void readersStopWhenAsked();
    void readersSurviveRandomBytes();
};

void CorpusReadersTest::registryGoesByNameAndExtension()
{
    QCOMPARE(readers().front().name, std::string("text"));
    QVERIFY(findReader("pdf") == nullptr);
    QCOMPARE(readerFor("a/B.HTML", "auto").name, std::string("html"));
    QCOMPARE(readerFor("a/b.jsonl.zst", "auto").name, std::string("jsonl"));
    QCOMPARE(readerFor("a/b.json.GZ", "auto").name, std::string("jsonl"));
    QCOMPARE(readerFor("a/foldoc.dict.dz", "auto").name, std::string("text"));
    QCOMPARE(readerFor("a/b", "auto").name, std::string("text"));
    QCOMPARE(readerFor("a/b.html", "text").name, std::string("text"));
    QVERIFY_EXCEPTION_THROWN(readerFor("a/b", "pdf"), Error);
}

void CorpusReadersTest::textIsADocument()
{
    QCOMPARE(textsOf(readAll("text", "a\r\n\n b ")), Texts({"a\r\n\n b "}));
    QCOMPARE(textsOf(readAll("text", "\xef\xbb\xbfmarked")), Texts({"marked"}));
}

void CorpusReadersTest::textIsDivided_data()
{
    QTest::addColumn<std::string>("split");
    QTest::addColumn<std::string>("text");
    QTest::addColumn<Texts>("parts");
    const std::string fortunes = "(?m)^%$\\n?";
    QTest::newRow("fortunes") << fortunes << std::string("one\n-- A\n%\n100%\n% not\n%\nthree\n")
                              << Texts{"one\n-- A\n", "100%\n% not\n", "three\n"};
    QTest::newRow("fortunes, empty ones") << fortunes << std::string("%\n%\none\n%\n%") << Texts{"one\n"};
    const std::string dictionary = "\\n\\n(\\S)";
    QTest::newRow("dictionary") << dictionary << std::string("A\n\n   first\n\n   more\n\nB\nBB\n\n   second")
                                << Texts{"A\n\n   first\n\n   more", "B\nBB\n\n   second"};
    QTest::newRow("dictionary begins so") << dictionary << std::string("\n\nA\n\nB") << Texts{"A", "B"};
    QTest::newRow("group keeps all") << std::string("\\n(# )") << std::string("# a\nx\n# b\n# c")
                                     << Texts{"# a\nx", "# b", "# c"};
    QTest::newRow("group that does not take part")
        << std::string("(x)|-") << std::string("axb-c") << Texts{"a", "xb", "c"};
    QTest::newRow("no match") << std::string("%") << std::string("all of it") << Texts{"all of it"};
    QTest::newRow("nothing") << std::string("%") << std::string() << Texts{};
    QTest::newRow("only delimiters") << std::string("%") << std::string("%%%") << Texts{};
    QTest::newRow("empty matches") << std::string("(?m)^\\b") << std::string("ab\ncd") << Texts{"ab\n", "cd"};
    QTest::newRow("group longer than a letter") << std::string("a(aa)") << std::string("aaaaaa") << Texts{"aa", "aa"};
    QTest::newRow("UTF-8") << std::string("。") << std::string("一。二") << Texts{"一", "二"};
}

void CorpusReadersTest::textIsDivided()
{
    QFETCH(std::string, split);
    QFETCH(std::string, text);
    QFETCH(Texts, parts);
    const auto documents = readAll("text", text, splitBy(split));
    QCOMPARE(textsOf(documents), parts);
    for (std::size_t i = 0; i < documents.size(); ++i)
        QCOMPARE(documents[i].index, std::uint64_t{i});
}

void CorpusReadersTest::splitRegexesAreChecked()
{
    QVERIFY_EXCEPTION_THROWN(RegexSplitter("("), Error);
    QVERIFY_EXCEPTION_THROWN(RegexSplitter("x*"), Error);
    QVERIFY_EXCEPTION_THROWN(RegexSplitter("a{1000}{1000}"), Error);
    QVERIFY_EXCEPTION_THROWN(RegexSplitter("(?=look)"), Error);
}

void CorpusReadersTest::jsonLinesAreDocuments()
{
    const auto documents = readAll("jsonl", readFile(kData + "notes.jsonl", 1 << 20));
    const Texts texts = {"plain", "escapes: \" \\ \n é 🍷",  "", "", "", "", "", "", "", "",
                         "twice", "last without a line end"};
    QCOMPARE(textsOf(documents), texts);
    std::vector<std::uint64_t> bad;
    for (const ReadDocument &document : documents) {
        if (!document.problem.empty())
            bad.push_back(document.index + 1);
    }
    QCOMPARE(bad, std::vector<std::uint64_t>({4, 5, 6, 7, 8, 10, 11}));
    QCOMPARE(documents[2].problem, std::string("the field \"text\" is not text"));
    QCOMPARE(documents[3].problem, std::string("no field \"text\""));
    QCOMPARE(documents[5].problem, std::string("a JSON array, not an object"));
    QCOMPARE(readAll("jsonl", "\xef\xbb\xbf{\"text\":\"marked\"}\r\n \r\n").size(), std::size_t{1});
}

void CorpusReadersTest::jsonFieldsHavePaths()
{
    const std::string line =
        R"({"a": {"b.c": "dotted", "b": {"c": "nested"}, "list": [{"t": "first"}, {"t": "second"}]}})";
    const auto at = [&line](const std::string &path) {
        ReaderOptions options;
        options.textField = path;
        return readAll("jsonl", line, options).front();
    };
    QCOMPARE(at("a.b.c").text, std::string("dotted"));
    QCOMPARE(at("a.list.1.t").text, std::string("second"));
    QVERIFY(!at("a.list.2.t").problem.empty());
    QVERIFY(!at("a.list.-1.t").problem.empty());
    QVERIFY(!at("a.list.x").problem.empty());
    QVERIFY(!at("a..b").problem.empty());
    QVERIFY(!at("").problem.empty());
    QVERIFY(!at("a").problem.empty());
}

void CorpusReadersTest::jsonNestedTooDeeplyIsAProblem()
{
    const std::string deep =
        "{\"text\":" + std::string(1'000'000, '[') + std::string(1'000'000, ']') + "}\n{\"text\":\"next\"}";
    const auto documents = readAll("jsonl", deep);
    QCOMPARE(documents.size(), std::size_t{2});
    QVERIFY(!documents[0].problem.empty());
    QCOMPARE(documents[1].text, std::string("next"));
}

void CorpusReadersTest::htmlIsTheVisibleText()
{
    const auto documents = readAll("html", readFile(kData + "page.html", 1 << 20));
    std::string expected = readFile(kData + "page.txt", 1 << 20);
    expected.pop_back(); // the line end of the file
    QCOMPARE(QString::fromStdString(documents.at(0).text), QString::fromStdString(expected));
}

void CorpusReadersTest::htmlIsDivided()
{
    const std::string page = "<h1>Book</h1><p>1.1. A<br>1.2. B</p><h2>1.1. A</h2><p>x</p><h2>1.2. B</h2><p>y</p>";
    const auto documents = readAll("html", page, splitBy("\\n\\n(\\d+\\.\\d+\\. [^\\n]*\\n\\n)"));
    QCOMPARE(textsOf(documents), Texts({"Book\n\n1.1. A\n1.2. B", "1.1. A\n\nx", "1.2. B\n\ny"}));
}

void CorpusReadersTest::htmlSurvivesTagSoup_data()
{
    QTest::addColumn<std::string>("html");
    QTest::addColumn<std::string>("text");
    QTest::newRow("nothing") << std::string() << std::string();
    QTest::newRow("text only") << std::string(" a  b ") << std::string("a b");
    QTest::newRow("unclosed") << std::string("<p>a<p>b<li>c<td>d") << std::string("a\n\nb\n\ncd");
    QTest::newRow("misnested") << std::string("<b>a<i>b</b>c</i>") << std::string("abc");
    QTest::newRow("half a tag") << std::string("a<scr") << std::string("a");
    QTest::newRow("half a comment") << std::string("a<!-- b") << std::string("a");
    QTest::newRow("unclosed script") << std::string("a<script>b") << std::string("a");
    QTest::newRow("numeric entities") << std::string("&#65;&#x41;&#xD800;&#x110000;")
                                      << std::string("AA\xef\xbf\xbd\xef\xbf\xbd");
    QTest::newRow("words in inline elements") << std::string("<p>a<b>b</b> <i> c</i></p>") << std::string("ab c");
    QTest::newRow("breaks") << std::string("a<br><br><br>b") << std::string("a\n\nb");
    QTest::newRow("pre at the start") << std::string("<pre>\n  a\n\n\n b</pre> c") << std::string("  a\n\n\n b\n\nc");
    QTest::newRow("table in a list") << std::string("<ul><li><table><tr><td>1<td>2</table>") << std::string("1\t2");
    QTest::newRow("rows") << std::string("<table><tr><td> <td>x<tr><td>y</table>") << std::string("x\ny");
    QTest::newRow("frame") << std::string("<frameset><frame src=x></frameset><noframes>no</noframes>") << std::string();
}

void CorpusReadersTest::htmlSurvivesTagSoup()
{
    QFETCH(std::string, html);
    QFETCH(std::string, text);
    QCOMPARE(visibleText(html), text);
}

void CorpusReadersTest::htmlXhtmlEmptyElementsEnd()
{
    const std::string page =
        "<?xml version=\"1.0\"?><html><head><title/><script src=\"a.js\"/></head><body><p>text</p></body></html>";
    QCOMPARE(textsOf(readAll("html", page)), Texts({"text"}));
}

void CorpusReadersTest::htmlNestedTooDeeplyIsRefused()
{
    const auto nested = [](std::size_t depth, const std::string &tag) {
        std::string page;
        for (std::size_t i = 0; i < depth; ++i)
            page += tag;
        return page + "text";
    };
    QCOMPARE(visibleText(nested(5'000, "<div>")), std::string("text"));
    QVERIFY_EXCEPTION_THROWN(visibleText(nested(1'000'000, "<div>")), Error);
    QVERIFY_EXCEPTION_THROWN(visibleText(nested(1'000'000, "<div><table></div></table>")), Error);
    QVERIFY_EXCEPTION_THROWN(visibleText(nested(1'000'000, "<svg><td>")), Error);
    QCOMPARE(visibleText(nested(100'000, "<p>")), std::string("text"));
}

void CorpusReadersTest::htmlGrowingWithoutBoundIsRefused()
{
    // Every paragraph opens all formatting elements again: the tree grows with the square of the page.
    std::string page = "<p>";
    for (int i = 0; i < 5'000; ++i)
        page += "<b id=" + std::to_string(i) + ">";
    for (int i = 0; i < 5'000; ++i)
        page += "<p>x";
    QVERIFY_EXCEPTION_THROWN(visibleText(page), Error);
}

void CorpusReadersTest::openElementsAreCounted()
{
    QFETCH(std::string, html);
    QFETCH(int, depth);
    QCOMPARE(static_cast<int>(nestingOf(html).depth), depth);
    std::string many;
    for (int i = 0; i < 40; ++i)
        many += html;
    QFETCH(bool, grows);
    QCOMPARE(static_cast<int>(nestingOf(many).depth) >= 40, grows);
}

void CorpusReadersTest::openElementsAreCounted_data()
{
    QTest::addColumn<std::string>("html");
    QTest::addColumn<int>("depth");
    QTest::addColumn<bool>("grows"); // with each repetition, as the parser's own stack does
    const auto row = [](const char *html, int depth, bool grows) {
        QTest::newRow(html) << std::string(html) << depth << grows;
    };
    row("<div><p><p><p><br></div><div></div>", 2, false);
    row("<DIV><span></Span><b>", 2, true);
    row("<svg><td><td>", 3, true);
    row("< / <> </ ><div>", 1, true);
    row("<p><b><i>x</b></i></p>", 3, false);
    row("<script>if(a<b) x='<div>'</scripts></script>", 1, false);
    row("<STYLE>a<b</style><textarea><div></Textarea ><title><b></title>", 1, false);
    row("<!-- <div> --><!--><b></b><!-- <i> --!><u></u>", 1, false);
    row("<a title='<div>' href=<div>x</a>", 1, false);
    row("<ul><li>a<li><ol><li>b</ol></ul><dl><dt>a<dd>b</dl><ruby>a<rt>b</ruby>", 4, false);
    row("<rt>", 1, true);
    row("<a name=x>one", 1, false);
    row("<div><svg><g><path d=''/><rect /></g><circle/></svg></div>", 3, false);
    row("<svg><style><![CDATA[a > b <div>]]></style><path></svg>", 2, false);
    // What the parser leaves open, whatever it looks like.
    row("<span><p></span></p>", 2, true);
    row("<li><dt><li><dt><dt>", 4, true);
    row("<div><i title='</div>'></i>", 2, true);
    row("<div><! </div>", 1, true);
    row("<div></ x </div>", 1, true);
    row("<svg/><g/>", 1, true);
    row("<svg><p><g/>", 3, true);
    row("<b><div></b>", 2, true);
    row("<form><span><p><b></form></b></span></p>", 4, true);
    row("<span><p><button><p></button></span></p>", 4, true);
    row("<select><title></select><div></title>", 2, true);
    row("<div><table></div></table>", 2, true);
}

void CorpusReadersTest::htmlTakesBoundedTime_data()
{
    QTest::addColumn<std::string>("head");
    QTest::addColumn<int>("numHeads");
    QTest::addColumn<std::string>("rest");
    QTest::addColumn<bool>("isRead");
    QTest::newRow("end tags without a start") << std::string("<span>") << 9'000 << std::string("</x>") << false;
    QTest::newRow("start tags that look for a paragraph") << std::string("<div>") << 9'000 << std::string("<hr>") << false;
    QTest::newRow("ordinary misnesting") << std::string() << 0 << std::string("<p><b><i>x</b></i></p>") << true;
    QTest::newRow("scripts") << std::string("<script>") << 1 << std::string("if(a<b)") << true;
    QTest::newRow("icons") << std::string() << 0 << std::string("<svg><title>i</title><path/><path/></svg>") << true;
}

void CorpusReadersTest::htmlTakesBoundedTime()
{
    QFETCH(std::string, head);
    QFETCH(int, numHeads);
    QFETCH(std::string, rest);
    QFETCH(bool, isRead);
    std::string page = "x";
    for (int i = 0; i < numHeads; ++i)
        page += head;
    for (int i = 0; i < (isRead ? 20'000 : 300'000); ++i)
        page += rest;
    QElapsedTimer timer;
    timer.start();
    if (isRead)
        QVERIFY(visibleText(page).starts_with("x"));
    else
        QVERIFY_EXCEPTION_THROWN(visibleText(page), Error);
    QVERIFY(timer.elapsed() < 20'000);
}

void CorpusReadersTest::utf8IsRepaired_data()
{
    QTest::addColumn<std::string>("bytes");
    QTest::addColumn<std::string>("text");
    QTest::addColumn<int>("numRepaired");
    const std::string r = "\xef\xbf\xbd";
    QTest::newRow("fine") << std::string("aé中🍷") << std::string("aé中🍷") << 0;
    QTest::newRow("Latin-1") << std::string("caf\xe9 x") << "caf" + r + " x" << 1;
    QTest::newRow("overlong") << std::string("\xc0\xaf") << r + r << 2;
    QTest::newRow("surrogate") << std::string("\xed\xa0\x80") << r + r + r << 3;
    QTest::newRow("too large") << std::string("\xf4\x90\x80\x80") << r + r + r + r << 4;
    QTest::newRow("cut") << std::string("a\xf0\x9f\x8d") << "a" + r << 1;
    // Unicode 15, table 3-8.
    QTest::newRow("maximal subparts") << std::string("\x61\xf1\x80\x80\xe1\x80\xc2\x62\x80\x63\x80\xbf\x64")
                                      << "a" + r + r + r + "b" + r + "c" + r + r + "d" << 6;
}

void CorpusReadersTest::utf8IsRepaired()
{
    QFETCH(std::string, bytes);
    QFETCH(std::string, text);
    QFETCH(int, numRepaired);
    std::uint64_t count = 0;
    QCOMPARE(repairUtf8(bytes, count), text);
    QCOMPARE(static_cast<int>(count), numRepaired);
    QCOMPARE(isValidUtf8(bytes), numRepaired == 0);
    QVERIFY(isValidUtf8(text));
}

void CorpusReadersTest::utf8RepairIsBounded()
{
    std::uint64_t count = 0;
    const std::string invalid(10'000'000, '\xff');
    QVERIFY_EXCEPTION_THROWN(repairUtf8(invalid, count, 1'000'000), Error);
    QVERIFY(count < 1'000'000);
    QCOMPARE(repairUtf8(invalid, count, 30'000'000).size(), std::size_t{30'000'000});
    std::stop_source stop;
    stop.request_stop();
    QVERIFY(repairUtf8(invalid, count, 30'000'000, stop.get_token()).size() < 10'000'000);
    QVERIFY(isOtherEncoding(invalid));
    QVERIFY(!isOtherEncoding("caf\xe9"));
    std::string french;
    for (int i = 0; i < 1'000; ++i)
        french += "un caf\xe9 au lait, s'il vous pla\xeet. ";
    QVERIFY(!isOtherEncoding(french));
}

void CorpusReadersTest::textIsCutAtCharacters()
{
    QCOMPARE(headOf("a中b", 1), std::string_view("a"));
    QCOMPARE(headOf("a中b", 2), std::string_view("a"));
    QCOMPARE(headOf("a中b", 3), std::string_view("a"));
    QCOMPARE(headOf("a中b", 4), std::string_view("a中"));
    QCOMPARE(headOf("a中b", 50), std::string_view("a中b"));
    QCOMPARE(partOf("abc\ndefgh", 6), std::string_view("abc\n"));
    QCOMPARE(partOf("a\nbcdefgh", 6), std::string_view("a\nbcde"));
    QCOMPARE(partOf("a\nb", 6), std::string_view("a\nb"));
}

void CorpusReadersTest::readersStopWhenAsked()
{
    const std::string lines = "{\"text\":\"a\"}\n{\"text\":\"b\"}\n";
    for (const ReaderInfo &info : readers()) {
        int numSeen = 0;
        QVERIFY(!info.reader->read(lines, {}, [&numSeen](const RawDocument &) { return ++numSeen > 99; }));
        QCOMPARE(numSeen, 1);
        std::stop_source stop;
        stop.request_stop();
        ReaderOptions options;
        options.stop = stop.get_token();
        QVERIFY(!info.reader->read(lines, options, [](const RawDocument &) { return true; }));
    }
}

void CorpusReadersTest::readersSurviveRandomBytes()
{
    const QString words = QStringLiteral("< > </ <p> </p> <b> </b> <i> </i> <h1> </h2> <li> <br/> <table> <td> <tr> "
                                         "<caption> <col> </table> <svg> <math> <mi> <desc> "
                                         "<foreignObject> <annotation-xml_encoding='text/html'> <template> </template> "
                                         "<select> <option> <form> <button> "
                                         "<textarea> <input_type=hidden> <a_href=' <!-- --> <![CDATA[ ]]> <script> "
                                         "</script> <style> <noscript> <title> <pre> "
                                         "<plaintext> <frameset> <ruby><rt> <nobr> <applet> </applet> <image> "
                                         "<isindex> <html> </html> <head> <body> </body> "
                                         "&# &amp ; \" ' x é {\"text\": \"a\\u { } [ ] , : \\ % 1e999");
    std::vector<std::string> pieces = {"\n", "%\n", " ", std::string(1, '\0'), "\xff"};
    for (const QString &word : words.split(QLatin1Char(' ')))
        pieces.push_back(QString(word).replace(QLatin1Char('_'), QLatin1Char(' ')).toStdString());
    Rng rng(7);
    const ReaderOptions split = splitBy("(?m)^%$\\n?|<(b)>");
    for (int round = 0; round < 4'000; ++round) {
        const std::string bytes = round % 4 == 0 ? randomBytes(rng, 300) : randomPieces(rng, pieces, 60);
        std::uint64_t ignored = 0;
        const std::string text = repairUtf8(bytes, ignored);
        for (const ReaderInfo &info : readers()) {
            for (const std::string &input : {bytes, text}) {
                const bool isDivided = round % 2 == 0 && info.name != "jsonl";
                for (const ReadDocument &document : readAll(info.name, input, isDivided ? split : ReaderOptions()))
                    QVERIFY(input != text || isValidUtf8(document.text));
            }
        }
    }
}

} // namespace

QTEST_GUILESS_MAIN(CorpusReadersTest)
#include "tst_corpus_readers.moc"
