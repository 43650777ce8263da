// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/run_filter.h"
#include "app/run_row.h"

#include <QDateTime>
#include <QTest>

using namespace krater;

namespace {

const QStringList kDomains{QStringLiteral("code"), QStringLiteral("manual-zh"), QStringLiteral("odd name")};

RunRow sampleRow()
{
    RunRecord record;
    record.id = 12;
    record.name = "Quick start, easy first";
    record.policy = "gibbs";
    record.state = RunState::Done;
    record.domains = {"code", "manual-zh", "odd name"};
    record.domainTokens = {100, 200, 700};
    record.tokens = 8'200'000;
    record.step = 4000;
    record.seconds = 90;
    record.seed = 3;
    record.tags = {"paper", "long run"};
    record.notes = "the better one";
    record.device = "CPU, 2 threads";
    record.createdMs = QDateTime(QDate(2026, 1, 31), QTime(14, 30)).toMSecsSinceEpoch();
    RunRow row = makeRow(record, nullptr);
    row.losses = {1.9, 1.25, RunRow::kMissing};
    row.meanShares = {0.5, 0.3, 0.2};
    row.score = 1.5;
    row.scoreDifference = -0.05;
    return row;
}

} // namespace

class TestRunFilter : public QObject {
    Q_OBJECT

private slots:
    void acceptsByExpression_data();
    void acceptsByExpression();
    void tellsWhatIsWrong_data();
    void tellsWhatIsWrong();
    void anEmptyTextAcceptsEverything();
    void aBrokenExpressionAcceptsEverything();
    void deepNestingIsRefused();
    void fieldsAreListed();
};

void TestRunFilter::acceptsByExpression_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<bool>("accepted");
    const auto add = [](const char *text, bool accepted) {
        QTest::newRow(text) << QString::fromUtf8(text) << accepted;
    };
    add("loss.code < 2.1 and policy = \"gibbs\"", true);
    add("loss.code < 1.9", false);
    add("loss.code <= 1.9", true);
    add("loss.code ≥ 1.9", true);
    add("loss.manual-zh = 1.25", true);
    add("loss.\"odd name\" > 0", false); // no value
    add("loss.'odd name' != 7", false);  // no value, so nothing is true of it
    add("not loss.\"odd name\" > 0", true);
    add("share.code > 10%", true);
    add("share.code>0.5", false);
    add("policy=gibbs", true);
    add("POLICY = 'Gibbs'", true);
    add("policy != gibbs", false);
    add("policy <> uniform", true);
    add("policy = uniform or state = done", true);
    add("policy = uniform or state = failed", false);
    add("policy = gibbs or policy = gibbs and state = failed", true); // and binds closer
    add("(policy = gibbs or policy = gibbs) and state = failed", false);
    add("policy = gibbs && !(state = failed)", true);
    add("policy = uniform || seed = 3", true);
    add("not not policy = gibbs", true);
    add("tag = paper", true);
    add("tag = \"long run\"", true);
    add("tag = long", false);
    add("tag ~ long", true);
    add("tag != paper", false);
    add("tag != draft", true);
    add("name ~ \"easy\"", true);
    add("tokens > 8M", true);
    add("tokens > 8200k", false);
    add("tokens >= 8.2e6", true);
    add("delta < −0.01", true); // with the minus sign that the table shows
    add("delta < -0.06", false);
    add("run = 12 and step = 4000 and seconds < 100", true);
    add("started = 2026-01-31", true);
    add("started > 2026-01-31", false);
    add("started > 2026-01-30", true);
    add("started > 2026-01-31T14:00", true);
    add("started > \"2026-01-31T15:00\"", false);
    add("finished > 2020-01-01", false); // not finished
    add("gibbs", true);
    add("EASY done", true);
    add("easy failed", false);
    add("better", true);
    add("paper", true);
    add("uniform", false);
    add("  ", true);
}

void TestRunFilter::acceptsByExpression()
{
    QFETCH(QString, text);
    const RunFilter filter = RunFilter::parse(text, kDomains);
    QVERIFY2(!filter.problem(), filter.problem() ? qPrintable(filter.problem()->message) : "");
    QTEST(filter.accepts(sampleRow()), "accepted");
}

void TestRunFilter::tellsWhatIsWrong_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<int>("position");
    QTest::addColumn<int>("length");
    QTest::addColumn<QString>("message"); // a part of it
    const auto add = [](const char *text, int position, int length, const char *message) {
        QTest::newRow(text) << QString::fromUtf8(text) << position << length << QString::fromUtf8(message);
    };
    add("polcy = gibbs", 0, 5, "Did you mean “policy”?");
    add("state = done and los.code < 2", 17, 8, "There is no field “los”");
    add("loss < 2", 0, 4, "needs a domain: loss.code");
    add("loss.cod < 2", 0, 8, "Did you mean “code”?");
    add("policy.code = x", 0, 11, "not told per domain");
    add("policy < gibbs", 7, 1, "is text");
    add("loss.code ~ 2", 10, 1, "is a number");
    add("loss.code < fast", 12, 4, "is no number");
    add("loss.code < nan", 12, 3, "is no number");
    add("loss.code <", 11, 1, "value is missing");
    add("loss.code < 2 policy = gibbs", 14, 6, "“and” or “or” is missing");
    add("loss.code < 2 and", 17, 1, "field is missing");
    add("(loss.code < 2", 0, 1, "closing bracket is missing");
    add("loss.code < 2)", 13, 1, "never opened");
    add("policy = \"gibbs", 9, 6, "closing quote");
    add("policy gibbs and seed = 1", 7, 5, "operator is missing");
    add("started > yesterday", 10, 9, "is no date");
    add("= 2", 0, 1, "field is missing");
}

void TestRunFilter::tellsWhatIsWrong()
{
    QFETCH(QString, text);
    QFETCH(QString, message);
    const RunFilter filter = RunFilter::parse(text, kDomains);
    QVERIFY(filter.problem());
    QVERIFY2(filter.problem()->message.contains(message), qPrintable(filter.problem()->message));
    QTEST(filter.problem()->position, "position");
    QTEST(filter.problem()->length, "length");
}

void TestRunFilter::anEmptyTextAcceptsEverything()
{
    QVERIFY(RunFilter().acceptsEverything());
    QVERIFY(RunFilter::parse(QString(), kDomains).acceptsEverything());
    QVERIFY(!RunFilter::parse(QStringLiteral("gibbs"), kDomains).acceptsEverything());
}

void TestRunFilter::aBrokenExpressionAcceptsEverything()
{
    const RunFilter filter = RunFilter::parse(QStringLiteral("policy = uniform and"), kDomains);
    QVERIFY(filter.problem());
    QVERIFY(filter.accepts(sampleRow()));
}

void TestRunFilter::deepNestingIsRefused()
{
    const QString deep = QString(100'000, QLatin1Char('(')) + QStringLiteral("seed = 1");
    const RunFilter filter = RunFilter::parse(deep, kDomains);
    QVERIFY(filter.problem());
    QVERIFY(filter.problem()->message.contains(QStringLiteral("too deeply")));
    QVERIFY(
        RunFilter::parse(QStringLiteral("not ").repeated(100'000) + QStringLiteral("seed = 1"), kDomains).problem());
}

void TestRunFilter::fieldsAreListed()
{
    QVERIFY(RunFilter::fields().contains(QStringLiteral("loss.")));
    QVERIFY(RunFilter::fields().contains(QStringLiteral("policy")));
}

QTEST_GUILESS_MAIN(TestRunFilter)
#include "tst_run_filter.moc"
