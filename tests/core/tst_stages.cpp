// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/config/stages.h"

#include "core/base/error.h"
#include "core/config/domain_edits.h"
#include "core/config/experiment_toml.h"

#include <QTest>

#include <algorithm>
#include <string>

using namespace krater;

namespace {

const std::string kBase = R"([experiment]
name = "Plan"
[[domain]]
name = "a"
sources = ["a"]
[[domain]]
name = "b"
sources = ["b"]
[training]
token_budget = 1000
learning_rate = 0.01
[mixture]
policy = "gibbs"
temperature = 2
)";

const std::string kPlan = kBase + R"(
[[stage]]
role = "reference"
seed = 9
mixture.policy = "natural"

[[stage]]
name = "find it"
role = "proxy"
reference.from = "reference"
[stage.model]
width = 64
[stage.training]
token_budget = 500
betas = [0.5, 0.6]
stop = { rule = "plateau", patience = 2 }
[stage.mixture]
temperature = 0.5
batching = "stratified"

[[stage]]
role = "main"
mixture.from = "find it"

[[stage]]
name = "only b"
role = "fine_tune"
weights.from = "main"
training.learning_rate = 1e-4
mixture = { policy = "manual", weights = { b = 1 } }
)";

std::string textOf(const Issues &issues)
{
    std::string text;
    for (const Issue &issue : issues)
        text += toString(issue) + '\n';
    return text;
}

Experiment planOf(const std::string &toml, const std::vector<std::string> &overrides = {})
{
    const LoadedExperiment loaded = parseExperiment(toml, "plan.toml", "/folder", overrides);
    if (!loaded.experiment || !loaded.issues.empty())
        throw Error(textOf(loaded.issues));
    return *loaded.experiment;
}

const StageResults kResults{{{0.5, 0.5}, {0.5, 0.5}}, {{0.1, 0.9}, {0.3, 0.7}}, {{0.1, 0.9}, {0.1, 0.9}}};

Weights weightsOf(const Experiment &experiment)
{
    return std::get<Weights>(experiment.mixture.parameters.at("weights"));
}

} // namespace

class TestStages : public QObject {
    Q_OBJECT

private slots:
    void readsEveryKey();
    void writesWhatItReads();
    void aFileWithoutStagesIsWrittenWithout();
    void aStageIsTheExperimentWithItsOwnValues();
    void takesTheMixtureOfAnEarlierStage();
    void anExperimentOfItsOwnIsComplete();
    void aStageWhoseSourceHasNotRunIsRefused();
    void overridesReachBaseAndStages();
    void domainEditsReachStages();
    void mistakesAreNamed_data();
    void mistakesAreNamed();
};

void TestStages::readsEveryKey()
{
    const Experiment plan = planOf(kPlan);
    QCOMPARE(plan.stages.size(), std::size_t{4});
    const StageConfig &reference = plan.stages[0];
    QCOMPARE(reference.name, std::string("reference")); // goes by its role
    QVERIFY(reference.role == RunRole::Reference);
    QCOMPARE(reference.seed, std::optional<std::uint64_t>(9));
    QCOMPARE(reference.mixture.policy, std::string("natural"));
    const StageConfig &proxy = plan.stages[1];
    QCOMPARE(proxy.name, std::string("find it"));
    QCOMPARE(proxy.reference.from, std::string("reference"));
    QCOMPARE(proxy.model.keys, std::set<std::string>{"width"});
    QCOMPARE(proxy.training.keys, (std::set<std::string>{"betas", "stop", "token_budget"}));
    QVERIFY(proxy.mixture.batching == MixtureConfig::Batching::Stratified);
    QVERIFY(plan.stages[2].mixture.take == StageMixture::Take::Average);
    QCOMPARE(plan.stages[3].weights.from, std::string("main"));
    QCOMPARE(stageNamed(plan, "main"), std::optional<std::size_t>(2));
    QVERIFY(!stageNamed(plan, "nobody"));
}

void TestStages::writesWhatItReads()
{
    const Experiment plan = planOf(kPlan);
    const std::string toml = toToml(plan);
    QVERIFY2(planOf(toml) == plan, toml.c_str());
    QCOMPARE(toToml(planOf(toml)), toml); // canonical
    for (const char *part : {"[[stage]]\nname = \"find it\"\nrole = \"proxy\"\n", "[stage.training]\ntoken_budget = 500\n", "from = \"find it\"\ntake = \"average\"\n"})
        QVERIFY2(toml.find(part) != std::string::npos, (part + toml).c_str());
}

void TestStages::aFileWithoutStagesIsWrittenWithout()
{
    QVERIFY(planOf(kBase).stages.empty());
    QVERIFY(toToml(planOf(kBase)).find("stage") == std::string::npos);
}

void TestStages::aStageIsTheExperimentWithItsOwnValues()
{
    const Experiment plan = planOf(kPlan);
    const Experiment reference = stageExperiment(plan, 0, {});
    QCOMPARE(reference.info.name, std::string("Plan: reference"));
    QCOMPARE(reference.info.seed, std::uint64_t{9});
    QCOMPARE(reference.training, plan.training);
    QCOMPARE(reference.mixture.policy, std::string("natural"));
    QVERIFY(!reference.mixture.parameters.contains("temperature")); // of the experiment's policy
    QCOMPARE(reference.folder, plan.folder);

    const Experiment proxy = stageExperiment(plan, 1, {});
    QVERIFY(proxy.stages.empty());
    QCOMPARE(proxy.info.seed, plan.info.seed);
    QCOMPARE(proxy.model.width, 64);
    QCOMPARE(proxy.model.layers, plan.model.layers);
    TrainingConfig training = plan.training;
    training.tokenBudget = 500;
    training.beta1 = 0.5;
    training.beta2 = 0.6;
    training.stop = {.rule = StopConfig::Rule::Plateau, .patience = 2};
    QCOMPARE(proxy.training, training);
    MixtureConfig mixture = plan.mixture;
    mixture.batching = MixtureConfig::Batching::Stratified;
    mixture.parameters["temperature"] = 0.5;
    QCOMPARE(proxy.mixture, mixture);

    const Experiment fineTune = stageExperiment(plan, 3, kResults);
    QCOMPARE(fineTune.training.learningRate, 1e-4);
    QCOMPARE(weightsOf(fineTune), (Weights{{"b", 1.0}}));
}

void TestStages::takesTheMixtureOfAnEarlierStage()
{
    Experiment plan = planOf(kPlan);
    const Experiment average = stageExperiment(plan, 2, kResults);
    QCOMPARE(average.mixture.policy, std::string("manual"));
    QCOMPARE(weightsOf(average), (Weights{{"a", 0.1}, {"b", 0.9}}));
    plan.stages[2].mixture.take = StageMixture::Take::Final;
    QCOMPARE(weightsOf(stageExperiment(plan, 2, kResults)), (Weights{{"a", 0.3}, {"b", 0.7}}));
}

// The frozen copy of a stage gives the same run without the plan.
void TestStages::anExperimentOfItsOwnIsComplete()
{
    const Experiment plan = planOf(kPlan);
    for (std::size_t stage = 0; stage < plan.stages.size(); ++stage) {
        const Experiment experiment = stageExperiment(plan, stage, kResults);
        QVERIFY2(validate(experiment).empty(), textOf(validate(experiment)).c_str());
        QVERIFY(planOf(toToml(experiment)) == experiment);
    }
}

void TestStages::aStageWhoseSourceHasNotRunIsRefused()
{
    const Experiment plan = planOf(kPlan);
    QVERIFY_THROWS_EXCEPTION(Error, stageExperiment(plan, 2, {kResults[0]}));
    const StageResult ofOtherDomains{{1.0}, {1.0}};
    QVERIFY_THROWS_EXCEPTION(Error, stageExperiment(plan, 2, {kResults[0], ofOtherDomains}));
}

void TestStages::overridesReachBaseAndStages()
{
    const Experiment plan = planOf(kPlan, {"training.token_budget=7", "stage.find it.training.stop.patience=3", "stage.reference.seed=4",
                                           "stage.only b.mixture.weights.a=0.5", "stage.main.training.clip=2"});
    QCOMPARE(stageExperiment(plan, 0, {}).training.tokenBudget, std::uint64_t{7});
    QCOMPARE(stageExperiment(plan, 1, {}).training.tokenBudget, std::uint64_t{500}); // its own
    QCOMPARE(stageExperiment(plan, 1, {}).training.stop.patience, 3);
    QCOMPARE(stageExperiment(plan, 0, {}).info.seed, std::uint64_t{4});
    QCOMPARE(stageExperiment(plan, 2, kResults).training.clip, 2.0);
    QCOMPARE(weightsOf(stageExperiment(plan, 3, kResults)), (Weights{{"a", 0.5}, {"b", 1.0}}));
    const LoadedExperiment wrong = parseExperiment(kPlan, "plan.toml", {}, {"stage.mian.training.clip=2", "stage.main.training.clipp=2"});
    QVERIFY2(textOf(wrong.issues).find("there is no stage \"mian\" (did you mean \"main\"?)") != std::string::npos, textOf(wrong.issues).c_str());
    QVERIFY2(textOf(wrong.issues).find("--set stage.main.training.clipp=2: error: stage \"main\": \"clipp\" is not a known key") != std::string::npos,
             textOf(wrong.issues).c_str());
}

void TestStages::domainEditsReachStages()
{
    const Experiment renamed = withDomainRenamed(planOf(kPlan), 1, "c");
    QCOMPARE(std::get<Weights>(renamed.stages[3].mixture.parameters.at("weights")), (Weights{{"c", 1.0}}));
    QVERIFY2(validate(renamed).empty(), textOf(validate(renamed)).c_str());
    const Experiment merged = withDomainsMerged(planOf(kPlan), {0, 1});
    QCOMPARE(std::get<Weights>(merged.stages[3].mixture.parameters.at("weights")), (Weights{{"a", 1.0}}));
}

void TestStages::mistakesAreNamed_data()
{
    QTest::addColumn<QString>("stages");
    QTest::addColumn<QString>("expected"); // line of the stages: part of the message
    const auto row = [](const char *name, const char *stages, const char *expected) { QTest::newRow(name) << QString(stages) << QString(expected); };
    row("a table", "[stage]\nrole = \"main\"", "1:1: error: stage is a table (write [[stage]]");
    row("no role", "[[stage]]\nname = \"x\"", "1:1: error: stage \"x\": role is missing (write role = \"...\": reference, proxy, main, fine_tune, prompt_tune)");
    row("unknown role", "[[stage]]\nrole = \"prompt\"", "2:8: error: stage \"prompt\": role is \"prompt\" (use reference, proxy, main, fine_tune, prompt_tune)");
    row("unknown key", "[[stage]]\nrole = \"main\"\nweigths.from = \"x\"", "3:1: error: stage \"main\": \"weigths\" is not a known key (did you mean \"weights\"?)");
    row("unknown source key", "[[stage]]\nrole = \"main\"\nweights.form = \"x\"", "stage \"main\": \"form\" is not a known key (did you mean \"from\"?)");
    row("unknown training key", "[[stage]]\nrole = \"main\"\ntraining.clipp = 1", "stage \"main\": \"clipp\" is not a known key (did you mean \"clip\"?)");
    row("unknown parameter", "[[stage]]\nrole = \"main\"\nmixture.temprature = 1", "stage \"main\": \"temprature\" is not a key of the policy gibbs");
    row("parameter of another policy", "[[stage]]\nrole = \"main\"\nmixture = { policy = \"natural\", temperature = 1 }",
        "stage \"main\": \"temperature\" is not a key of the policy natural");
    row("wrong type", "[[stage]]\nrole = \"main\"\ntraining.clip = \"much\"", "stage \"main\": training.clip is a string, not a number");
    row("no table", "[[stage]]\nrole = \"main\"\nweights = \"proxy\"", "stage \"main\": weights is a string, not a table");
    row("no mixture", "[[stage]]\nrole = \"main\"\nmixture = \"proxy\"", "stage \"main\": mixture is a string, not a table");
    row("take", "[[stage]]\nrole = \"main\"\nmixture.take = \"mean\"", "stage \"main\": mixture.take is \"mean\" (use average, final)");
    row("take of nothing", "[[stage]]\nrole = \"main\"\nmixture.take = \"final\"", "3:16: error: stage \"main\": mixture.take is not used without mixture.from");
    row("same name", "[[stage]]\nrole = \"main\"\n[[stage]]\nrole = \"main\"", "3:1: error: stage \"main\": a stage of that name is there already");
    row("empty name", "[[stage]]\nrole = \"main\"\nname = \" \"", "3:8: error: stage \" \": it has no name");
    row("long name", ("[[stage]]\nrole = \"main\"\nname = \"" + std::string(65, 'x') + "\"").c_str(), "its name has 65 bytes (use at most 64)");
    row("itself", "[[stage]]\nrole = \"main\"\nweights.from = \"main\"", "3:16: error: stage \"main\": weights.from is \"main\", which does not come before it");
    row("later", "[[stage]]\nrole = \"main\"\nmixture.from = \"p\"\n[[stage]]\nname = \"p\"\nrole = \"proxy\"",
        "3:16: error: stage \"main\": mixture.from is \"p\", which does not come before it");
    row("misspelt", "[[stage]]\nrole = \"proxy\"\n[[stage]]\nrole = \"main\"\nreference.from = \"prxy\"",
        "5:18: error: stage \"main\": reference.from is \"prxy\", and there is no such stage before it (did you mean \"proxy\"?)");
    row("from and policy", "[[stage]]\nrole = \"proxy\"\n[[stage]]\nrole = \"main\"\nmixture = { from = \"proxy\", policy = \"natural\" }",
        "5:38: error: stage \"main\": it has both mixture.from and mixture.policy");
    row("from and parameter", "[[stage]]\nrole = \"proxy\"\n[[stage]]\nrole = \"main\"\nmixture = { from = \"proxy\", temperature = 2 }",
        "5:43: error: stage \"main\": mixture.temperature is a policy's");
    row("fine_tune from nothing", "[[stage]]\nrole = \"fine_tune\"", "2:8: error: stage \"fine_tune\": a fine_tune stage goes on from the weights");
    row("prompt_tune from nothing", "[[stage]]\nrole = \"prompt_tune\"\ntraining.prompt_vectors = 4",
        "2:8: error: stage \"prompt_tune\": a prompt_tune stage goes on from the weights");
    row("nothing to tune", "[[stage]]\nrole = \"main\"\n[[stage]]\nrole = \"prompt_tune\"\nweights.from = \"main\"",
        "3:1: error: stage \"prompt_tune\": a prompt_tune stage has no prompt vectors to train (write training.prompt_vectors = 16)");
    row("prompt vectors elsewhere", "[[stage]]\nrole = \"main\"\ntraining.prompt_vectors = 4",
        "3:27: error: stage \"main\": training.prompt_vectors freezes the weights");
    row("weights of prompt vectors",
        "[[stage]]\nrole = \"main\"\n[[stage]]\nrole = \"prompt_tune\"\nweights.from = \"main\"\ntraining.prompt_vectors = 4\n"
        "[[stage]]\nrole = \"fine_tune\"\nweights.from = \"prompt_tune\"",
        "9:16: error: stage \"fine_tune\": \"prompt_tune\" trains prompt vectors, not weights (write weights.from = \"main\", whose weights it has)");
    row("too many prompt vectors",
        "[[stage]]\nrole = \"main\"\n[[stage]]\nrole = \"prompt_tune\"\nweights.from = \"main\"\ntraining.prompt_vectors = 100000",
        "6:27: error: stage \"prompt_tune\": training.prompt_vectors is 100000");
    row("another model", "[[stage]]\nrole = \"proxy\"\nmodel.width = 64\n[[stage]]\nrole = \"main\"\nweights.from = \"proxy\"",
        "6:16: error: stage \"main\": its model is another than that of \"proxy\"");
    row("value", "[[stage]]\nrole = \"main\"\ntraining.learning_rate = 0", "3:26: error: stage \"main\": training.learning_rate is 0");
    row("model", "[[stage]]\nrole = \"main\"\nmodel.heads = 3", "3:15: error: stage \"main\": model.heads is 3, which does not divide model.width of 128");
    row("stop", "[[stage]]\nrole = \"main\"\nmixture.policy = \"natural\"\ntraining.stop.rule = \"settled_mixture\"",
        "stage \"main\": the policy natural never moves the mixture");
    row("no reference", "[[stage]]\nrole = \"proxy\"\nmixture.policy = \"doremi\"",
        "3:18: error: stage \"proxy\": the policy doremi compares with a reference model, and there is none");
    row("unknown policy", "[[stage]]\nrole = \"main\"\nmixture.policy = \"gibs\"", "3:18: error: stage \"main\": there is no policy \"gibs\" (did you mean \"gibbs\"?)");
    row("unknown domain", "[[stage]]\nrole = \"main\"\nmixture = { policy = \"manual\", weights = { c = 1 } }", "names the domain \"c\"");
}

void TestStages::mistakesAreNamed()
{
    QFETCH(QString, stages);
    QFETCH(QString, expected);
    const auto numLines = std::ranges::count(kBase, '\n');
    const LoadedExperiment loaded = parseExperiment(kBase + stages.toStdString(), "p.toml", {});
    const std::string all = textOf(loaded.issues);
    QCOMPARE(loaded.issues.size(), std::size_t{1});
    QVERIFY(!loaded.issues[0].advice.empty());
    Issue issue = loaded.issues[0];
    QVERIFY(issue.line > numLines); // at its place, not at the file's first line
    issue.line -= int(numLines);
    QVERIFY2(toString(issue).find(expected.toStdString()) != std::string::npos, all.c_str());
}

QTEST_GUILESS_MAIN(TestStages)
#include "tst_stages.moc"
