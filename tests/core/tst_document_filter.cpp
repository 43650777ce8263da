// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/corpus/document_filter.h"
#include "tests/core/corpus_samples.h"

#include <QTest>

using namespace krater;
using namespace krater::test;

namespace {

class DocumentFilterTest : public QObject {
    Q_OBJECT

private slots:
    void comparisonsHold_data();
    void comparisonsHold();
    void badComparisonsAreRefused_data();
    void badComparisonsAreRefused();
    void everyPredicateMustHold();
    void reasonsSayWhy();
    void domainsAreChecked_data();
    void domainsAreChecked();
    void comparisonsSurviveRandomText();
};

const std::string kLine = R"({"language": "en", "score": 0.5, "count": 18446744073709551615, "ok": true, "none": null,
                              "meta": {"source": "web", "tags": ["x", "y"]}, "a.b": 1, "a field": 2})";

void DocumentFilterTest::comparisonsHold_data()
{
    QTest::addColumn<bool>("holds");
    const auto row = [](const char *comparison, bool holds) { QTest::newRow(comparison) << holds; };
    row(R"(language == "en")", true);
    row(R"(language=="en")", true);
    row("language == 'en'", true);
    row(R"( language  !=  "en" )", false);
    row(R"(language != "fr")", true);
    row(R"(language < "fr")", true);
    row(R"(language >= "en")", true);
    row(R"("language" == "en")", true);
    row(R"("a field" >= 2)", true);
    row(R"("a field"!=2)", false);
    row(R"(language == "e'n")", false);
    row("score >= 0.5", true);
    row("score > 0.5", false);
    row("score <= 5e-1", true);
    row("score < 1", true);
    row("score == 0.5", true);
    row("count > 1e19", true);
    row("ok == true", true);
    row("ok != false", true);
    row("none == null", true);
    row("none != null", false);
    row("ok != null", true);
    row("meta.source == 'web'", true);
    row("meta.tags.1 == 'y'", true);
    row("a.b == 1", true);
    row("missing == 1", false);
    row("missing != 1", false); // there is nothing that could differ
    row("meta.tags.7 != 'y'", false);
    row("language == 1", false); // of another kind
    row("language != 1", true);
    row("language > 1", false);
    row("meta == null", false);
    row(R"(language == "\u0065n")", true);
}

void DocumentFilterTest::comparisonsHold()
{
    QFETCH(bool, holds);
    QCOMPARE(FieldComparison(QTest::currentDataTag()).holds(kLine), holds);
    QVERIFY(!FieldComparison(QTest::currentDataTag()).holds("not json"));
    QVERIFY(!FieldComparison(QTest::currentDataTag()).holds(""));
}

void DocumentFilterTest::badComparisonsAreRefused_data()
{
    QTest::addColumn<int>("unused");
    for (const char *text : {"", "language", "language = 'en'", "== 1", "a == ", "a == en", "a == [1]", "a == {}",
                             "a < true", "a >= null", "a == 1 2", "a === 1", "a == 'x", "a b == 1",
                             "a == 'x' or a == 'y'", "a == 'x' and b == 'y'", "\"a == 1", "\"\" == 1"})
        QTest::newRow(text) << 0;
}

void DocumentFilterTest::badComparisonsAreRefused()
{
    QVERIFY_EXCEPTION_THROWN(FieldComparison(QTest::currentDataTag()), Error);
}

void DocumentFilterTest::everyPredicateMustHold()
{
    DomainFilter where;
    where.text = "w[io]ne";
    where.field = "language == 'en'";
    where.minLength = 4;
    where.maxLength = 10;
    const DocumentFilter filter(where);
    const auto isKept = [&filter](std::string_view text, std::string_view json) {
        RawDocument document;
        document.text = text;
        document.json = json;
        return filter.reject(document).empty();
    };
    QVERIFY(isKept("wine", kLine));
    QVERIFY(isKept("good wone.", kLine));
    QVERIFY(!isKept("win", kLine));
    QVERIFY(!isKept("long wine ..", kLine));
    QVERIFY(!isKept("water", kLine));
    QVERIFY(!isKept("wine", R"({"language": "fr"})"));
    QVERIFY(!isKept("wine", {}));
    QVERIFY(DocumentFilter(DomainFilter{}).reject({}).empty());
}

void DocumentFilterTest::reasonsSayWhy()
{
    DomainFilter where;
    where.minLength = 3;
    RawDocument document;
    document.text = "ab";
    QCOMPARE(DocumentFilter(where).reject(document), std::string("2 bytes, shorter than 3"));
    where = {};
    where.maxLength = 1;
    QCOMPARE(DocumentFilter(where).reject(document), std::string("2 bytes, longer than 1"));
    where = {};
    where.text = "^x";
    QCOMPARE(DocumentFilter(where).reject(document), std::string("no match of ^x"));
    where = {};
    where.field = "a == 1";
    QCOMPARE(DocumentFilter(where).reject(document), std::string("not JSON Lines, so it has no fields"));
    document.json = "{}";
    QCOMPARE(DocumentFilter(where).reject(document), std::string("not a == 1"));
}

void DocumentFilterTest::domainsAreChecked_data()
{
    QTest::addColumn<DomainConfig>("domain");
    QTest::addColumn<std::string>("part");
    const auto row = [](const char *name, auto change, const char *part) {
        DomainConfig domain = sampleDomain("d", {"x"});
        change(domain);
        QTest::newRow(name) << domain << std::string(part);
    };
    row(
        "fine", [](DomainConfig &) {}, "");
    row(
        "format", [](DomainConfig &d) { d.format = "pdf"; }, "pdf");
    row(
        "split", [](DomainConfig &d) { d.split = "("; }, "split");
    row(
        "empty split", [](DomainConfig &d) { d.split = "x*"; }, "empty text");
    row(
        "text", [](DomainConfig &d) { d.where.text = "[a"; }, "where.text");
    row(
        "field", [](DomainConfig &d) { d.where.field = "a = 1"; }, "where.field");
    row(
        "field of text",
        [](DomainConfig &d) {
            d.where.field = "a == 1";
            d.format = "text";
        },
        "JSON Lines");
    row(
        "lengths",
        [](DomainConfig &d) {
            d.where.minLength = 2;
            d.where.maxLength = 1;
        },
        "max_length");
    row(
        "held out", [](DomainConfig &d) { d.heldOut = 0.51; }, "0.51");
    row(
        "held out is no number", [](DomainConfig &d) { d.heldOut = std::nan(""); }, "held_out");
}

void DocumentFilterTest::domainsAreChecked()
{
    QFETCH(DomainConfig, domain);
    QFETCH(std::string, part);
    const Issues issues = checkDomain(domain);
    QCOMPARE(hasErrors(issues), !part.empty());
    if (!part.empty()) {
        QCOMPARE(issues.size(), std::size_t{1});
        QCOMPARE(issues[0].domain, std::string("d"));
        QVERIFY2(issues[0].message.find(part) != std::string::npos, issues[0].message.c_str());
        QVERIFY(!issues[0].advice.empty());
    }
}

void DocumentFilterTest::comparisonsSurviveRandomText()
{
    const std::vector<std::string> pieces = {"a",  ".", "0",  "==",   "<",    "!=", " ", "'",    "\"",
                                             "\\", "1", "e9", "true", "null", "{",  "[", "\xff", "é"};
    Rng rng(3);
    int numValid = 0;
    for (int round = 0; round < 3'000; ++round) {
        try {
            const FieldComparison comparison("a" + randomPieces(rng, pieces, 8));
            ++numValid;
            comparison.holds(randomPieces(rng, pieces, 8));
            comparison.holds(R"({"a": [1, {"a": null}]})");
        } catch (const Error &) {
        }
    }
    QVERIFY(numValid > 0);
}

} // namespace

QTEST_GUILESS_MAIN(DocumentFilterTest)
#include "tst_document_filter.moc"
