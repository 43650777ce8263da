// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/run_reader.h"

#include "core/base/error.h"
#include "core/store/run_writer.h"
#include "tests/core/store_samples.h"

#include <QTemporaryDir>
#include <QTest>

using namespace krater;
namespace fs = std::filesystem;

// RunReader::query and the table `points`.
class TestQuery : public QObject {
    Q_OBJECT

private:
    QTemporaryDir m_folder;
    std::unique_ptr<RunReader> m_reader;
    RunId m_run = 0, m_other = 0;

    QueryResult query(const std::string &sql, std::size_t maxRows = 1'000'000) { return m_reader->query(sql, maxRows); }
    std::int64_t number(const std::string &sql) { return std::get<std::int64_t>(query(sql).rows.at(0).at(0)); }
    double real(const std::string &sql) { return std::get<double>(query(sql).rows.at(0).at(0)); }

    std::string refusal(const std::string &sql)
    {
        try {
            query(sql);
        } catch (const Error &failure) {
            return failure.what();
        }
        return {};
    }

private slots:
    void initTestCase()
    {
        const fs::path file = fs::path(m_folder.path().toStdString()) / "query.krater";
        RunWriter writer(file);
        m_run = writer.createRun(samples::record());
        samples::train(writer.observerFor(m_run), 1, 1500); // blocks and recent steps
        m_other = writer.createRun(samples::record("other"));
        samples::train(writer.observerFor(m_other), 1, 30);
        writer.flush();
        m_reader = std::make_unique<RunReader>(file);
    }

    void hasTheColumns()
    {
        const QueryResult result =
            query("SELECT * FROM points WHERE run = 1 AND metric = 'loss.held_out' AND domain = 'code' AND step = 100");
        QCOMPARE(result.columns,
                 (std::vector<std::string>{"run", "metric", "domain", "step", "tokens", "seconds", "value"}));
        QCOMPARE(result.rows.size(), std::size_t(1));
        const std::vector<SqlValue> &row = result.rows[0];
        QCOMPARE(std::get<std::int64_t>(row[0]), m_run);
        QCOMPARE(std::get<std::string>(row[1]), std::string("loss.held_out"));
        QCOMPARE(std::get<std::string>(row[2]), std::string("code"));
        QCOMPARE(std::get<std::int64_t>(row[3]), 100);
        QCOMPARE(std::get<std::int64_t>(row[4]), 12800);
        QCOMPARE(std::get<double>(row[5]), 1.0);
        QVERIFY(samples::sameBits(std::get<double>(row[6]), samples::loss(100, 1) + 1));
    }

    void showsEveryPoint()
    {
        std::int64_t expected = 0;
        for (const RunId run : {m_run, m_other}) {
            for (const auto &[metric, domain] : m_reader->curveNames(run))
                expected += std::int64_t(m_reader->curve(run, metric, domain).size());
        }
        QCOMPARE(number("SELECT count(*) FROM points"), expected);
        QCOMPARE(number("SELECT count(*) FROM points WHERE metric LIKE 'clock%'"), 0);
        QCOMPARE(number("SELECT count(*) FROM points WHERE domain IS NULL AND run = 1"), 4 * 1500 + 1); // effective domains are there before the first step
        QVERIFY(std::holds_alternative<std::monostate>(
            query("SELECT domain FROM points WHERE metric = 'gradient_norm'").rows[0][0]));
    }

    // Whatever is pushed down to the blocks, the answer is that of looking at every row.
    void constraintsSelectAsSqlSays_data()
    {
        QTest::addColumn<QString>("where");
        for (const char *where : {"run = 1 AND metric = 'epochs' AND domain = 'code'",
                                  "step > 700 AND step <= 1100 AND metric = 'epochs'",
                                  "step BETWEEN 1022 AND 1026",
                                  "step >= 1498.5 AND run = 1",
                                  "step < 2 AND step < 5",
                                  "step = '7'",
                                  "step = 7.0",
                                  "step = -1",
                                  "step < -5",
                                  "step > -5 AND step < 3",
                                  "run = 2 AND step > 20",
                                  "run IN (1, 2) AND step = 3",
                                  "run = '2'",
                                  "run = 'x'",
                                  "run = NULL",
                                  "metric IN ('epochs', 'tokens.drawn') AND step > 1490",
                                  "domain = 'code' OR domain IS NULL",
                                  "domain = x'00'",
                                  "metric = 5",
                                  "step = 9223372036854775807",
                                  "value > 4 AND step < 10",
                                  "tokens = 12800",
                                  "seconds < 0.05",
                                  "run + 0 = 1 AND step = 1500"})
            QTest::newRow(where) << QString::fromLatin1(where);
    }

    void constraintsSelectAsSqlSays()
    {
        QFETCH(QString, where);
        const std::string condition = where.toStdString();
        // A materialised copy has no plan to get wrong; declared types give the comparisons the same affinities.
        const std::string copy =
            "WITH p(run, metric, domain, step, tokens, seconds, value) AS MATERIALIZED (SELECT CAST(run AS INTEGER), "
            "CAST(metric AS TEXT), CAST(domain AS TEXT), CAST(step AS INTEGER), CAST(tokens AS INTEGER), "
            "CAST(seconds AS REAL), CAST(value AS REAL) FROM points) ";
        const char *what = "SELECT count(*), total(step), total(value), total(tokens) FROM ";
        const auto direct = query(what + std::string("points WHERE ") + condition).rows;
        const auto copied = query(copy + what + "p WHERE " + condition).rows;
        QVERIFY(direct == copied);
    }

    void ordersAndJoins()
    {
        const auto rows =
            query(
                "SELECT step FROM points WHERE run = 1 AND metric = 'epochs' AND domain = 'code' ORDER BY step LIMIT 3")
                .rows;
        QVERIFY(rows == (std::vector<std::vector<SqlValue>>{{std::int64_t(1)}, {std::int64_t(2)}, {std::int64_t(3)}}));
        QCOMPARE(
            number(
                "SELECT step FROM points WHERE run = 1 AND metric = 'epochs' AND domain = 'code' ORDER BY step DESC"),
            1500);
        QCOMPARE(number("SELECT count(*) FROM points a JOIN points b USING (run, metric, domain, step) WHERE a.metric "
                        "= 'loss.held_out'"),
                 3 * 16 + 3); // evaluations at 0, 100, ... 1500, and at 0
        QCOMPARE(number("SELECT count(DISTINCT r.name) FROM runs r JOIN points p ON p.run = r.id WHERE p.step = 1"), 2);
    }

    void metadataAreReadable()
    {
        QCOMPARE(number("SELECT count(*) FROM runs WHERE policy = 'gibbs' AND state = 'Interrupted'"), 2);
        QCOMPARE(real("SELECT tokens FROM domains WHERE run = 1 AND name = 'code'"), 20000.0);
        QVERIFY(samples::sameBits(
            real("SELECT last FROM summaries WHERE run = 1 AND metric = 'loss.held_out' AND domain = 'code'"),
            samples::loss(1500, 1) + 1));
        QCOMPARE(number("SELECT count(*) FROM summaries WHERE domain IS NULL AND run = 1"), 4);
        QCOMPARE(std::get<std::string>(query("SELECT data FROM recent_steps LIMIT 1").rows[0][0]).substr(0, 1),
                 std::string("("));
        QCOMPARE(std::get<std::string>(query("PRAGMA integrity_check").rows[0][0]), std::string("ok"));
        QCOMPARE(number("PRAGMA user_version"), 1);
    }

    void refusesAllButReading_data()
    {
        QTest::addColumn<QString>("sql");
        for (const char *sql : {"DELETE FROM runs",
                                "UPDATE runs SET name = 'x'",
                                "DROP TABLE runs",
                                "CREATE TABLE x (y)",
                                "CREATE TEMP TABLE x (y)",
                                "CREATE VIRTUAL TABLE x USING points",
                                "INSERT INTO points VALUES (1, 'm', NULL, 1, 1, 1, 1)",
                                "ATTACH ':memory:' AS other",
                                "SELECT load_extension('x')",
                                "PRAGMA query_only = OFF",
                                "PRAGMA journal_mode = DELETE",
                                "PRAGMA user_version = 5",
                                "PRAGMA writable_schema = 1",
                                "BEGIN",
                                "COMMIT",
                                "VACUUM",
                                "VACUUM INTO 'copy'",
                                "REINDEX",
                                "SELECT 1; DELETE FROM runs",
                                "",
                                ";",
                                "SELECT",
                                "SELECT * FROM nowhere",
                                "EXPLAIN DELETE FROM runs",
                                "SELECT 1; SELECT 2",
                                "SELECT 1; -- one\nSELECT 2",
                                "SELECT 1; what",
                                "SELECT abs(-9223372036854775808)"})
            QTest::newRow(sql) << QString::fromLatin1(sql);
    }

    void refusesAllButReading()
    {
        QFETCH(QString, sql);
        QVERIFY(refusal(sql.toStdString()).starts_with("The query cannot be run"));
        QVERIFY_EXCEPTION_THROWN(query(sql.toStdString()), InputError);
        QCOMPARE(number("SELECT count(*) FROM runs"), 2);
    }

    void acceptsASemicolonAndComments()
    {
        QCOMPARE(number("SELECT 1 ;\n"), 1);
        QCOMPARE(number("SELECT 1; -- one"), 1);
        QCOMPARE(number("SELECT 1; ; /* one */ ;"), 1);
        QCOMPARE(number("-- how many?\nSELECT count(*) FROM runs /* all */"), 2);
        QCOMPARE(number("WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 1000) SELECT "
                        "count(*) FROM n"),
                 1000);
    }

    void handsOverRowsWithoutALimit()
    {
        struct Counter : QuerySink {
            void columns(const std::vector<std::string> &names) override { title = names.at(0); }
            bool row(const std::vector<SqlValue> &values) override
            {
                sum += std::get<std::int64_t>(values.at(0));
                return ++rows < wanted;
            }
            std::string title;
            std::int64_t rows = 0, sum = 0, wanted = 2'000'000;
        };
        const std::string sql =
            "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 1200000) SELECT x FROM n";
        Counter all;
        m_reader->query(sql, all);
        QCOMPARE(all.title, std::string("x"));
        QCOMPARE(all.rows, 1'200'000);
        QCOMPARE(all.sum, 1'200'000ll * 1'200'001 / 2);
        Counter some;
        some.wanted = 3;
        m_reader->query(sql, some);
        QCOMPARE(some.rows, 3);
    }

    void endsAfterTheWantedRows()
    {
        const QueryResult some = query("SELECT step FROM points", 10);
        QCOMPARE(some.rows.size(), std::size_t(10));
        QVERIFY(some.truncated);
        const QueryResult all = query("SELECT id FROM runs", 2);
        QCOMPARE(all.rows.size(), std::size_t(2));
        QVERIFY(!all.truncated);
    }
};

QTEST_GUILESS_MAIN(TestQuery)
#include "tst_query.moc"
