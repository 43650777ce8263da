// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/config/experiment_toml.h"

#include <QTest>

using namespace krater;

namespace {

constexpr const char *kFile = R"([experiment]
name = "Base"
[[domain]]
name = "code"
sources = ["a"]
[[domain]]
name = "v1.2 notes"
sources = ["b"]
[mixture]
policy = "gibbs"
signal = "held_out"
prior = "natural"
)";

LoadedExperiment with(const std::vector<std::string> &overrides)
{
    return parseExperiment(kFile, "base.toml", {}, overrides);
}

std::string textOf(const Issues &issues)
{
    std::string text;
    for (const Issue &issue : issues)
        text += toString(issue) + '\n';
    return text;
}

} // namespace

class TestExperimentOverrides : public QObject {
    Q_OBJECT

private slots:
    void replaceValues()
    {
        const LoadedExperiment loaded = with({"training.token_budget=1e6", "training.device=cpu", "experiment.seed=7", "experiment.name=2nd try",
                                              "training.stop.rule=plateau", "training.stop.patience=2", "training.betas=[0.5, 0.6]",
                                              "domain.code.held_out=0.2", "domain.v1.2 notes.where.min_length=9", "mixture.temperature=0.5",
                                              "domain.code.sources=[\"x\", \"y\"]", "experiment.notes=12", "model.width=64", "model.width=32"});
        QVERIFY2(loaded.issues.empty(), textOf(loaded.issues).c_str());
        const Experiment &e = *loaded.experiment;
        QCOMPARE(e.training.tokenBudget, std::uint64_t{1'000'000});
        QCOMPARE(e.training.device, std::string("cpu"));
        QCOMPARE(e.info.seed, std::uint64_t{7});
        QCOMPARE(e.info.name, std::string("2nd try"));
        QCOMPARE(e.info.notes, std::string("12")); // a string is wanted: the text as typed
        QCOMPARE(int(e.training.stop.rule), int(StopConfig::Rule::Plateau));
        QCOMPARE(e.training.stop.patience, 2);
        QCOMPARE(e.training.beta2, 0.6);
        QCOMPARE(e.domains[0].heldOut, 0.2);
        QCOMPARE(e.domains[0].sources, (std::vector<std::string>{"x", "y"}));
        QCOMPARE(e.domains[1].where.minLength, std::uint64_t{9});
        QCOMPARE(std::get<double>(e.mixture.parameters.at("temperature")), 0.5);
        QCOMPARE(e.model.width, 32); // the last one holds
    }

    void weightsByName()
    {
        const LoadedExperiment loaded = with({"mixture.policy=manual", "mixture.weights.code=3", "mixture.weights.v1.2 notes=1"});
        QVERIFY2(!hasErrors(loaded.issues), textOf(loaded.issues).c_str());
        QCOMPARE(std::get<Weights>(loaded.experiment->mixture.parameters.at("weights")), (Weights{{"code", 3.0}, {"v1.2 notes", 1.0}}));
        const LoadedExperiment whole = with({"mixture.policy=manual", "mixture.weights={ code = 1 }"});
        QVERIFY2(!hasErrors(whole.issues), textOf(whole.issues).c_str());
        const LoadedExperiment brief = with({"mixture.prior=code=3,v1.2 notes=1e0"});
        QVERIFY2(!hasErrors(brief.issues), textOf(brief.issues).c_str());
        QCOMPARE(std::get<Weights>(brief.experiment->mixture.parameters.at("prior")), (Weights{{"code", 3.0}, {"v1.2 notes", 1.0}}));
    }

    // The file's parameters belong to the file's policy: `--set mixture.policy=uniform` alone gives a uniform run of a gibbs file.
    void anotherPolicyLeavesTheOldParametersOut()
    {
        const LoadedExperiment loaded = with({"mixture.policy=uniform"});
        QVERIFY2(!hasErrors(loaded.issues), textOf(loaded.issues).c_str());
        QCOMPARE(loaded.experiment->mixture.parameters, (ParameterValues{{"floor", 0.0}, {"max_epochs", 0.0}}));
        QCOMPARE(loaded.issues.size(), std::size_t{1});
        QVERIFY(textOf(loaded.issues).find("note: the file's parameters of gibbs are left out: prior, signal") != std::string::npos);
        const LoadedExperiment same = with({"mixture.policy=gibbs"});
        QVERIFY(same.issues.empty());
        QCOMPARE(std::get<std::string>(same.experiment->mixture.parameters.at("signal")), std::string("held_out"));
    }

    void errorsNameTheOverride_data()
    {
        QTest::addColumn<QString>("override");
        QTest::addColumn<QString>("part");
        QTest::newRow("no value") << "training.token_budget" << "it has no value";
        QTest::newRow("empty") << "" << "it has no value";
        QTest::newRow("no key") << "=5" << "there is no section \"\"";
        QTest::newRow("section only") << "training=5" << "names no key";
        QTest::newRow("empty key") << "training.=5" << "names no key";
        QTest::newRow("unknown section") << "trainign.token_budget=5" << "did you mean \"training\"?";
        QTest::newRow("unknown key") << "training.tokens_budget=5" << "did you mean \"token_budget\"?";
        QTest::newRow("unknown domain") << "domain.cod.held_out=0.1" << "did you mean \"code\"?";
        QTest::newRow("no domain key") << "domain.code=5" << "there is no domain \"code\"";
        QTest::newRow("wrong type") << "training.token_budget=lots" << "not a whole number";
        QTest::newRow("range") << "domain.code.held_out=0.9" << "held_out is 0.9";
        QTest::newRow("zero") << "training.token_budget=0" << "token_budget is 0";
        QTest::newRow("policy") << "mixture.policy=gibs" << "did you mean \"gibbs\"?";
        QTest::newRow("parameter") << "mixture.temperature=-1" << "temperature is -1";
        QTest::newRow("nested weight") << "mixture.prior={ code = -1 }" << "the weight -1";
        QTest::newRow("brief weight") << "mixture.prior=cod=1,v1.2 notes=1" << "did you mean \"code\"?";
        QTest::newRow("brief weight without a number") << "mixture.prior=code=one" << "prior is \"code=one\"";
        QTest::newRow("weight") << "mixture.prior.cod=1" << "did you mean \"code\"?";
        QTest::newRow("two lines") << "training.token_budget=5\nseed = 1" << "not a whole number";
        QTest::newRow("stop") << "training.stop.patience=0" << "patience is 0";
        QTest::newRow("below a value") << "training.token_budget.x=1" << "is a table";
    }

    void errorsNameTheOverride()
    {
        QFETCH(QString, override);
        QFETCH(QString, part);
        const LoadedExperiment loaded = with({override.toStdString()});
        QVERIFY(hasErrors(loaded.issues));
        bool found = false;
        for (const Issue &issue : loaded.issues) {
            if (issue.severity != Issue::Severity::Error)
                continue;
            QVERIFY2(issue.file == "--set " + override.toStdString(), toString(issue).c_str());
            QCOMPARE(issue.line, 0);
            QVERIFY(!issue.advice.empty());
            found = found || toString(issue).find(part.toStdString()) != std::string::npos;
        }
        QVERIFY2(found, textOf(loaded.issues).c_str());
    }

    void hostileOverridesAreRefused()
    {
        std::string dotted = "1";
        for (int i = 0; i < 200'000; ++i)
            dotted += ".a";
        for (const std::string &text : {"training.token_budget=" + std::string(100'000, '['), std::string("training.x=\xff\xfe"), "training." + dotted + "=1",
                                        "training.token_budget={ " + dotted + " = 1 }"})
            QVERIFY(hasErrors(with({text}).issues));
    }
};

QTEST_GUILESS_MAIN(TestExperimentOverrides)
#include "tst_experiment_overrides.moc"
