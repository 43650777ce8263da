// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/config/experiment_toml.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

using namespace krater;

namespace {

const std::filesystem::path kFolder = KRATER_TEST_DATA "/bad_experiments";

std::string textOf(const Issues &issues)
{
    std::string text;
    for (const Issue &issue : issues)
        text += toString(issue) + '\n';
    return text;
}

struct BadFile {
    const char *name;
    std::vector<const char *> expected; // every problem of the file, as "line:column: part of message and advice"; column 0 is the whole line
};

const std::vector<BadFile> kBadFiles{
    {"colour", {"7:10: colour is \"red\" (write it like \"#3366CC\")"}},
    {"device", {"18:10: training.device is \"gpu0\"", "19:12: training.schedule is \"cosinus\" (use constant, linear, cosine)",
     "20:13: training.precision is \"fp16\""}},
    {"duplicate_domain", {"10:8: a domain of that name is there already"}},
    {"empty_domain", {"11:11: it has no sources"}},
    {"filter", {"7:42: where.max_length is 10, below where.min_length of 100"}},
    {"glob", {"7:11: sources holds \"a/[*.txt\", which cannot be used: a [ is not closed", "7:11: it is empty"}},
    {"heads", {"15:9: model.heads is 5, which does not divide model.width of 128 (use a width of 130"}},
    {"held_out", {"7:12: held_out is 0.9 (use a number from 0 to 0.5"}},
    {"invalid_utf8", {"3:0: this line is not valid UTF-8 (save the file as UTF-8)"}},
    {"many", {"3:1: \"nam\" is not a known key (did you mean \"name\"?)", "7:11: sources is a string, not a list of strings",
     "11:10: format is \"pdf\" (use auto, text, jsonl, html)", "16:9: model.heads is 0", "19:16: training.token_budget is 1.5",
     "23:10: signal is \"heldout\" (use training or held_out)"}},
    {"missing_model", {"7:9: tokenizer.model is \"nowhere.model\", and there is no such file"}},
    {"negative", {"18:16: training.token_budget is -5", "19:22: training.sequences_per_step is -1", "20:17: training.learning_rate is -0.1"}},
    {"negative_weight", {"22:11: weights gives domain \"b\" the weight -0.3"}},
    {"no_domain", {"1:0: the experiment has no domain (add [[domain]]"}},
    {"not_a_number", {"18:17: training.learning_rate is nan", "19:8: training.clip is inf"}},
    {"parameter_range", {"22:15: temperature is 0 (use a number from 0.001", "23:9: floor is 0.6 (use a number from 0 to 0.5"}},
    {"regex", {"7:9: split cannot be used", "8:18: where.text cannot be used", "8:38: where.path cannot be used: a [ is not closed",
     "8:54: where.field cannot be used: \"language\" is not a comparison"}},
    {"single_domain_table", {"5:1: domain is a table (write [[domain]]"}},
    {"stages",
     {"17:8: stage \"proxi\": role is \"proxi\" (use reference, proxy, main, fine_tune, prompt_tune)", "21:16: stage \"proxy\": mixture.from is \"main\", which does not come before it",
      "22:1: stage \"proxy\": \"weigths\" is not a known key (did you mean \"weights\"?)",
      "28:1: stage \"main\": \"token_budgett\" is not a known key (did you mean \"token_budget\"?)", "29:17: stage \"main\": training.learning_rate is 0",
      "31:8: stage \"main\": mixture.from is \"prox\", and there is no such stage before it (did you mean \"proxi\"?)",
      "32:10: stage \"main\": it has both mixture.from and mixture.policy", "35:8: stage \"main\": a stage of that name is there already",
      "36:8: stage \"main\": a fine_tune stage goes on from the weights of an earlier one", "38:15: stage \"main\": mixture: temperature is 0",
      "39:1: stage \"main\": \"tau\" is not a key of the policy gibbs", "41:1: stage \"nameless role\": role is missing (write role = \"...\": reference",
      "43:15: stage \"nameless role\": model.heads is 3, which does not divide model.width of 128",
      "44:26: stage \"nameless role\": training.stop.rule is \"plateu\""}},
    {"stop", {"18:17: training.stop.rule is \"plateu\" (use budget, plateau, settled_mixture)", "18:38: training.stop.patience is 0"}},
    {"syntax", {"3:12: string"}},
    {"unknown_key", {"18:1: \"tokens_budget\" is not a known key (did you mean \"token_budget\"?)"}},
    {"unknown_parameter", {"22:1: \"temprature\" is not a key of the policy gibbs (did you mean \"temperature\"?)"}},
    {"unknown_policy", {"21:10: there is no policy \"gibs\" (did you mean \"gibbs\"?)"}},
    {"unknown_section", {"17:2: \"trainign\" is not a known section (did you mean \"training\"?)"}},
    {"unknown_weight", {"22:11: weights names the domain \"c\", which is not in the experiment (the domains are a, b)"}},
    {"unnamed_domain", {"9:1: it has no name"}},
    {"vocabulary", {"7:14: tokenizer.vocabulary is 100000 (use a number from 300 to 65536"}},
    {"wrong_type", {"6:8: name is a whole number, not a string", "18:16: training.token_budget is a string, not a whole number"}},
    {"zero_budget", {"18:16: training.token_budget is 0"}},
    {"zero_weights", {"22:11: weights has no weight above 0"}},
};

Issues issuesOf(const std::string &toml)
{
    return parseExperiment(toml, "t.toml", {}).issues;
}

Experiment valid()
{
    return *parseExperiment("[[domain]]\nname = \"a\"\nsources = [\"a.txt\"]\n", "t.toml", {}).experiment;
}

} // namespace

Q_DECLARE_METATYPE(std::vector<const char *>)

class TestExperimentErrors : public QObject {
    Q_OBJECT

private slots:
    void badFiles_data()
    {
        QTest::addColumn<std::vector<const char *>>("expected");
        for (const BadFile &file : kBadFiles)
            QTest::newRow(file.name) << file.expected;
    }

    void badFiles()
    {
        using Lines = std::vector<const char *>;
        QFETCH(Lines, expected);
        const auto file = kFolder / (std::string(QTest::currentDataTag()) + ".toml");
        const LoadedExperiment loaded = loadExperiment(file);
        const std::string all = textOf(loaded.issues);
        QVERIFY2(hasErrors(loaded.issues), all.c_str());
        QVERIFY2(loaded.issues.size() == expected.size(), all.c_str());
        for (std::size_t i = 0; i < expected.size(); ++i) {
            const Issue &issue = loaded.issues[i];
            QCOMPARE(issue.file, file.string());
            QVERIFY2(!issue.advice.empty(), all.c_str());
            const std::string line = expected[i];
            const std::string part = line.substr(line.find(": ") + 2);
            QCOMPARE(std::to_string(issue.line) + ':' + std::to_string(issue.column), line.substr(0, line.find(": ")));
            QVERIFY2(toString(issue).find(part) != std::string::npos, (part + " is not in " + all).c_str());
        }
    }

    void everyBadFileIsTested()
    {
        std::size_t numFiles = 0;
        for (const auto &entry : std::filesystem::directory_iterator(kFolder)) {
            const std::string name = entry.path().stem().string();
            QVERIFY2(std::ranges::any_of(kBadFiles, [&](const BadFile &file) { return file.name == name; }), name.c_str());
            ++numFiles;
        }
        QCOMPARE(numFiles, kBadFiles.size());
    }

    void aMissingFileIsAnIssue()
    {
        const LoadedExperiment loaded = loadExperiment(kFolder / "there_is_none.toml");
        QVERIFY(!loaded.experiment);
        QCOMPARE(loaded.issues.size(), std::size_t{1});
        QVERIFY(!loaded.issues[0].advice.empty());
        QVERIFY(hasErrors(loadExperiment(kFolder).issues)); // a folder
    }

    // Nothing that a file may hold may crash, hang or use up the stack.
    void hostileFilesAreRefused()
    {
        std::string dotted = "a";
        for (int i = 0; i < 400'000; ++i)
            dotted += ".a";
        std::string quoted = "\"x y\"";
        for (int i = 0; i < 1000; ++i)
            quoted += " . 'x y'";
        const std::string hostile[] = {std::string(2'000'000, '#'), "x = " + std::string(500'000, '['), dotted + " = 1", quoted + " = 1",
                                       "[" + dotted + "]", "x = { " + dotted + " = 1 }", std::string("a = 1\0b = 2", 11), "\xff\xfe[",
                                       std::string(100'000, '\n') + "=", "name = \"\\uD800\"", "\"\"\""};
        for (const std::string &toml : hostile) {
            const Issues issues = issuesOf(toml);
            QVERIFY(hasErrors(issues));
            for (const Issue &issue : issues)
                QVERIFY(issue.message.size() < 1000);
        }
    }

    void longTextWithDotsIsNoKey()
    {
        QVERIFY(!hasErrors(issuesOf("[experiment]\nnotes = \"" + std::string(500, '.') + " e.g. this, i.e. that, etc.\"\n"
                                    "[[domain]]\nname = \"a\"\nsources = [\"../../../../a.b.c.txt\"]\n")));
    }

    void sectionsThatAreNoTables()
    {
        for (const char *section : {"experiment", "tokenizer", "model", "training", "mixture"}) {
            QVERIFY2(hasErrors(issuesOf(std::string(section) + " = 3\n[[domain]]\nname = \"a\"\nsources = [\"a\"]\n")), section);
            QVERIFY2(hasErrors(issuesOf("[[domain]]\nname = \"a\"\nsources = [\"a\"]\n[[" + std::string(section) + "]]\n")), section);
        }
        QVERIFY(hasErrors(issuesOf("domain = [1, 2]\n")));
        QVERIFY(hasErrors(issuesOf("[[domain]]\nname = \"a\"\nsources = [\"a\"]\nwhere = 5\n")));
        QVERIFY(hasErrors(issuesOf("[[domain]]\nname = \"a\"\nsources = [\"a\", 1]\n")));
    }

    void valuesAreValidatedWithoutAFile()
    {
        QVERIFY(validate(valid()).empty());
        const double nan = std::numeric_limits<double>::quiet_NaN();
        const std::vector<std::pair<const char *, void (*)(Experiment &)>> breaks{
            {"no name", [](Experiment &e) { e.info.name = " "; }},
            {"seed", [](Experiment &e) { e.info.seed = ~std::uint64_t{0}; }},
            {"split_seed", [](Experiment &e) { e.info.splitSeed = ~std::uint64_t{0}; }},
            {"UTF-8", [](Experiment &e) { e.info.notes = "\xff"; }},
            {"a tag is empty", [](Experiment &e) { e.info.tags = {""}; }},
            {"no domain", [](Experiment &e) { e.domains.clear(); }},
            {"its name is", [](Experiment &e) { e.domains[0].name = "a,b"; }},
            {"control character", [](Experiment &e) { e.domains[0].name = "a\nb"; }},
            {"name has 100 bytes", [](Experiment &e) { e.domains[0].name = std::string(100, 'x'); }},
            {"max_documents is 0", [](Experiment &e) { e.domains[0].maxDocuments = 0; }},
            {"max_bytes is 0", [](Experiment &e) { e.domains[0].maxBytes = 0; }},
            {"text_field is empty", [](Experiment &e) { e.domains[0].textField.clear(); }},
            {"needs JSON Lines", [](Experiment &e) { e.domains[0].format = "text"; e.domains[0].where.field = "a == 1"; }},
            {"split divides text", [](Experiment &e) { e.domains[0].format = "jsonl"; e.domains[0].split = "x"; }},
            {"split cannot be used", [](Experiment &e) { e.domains[0].split = "x*"; }},
            {"where.text is not valid UTF-8", [](Experiment &e) { e.domains[0].where.text = "\xff"; }},
            {"not a JSON value", [](Experiment &e) { e.domains[0].where.field = "a == b"; }},
            {"architecture", [](Experiment &e) { e.model.architecture = "rnn"; }},
            {"layers is 0", [](Experiment &e) { e.model.layers = 0; }},
            {"context is 1", [](Experiment &e) { e.model.context = 1; }},
            {"a step has", [](Experiment &e) { e.training.sequencesPerStep = 1'000'000; e.model.context = 100'000; }},
            {"warmup is 1.5", [](Experiment &e) { e.training.warmup = 1.5; }},
            {"betas holds 1", [](Experiment &e) { e.training.beta2 = 1.0; }},
            {"keep_checkpoints is 0", [](Experiment &e) { e.training.keepCheckpoints = 0; }},
            {"eval_interval is 0", [](Experiment &e) { e.training.evalInterval = 0; }},
            {"eval_tokens is 0", [](Experiment &e) { e.training.evalTokens = 0; }},
            {"stop.on is", [](Experiment &e) { e.training.stop.on = "mixture"; }},
            {"no weight above 0", [](Experiment &e) { e.mixture.policy = "manual"; }},
        };
        for (const auto &[part, breakIt] : breaks) {
            Experiment experiment = valid();
            breakIt(experiment);
            const Issues issues = validate(experiment);
            QVERIFY2(hasErrors(issues), part);
            QVERIFY2(textOf(issues).find(part) != std::string::npos, (std::string(part) + " is not in " + textOf(issues)).c_str());
        }
        Experiment experiment = valid();
        const QTemporaryDir home;
        qputenv("HOME", home.path().toLocal8Bit());
        experiment.tokenizer = {.kind = TokenizerConfig::Kind::SentencePiece, .vocabulary = 300, .model = "~/mine.model"};
        QVERIFY(textOf(validate(experiment)).find("no such file") != std::string::npos);
        QFile model(home.filePath("mine.model"));
        QVERIFY(model.open(QIODevice::WriteOnly));
        QVERIFY(validate(experiment).empty());
        experiment = valid();
        experiment.domains[0].heldOut = nan;
        QVERIFY(hasErrors(validate(experiment)));
        experiment.domains[0].heldOut = 0.0;
        QVERIFY(hasErrors(validate(experiment)));
        QCOMPARE(validate(experiment).size(), std::size_t{1});
        experiment = valid();
        experiment.mixture = {.policy = "uniform", .parameters = {}};
        experiment.training.stop.rule = StopConfig::Rule::SettledMixture; // it is settled from the start
        QVERIFY(hasErrors(validate(experiment)));
        experiment.domains.assign(2000, valid().domains[0]);
        QVERIFY(hasErrors(validate(experiment)));
    }
};

QTEST_GUILESS_MAIN(TestExperimentErrors)
#include "tst_experiment_errors.moc"
