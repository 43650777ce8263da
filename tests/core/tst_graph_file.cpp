// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/config/graph_file.h"

#include "core/base/error.h"
#include "core/config/experiment_toml.h"
#include "core/mixture/mixture_design.h"
#include "core/mixture/policy_registry.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace krater;

namespace {

const std::vector<std::string> kDomains{"code", "my quotes", "prose"};

constexpr const char *kExperiment = R"([[domain]]
name = "code"
sources = ["a"]
[[domain]]
name = "my quotes"
sources = ["b"]
[[domain]]
name = "prose"
sources = ["c"]
[mixture]
policy = "skill_it"
graph = "skills.csv"
)";

const Graph kGraph{{"code", {{"code", 1.0}, {"prose", 0.5}}}, {"my quotes", {{"code", -0.25}, {"my quotes", 0.0}}}};

const ParamSpec &graphSpec()
{
    const PolicyInfo &info = *findPolicy("skill_it");
    return *std::ranges::find(info.parameters, "graph", &ParamSpec::name);
}

std::string textOf(const Issues &issues)
{
    std::string text;
    for (const Issue &issue : issues)
        text += toString(issue) + '\n';
    return text;
}

} // namespace

class TestGraphFile : public QObject {
    Q_OBJECT

private:
    QTemporaryDir m_folder;

    std::filesystem::path write(const char *name, const QByteArray &text)
    {
        QFile file(m_folder.filePath(QString::fromUtf8(name)));
        if (!file.open(QIODevice::WriteOnly) || file.write(text) != text.size())
            qFatal("cannot write");
        return file.fileName().toStdString();
    }

    LoadedExperiment load(const std::vector<std::string> &overrides = {})
    {
        return parseExperiment(kExperiment, "e.toml", m_folder.path().toStdString(), overrides);
    }

private slots:
    void readsTables_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QString>("name");
        QTest::newRow("csv") << QByteArray("from,code,my quotes,prose\ncode,1,0,0.5\nmy quotes,-0.25,0,\n") << "g.csv";
        QTest::newRow("as a spreadsheet saves it")
            << QByteArray("\xEF\xBB\xBF,\"prose\",\"code\",\"my quotes\"\r\n\"code\",5e-1,1,\r\n\r\n\"my quotes\", 0 ,-.25,0\r\n") << "g.csv";
        QTest::newRow("toml") << QByteArray("code = { code = 1, prose = 0.5 }\n[\"my quotes\"]\ncode = -0.25\n\"my quotes\" = 0\n") << "g.toml";
    }

    void readsTables()
    {
        QFETCH(QByteArray, text);
        QFETCH(QString, name);
        Issues issues;
        const Graph graph = readGraphFile(write(name.toUtf8(), text), graphSpec(), kDomains, issues);
        QVERIFY2(issues.empty(), textOf(issues).c_str());
        QVERIFY(graph == kGraph);
    }

    void quotesAndCommasInNames()
    {
        const std::vector<std::string> domains{"a, b", "the \"c\""};
        Issues issues;
        const Graph graph =
            readGraphFile(write("names.csv", ",\"a, b\",\"the \"\"c\"\"\"\n\"the \"\"c\"\"\",2,3\n"), graphSpec(), domains, issues);
        QVERIFY2(issues.empty(), textOf(issues).c_str());
        QVERIFY(graph == (Graph{{"the \"c\"", {{"a, b", 2.0}, {"the \"c\"", 3.0}}}}));
    }

    void namesTheLineOfEveryMistake_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("expected");
        const auto row = [](const char *tag, const QByteArray &text, const char *expected, const char *name = "bad.csv") {
            QTest::newRow(tag) << text << QString::fromUtf8(name) << QString::fromUtf8(expected);
        };
        row("empty", "\n", "bad.csv:1: error: the file holds no table");
        row("column", "x,code,pros\n", "bad.csv:1: error: \"pros\" is not a domain of the experiment (did you mean \"prose\"?)");
        row("row", "x,code\n\ncod,1\n", "bad.csv:3: error: \"cod\" is not a domain of the experiment (did you mean \"code\"?)");
        row("column twice", "x,code,code\n", "bad.csv:1: error: \"code\" is there already");
        row("row twice", "x,code\ncode,1\ncode,1\n", "bad.csv:3: error: \"code\" is there already");
        row("too few cells", "x,code,prose\ncode,1\n", "bad.csv:2: error: the line of \"code\" has 2 cells, the first line 3");
        row("no number", "x,code\ncode,much\n", "bad.csv:2: error: \"code\" in the column of \"code\" is \"much\" (use a number from -1000 to 1000)");
        row("NaN", "x,code\ncode,nan\n", "bad.csv:2: error: \"code\" in the column of \"code\" is \"nan\"");
        row("too large", "x,code\ncode,1e4\n", "bad.csv:2: error: \"code\" in the column of \"code\" is \"1e4\"");
        row("not UTF-8", "x,code\ncode,1\n\xff,2\n", "bad.csv:3: error: this line is not valid UTF-8");
        row("TOML", "code = { prose = 1 }\nprose = {\n", "bad.toml:", "bad.toml");
        row("TOML name", "code = { prose = 1 }\n\n[prose]\nquotes = 1\n", "bad.toml:4:10: error: graph.prose names the domain \"quotes\"", "bad.toml");
        row("TOML value", "[code]\nprose = 2e3\n", "bad.toml:2:9: error: graph.code gives domain \"prose\" the number 2000", "bad.toml");
        row("no graph", "code = 1\n", "bad.toml:1: error: graph is no graph of domains", "bad.toml");
    }

    void namesTheLineOfEveryMistake()
    {
        QFETCH(QByteArray, text);
        QFETCH(QString, name);
        QFETCH(QString, expected);
        Issues issues;
        readGraphFile(write(name.toUtf8(), text), graphSpec(), kDomains, issues);
        QVERIFY2(!issues.empty() && textOf(issues).find(expected.toStdString()) != std::string::npos, textOf(issues).c_str());
        // The experiment that names the file says the same, at the same place.
        const LoadedExperiment loaded = load({"mixture.graph=" + name.toStdString()});
        QVERIFY2(hasErrors(loaded.issues) && textOf(loaded.issues).find(expected.toStdString()) != std::string::npos, textOf(loaded.issues).c_str());
    }

    void aTableOfNothingButMistakesEndsEarly()
    {
        QByteArray text = "x,code\n";
        for (int i = 0; i < 10'000; ++i)
            text += "nobody,1\n";
        Issues issues;
        readGraphFile(write("long.csv", text), graphSpec(), kDomains, issues);
        QCOMPARE(issues.size(), std::size_t{20});
    }

    void aRunKeepsTheGraphAndNotItsFile()
    {
        write("skills.csv", "x,code,my quotes,prose\ncode,1,0,0.5\nmy quotes,-0.25,0,\n");
        const LoadedExperiment loaded = load();
        QVERIFY2(loaded.issues.empty(), textOf(loaded.issues).c_str());
        QVERIFY(loaded.experiment->mixture.parameters.at("graph") == ParameterValue(std::string("skills.csv"))); // to be saved as it was
        QVERIFY(validate(*loaded.experiment).empty());
        const Experiment frozen = withGraphsRead(*loaded.experiment);
        QVERIFY(frozen.mixture.parameters.at("graph") == ParameterValue(kGraph));
        QVERIFY(QFile::remove(m_folder.filePath("skills.csv")));
        const LoadedExperiment again = parseExperiment(toToml(frozen), "frozen.toml", {});
        QVERIFY(again.issues.empty() && *again.experiment == frozen);
        QCOMPARE(textOf(load().issues), std::string("e.toml:12:9: error: mixture.graph is \"skills.csv\", and there is no such file (name a .csv or .toml "
                                                    "file, relative to the experiment file)\n"));
        QVERIFY_THROWS_EXCEPTION(Error, withGraphsRead(*loaded.experiment));
        const PolicyContext context{.domains = kDomains, .tokens = {1, 1, 1}};
        QVERIFY_THROWS_EXCEPTION(Error, createPolicy("skill_it", context, loaded.experiment->mixture.parameters)); // never as if it were none
    }

    void stagesHaveGraphsOfTheirOwn()
    {
        write("skills.csv", "x,code\ncode,2\n");
        write("other.toml", "[prose]\ncode = 3\n");
        const std::string plan = std::string(kExperiment) + "[[stage]]\nrole = \"proxy\"\n[[stage]]\nrole = \"main\"\nmixture.graph = \"other.toml\"\n";
        const LoadedExperiment loaded = parseExperiment(plan, "e.toml", m_folder.path().toStdString());
        QVERIFY2(loaded.issues.empty(), textOf(loaded.issues).c_str());
        const Experiment frozen = withGraphsRead(*loaded.experiment);
        QVERIFY(frozen.mixture.parameters.at("graph") == ParameterValue(Graph{{"code", {{"code", 2.0}}}}));
        QVERIFY(frozen.stages[1].mixture.parameters.at("graph") == ParameterValue(Graph{{"prose", {{"code", 3.0}}}}));
    }

    void theDesignSeesTheGraph()
    {
        write("skills.csv", "x,prose\ncode,5\n");
        const Experiment experiment = *load().experiment;
        const MixtureDesign design(experiment, {1.0, 1.0, 1.0});
        QVERIFY2(design.mixture(), design.problem().c_str());
        QVERIFY((*design.mixture())[0] > (*design.mixture())[1]);
    }

    void aGraphThatARunCannotKeepIsRefused()
    {
        Experiment experiment = *load({"mixture.graph=identity"}).experiment;
        experiment.domains.clear();
        QByteArray text = "x";
        for (int i = 0; i < 300; ++i) {
            experiment.domains.emplace_back().name = "a domain " + std::to_string(i);
            text += ",a domain " + QByteArray::number(i);
        }
        for (int i = 0; i < 300; ++i)
            text += "\na domain " + QByteArray::number(i) + QByteArray(",0.5").repeated(300);
        write("large.csv", text);
        experiment.mixture.parameters["graph"] = std::string("large.csv");
        const std::vector<Finding> findings = checkGraphFiles(experiment);
        QCOMPARE(findings.size(), std::size_t{1});
        QVERIFY(findings[0].key == "mixture.graph" && findings[0].issue.message.find("too large") != std::string::npos);
    }
};

QTEST_GUILESS_MAIN(TestGraphFile)
#include "tst_graph_file.moc"
