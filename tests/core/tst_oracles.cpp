// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/oracle_cases.h"

#include <QTest>

#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <set>

namespace fs = std::filesystem;

// Every rule against vectors that the reference implementations' own functions produced. KRATER_ORACLES names another folder of such files.
class TestOracles : public QObject {
    Q_OBJECT

private slots:
    void matchesEveryFile_data()
    {
        QTest::addColumn<QString>("file");
        const QString folder = qEnvironmentVariable("KRATER_ORACLES", QStringLiteral(KRATER_TEST_DATA "/oracles"));
        std::set<fs::path> files;
        for (const auto &entry : fs::directory_iterator(folder.toStdString()))
            if (entry.is_regular_file())
                files.insert(entry.path());
        QVERIFY2(!files.empty(), "the folder holds no file");
        for (const fs::path &file : files)
            QTest::newRow(file.filename().c_str()) << QString::fromStdString(file.string());
    }

    void matchesEveryFile()
    {
        QFETCH(QString, file);
        const fs::path path = file.toStdString();
        const std::string name = path.filename().string();
        const OracleRunner run = oracleRunnerFor(name);
        QVERIFY2(run, "unknown file: no test reads it");
        OracleReport report;
        try {
            const auto json = nlohmann::json::parse(std::ifstream(path));
            if (json.contains("tolerance") && json["tolerance"].is_number())
                report.tolerance = json["tolerance"].get<double>();
            run(json, report);
        } catch (const std::exception &error) {
            QFAIL(error.what());
        }
        std::printf("%s: %d cases, largest error %.2g\n", name.c_str(), report.cases, report.largest);
        std::fflush(stdout);
        QVERIFY2(report.cases > 0, "the file has no case");
        QVERIFY2(report.problems.empty(), report.problems.c_str());
    }

    void refusesUnknownFilesAndWrongNumbers()
    {
        QVERIFY(!oracleRunnerFor("other.json"));
        OracleReport report;
        report.compare(1.0 + 2e-6, 1.0, "too far");
        report.compare({1.0}, nlohmann::json::array(), "too short");
        report.compare(std::nan(""), 1.0, "no number");
        report.atMost(1.1, 1.0, "too high");
        QCOMPARE(std::count(report.problems.begin(), report.problems.end(), '\n'), 4);
        OracleReport good;
        good.compare(1.0 + 5e-7, 1.0, "near");
        good.atMost(0.9, 1.0, "below");
        QVERIFY(good.problems.empty());
    }
};

QTEST_GUILESS_MAIN(TestOracles)
#include "tst_oracles.moc"
