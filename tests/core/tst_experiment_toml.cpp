// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/config/experiment_toml.h"

#include "core/base/error.h"
#include "core/base/rng.h"
#include "core/config/parameter_text.h"
#include "core/mixture/policy_registry.h"

#include <QTemporaryDir>
#include <QTest>

#include <cmath>
#include <limits>

using namespace krater;

namespace {

constexpr const char *kSmall = R"(
[[domain]]
name = "a"
sources = ["a.txt"]
)";

std::string textOf(const Issues &issues)
{
    std::string text;
    for (const Issue &issue : issues)
        text += toString(issue) + '\n';
    return text;
}

Experiment parsed(const std::string &toml)
{
    const LoadedExperiment loaded = parseExperiment(toml, "test.toml", "/folder");
    if (!loaded.experiment || !loaded.issues.empty())
        throw Error(textOf(loaded.issues));
    return *loaded.experiment;
}

// Draws experiments with everything in them that TOML makes hard to write.
class Maker {
public:
    explicit Maker(std::uint64_t seed) : m_rng(seed) {}

    Experiment experiment()
    {
        Experiment e;
        e.info = {.name = "n" + text(), .seed = m_rng() >> 1, .splitSeed = m_rng() >> 1, .notes = text() + "\n" + text(), .tags = texts("t")};
        e.tokenizer = {.kind = TokenizerConfig::Kind(m_rng.below(2)), .vocabulary = int(m_rng.below(60'000)) + 300, .model = ""};
        const std::size_t numDomains = 1 + m_rng.below(5);
        for (std::size_t k = 0; k < numDomains; ++k)
            e.domains.push_back(domain(k));
        e.model = {.architecture = "gpt2", .layers = count(), .width = 64 * count(), .heads = 4, .context = count() + 1};
        e.training = training();
        e.mixture = mixture(e.domainNames());
        return e;
    }

private:
    int count() { return 1 + int(m_rng.below(300)); }
    double fraction() { return m_rng.uniform() * std::pow(10.0, -double(m_rng.below(8))); }

    std::string text()
    {
        static const std::vector<std::string> kPieces{"plain", " ", "'", "\"", "\\", "\\d+", "#", "\t", "ü", "漢字", "🜚", "= [", "${x}", "'''"};
        std::string out;
        for (std::uint64_t i = m_rng.below(6); i > 0; --i)
            out += kPieces[m_rng.below(kPieces.size())];
        return out;
    }

    std::vector<std::string> texts(const std::string &prefix)
    {
        std::vector<std::string> list(m_rng.below(4));
        for (std::string &element : list)
            element = prefix + text();
        return list;
    }

    std::optional<std::uint64_t> maybe()
    {
        return m_rng.uniform() < 0.5 ? std::optional<std::uint64_t>(m_rng() >> (1 + m_rng.below(60))) : std::nullopt;
    }

    DomainConfig domain(std::size_t k)
    {
        DomainConfig d;
        d.name = "d " + std::to_string(k) + "." + std::string(m_rng.below(2), '#');
        d.sources = texts("s");
        d.exclude = texts("x");
        d.format = m_rng.uniform() < 0.5 ? "auto" : "jsonl";
        d.textField = "f" + text();
        d.split = text();
        d.where = {.path = text(), .text = text(), .field = text(), .minLength = m_rng.below(5) * 10'000, .maxLength = maybe()};
        if (m_rng.uniform() < 0.3)
            d.where = {};
        d.maxDocuments = maybe();
        d.maxBytes = maybe();
        d.heldOut = fraction();
        d.colour = m_rng.uniform() < 0.5 ? "" : "#12aBcD";
        return d;
    }

    TrainingConfig training()
    {
        TrainingConfig t;
        t.device = "cuda:1";
        t.precision = TrainingConfig::Precision(m_rng.below(3));
        t.threads = int(m_rng.below(9));
        t.sequencesPerStep = count();
        t.tokenBudget = m_rng() >> (1 + m_rng.below(60));
        t.learningRate = fraction();
        t.minLearningRate = fraction();
        t.warmup = fraction();
        t.schedule = TrainingConfig::Schedule(m_rng.below(3));
        t.weightDecay = fraction();
        t.beta1 = fraction();
        t.beta2 = fraction();
        t.clip = double(m_rng.below(3));
        t.evalInterval = count();
        t.evalTokens = m_rng.below(1'000'000);
        t.checkpointInterval = count();
        t.keepCheckpoints = count();
        t.stop = {.rule = StopConfig::Rule(m_rng.below(3)), .patience = count(), .minDelta = fraction(), .on = "natural"};
        t.promptVectors = count();
        t.sample = {.tokens = count(), .prompt = "a \"b\"\n", .temperature = fraction()};
        return t;
    }

    Weights weights(const std::vector<std::string> &domains)
    {
        Weights weights;
        for (const std::string &domain : domains)
            weights[domain] = fraction();
        return weights;
    }

    MixtureConfig mixture(const std::vector<std::string> &domains)
    {
        MixtureConfig m;
        const PolicyInfo &info = policies()[m_rng.below(policies().size())];
        m.policy = info.name;
        m.batching = MixtureConfig::Batching(m_rng.below(2));
        for (const ParamSpec &spec : info.parameters) {
            m.parameters[spec.name] = spec.defaultValue;
            if (spec.kind == ParamSpec::Kind::Number)
                m.parameters[spec.name] = spec.min + fraction() * (spec.max - spec.min);
            if (spec.kind == ParamSpec::Kind::Weights || spec.kind == ParamSpec::Kind::Numbers
                || (spec.kind == ParamSpec::Kind::Mixture && m_rng.uniform() < 0.5))
                m.parameters[spec.name] = weights(domains);
            if (spec.kind == ParamSpec::Kind::Graph && m_rng.uniform() < 0.8)
                m.parameters[spec.name] = Graph{{domains.front(), weights(domains)}, {domains.back(), weights(domains)}};
            if (spec.kind == ParamSpec::Kind::Schedule)
                m.parameters[spec.name] = Schedule{{0.25 * fraction(), weights(domains)}, {0.5, std::string("natural")}, {1.0, weights(domains)}};
        }
        return m;
    }

    Rng m_rng;
};

} // namespace

class TestExperimentToml : public QObject {
    Q_OBJECT

private slots:
    void parametersAreTextInOneForm()
    {
        const std::vector<std::pair<ParameterValue, std::string>> forms{
            {2.0, "2"},
            {std::string("natural"), "\"natural\""},
            {Weights{{"a", 0.5}, {"b c", 1e-9}}, "{ a = 0.5, \"b c\" = 1e-09 }"},
            {Graph{{"a", {{"b", 0.5}}}, {"b", {{"a", 0.25}, {"b", 1.0}}}}, "{ a = { b = 0.5 }, b = { a = 0.25, b = 1 } }"},
            {Schedule{{0.0, std::string("uniform")}, {0.5, Weights{{"a", 1.0}}}},
             "[{ at = 0, mixture = \"uniform\" }, { at = 0.5, mixture = { a = 1 } }]"}};
        for (const auto &[value, text] : forms) {
            QCOMPARE(parameterText(value), text);
            QVERIFY2(parameterFromText(text) == value, text.c_str());
        }
        for (const char *bad : {"", "natural", "1\nb = 2", "[1]", "[{ at = 0 }]", "[{ at = 0, mixtur = 1 }]", "{ a = true }", "true"})
            QVERIFY_THROWS_EXCEPTION(Error, parameterFromText(bad));
    }

    void defaultsFillWhatIsNotSaid()
    {
        const Experiment experiment = parsed(kSmall);
        QCOMPARE(experiment.info.name, std::string("test")); // the file's
        QCOMPARE(experiment.domains.size(), std::size_t{1});
        QCOMPARE(experiment.model.width, ModelConfig{}.width);
        QCOMPARE(experiment.mixture.policy, std::string("uniform"));
        QCOMPARE(experiment.folder, std::filesystem::path("/folder"));
    }

    void readsEveryKey()
    {
        const LoadedExperiment loaded = loadExperiment(KRATER_TEST_DATA "/experiments/all_keys.toml");
        QVERIFY2(loaded.experiment && loaded.issues.empty(), textOf(loaded.issues).c_str());
        const Experiment &e = *loaded.experiment;
        QCOMPARE(e.info, (ExperimentInfo{"All keys", 42, 7, "two\nlines", {"x", "y"}}));
        QCOMPARE(e.tokenizer, (TokenizerConfig{TokenizerConfig::Kind::SentencePiece, 1000, ""}));
        QCOMPARE(e.domains.at(0).sources, (std::vector<std::string>{"src/**/*.py", "more"}));
        QCOMPARE(e.domains[0].exclude, std::vector<std::string>{"*test*"});
        QCOMPARE(e.domains[0].textField, std::string("body.text"));
        QCOMPARE(e.domains[0].where, (DomainFilter{"*.gz", "(?i)def\\s", "language == \"en\"", 10, 10'000}));
        QCOMPARE(e.domains[0].maxDocuments, std::optional<std::uint64_t>(1000));
        QCOMPARE(e.domains[0].maxBytes, std::optional<std::uint64_t>(2'000'000));
        QCOMPARE(e.domains[0].heldOut, 0.1);
        QCOMPARE(e.domains[0].colour, std::string("#AABBCC"));
        QCOMPARE(e.domains.at(1).split, std::string("(?m)^%$"));
        QCOMPARE(e.domains[1].where.minLength, std::uint64_t{5});
        QCOMPARE(e.model, (ModelConfig{"gpt2", 2, 96, 3, 64}));
        TrainingConfig training{"cuda:1", TrainingConfig::Precision::BFloat16, 2, 8, 1'000'000, 1.0, 0.2, 0.1, TrainingConfig::Schedule::Linear,
                                0.05, 0.8, 0.99, 0.0, 7, 1000, 9, 3, 4, {StopConfig::Rule::Plateau, 3, 0.01, "natural"}, {20, "Once\nupon", 0.5}};
        QCOMPARE(e.training, training);
        QCOMPARE(e.mixture.policy, std::string("gibbs"));
        QCOMPARE(int(e.mixture.batching), int(MixtureConfig::Batching::Stratified));
        QCOMPARE(std::get<double>(e.mixture.parameters.at("temperature")), 2.0);
        QCOMPARE(std::get<Weights>(e.mixture.parameters.at("prior")), (Weights{{"code", 0.25}, {"notes", 0.75}}));
        QCOMPARE(std::get<std::string>(e.mixture.parameters.at("signal")), std::string("held_out"));
        QCOMPARE(std::get<double>(e.mixture.parameters.at("floor")), 0.0); // completed
        QCOMPARE(e.tokensPerStep(), std::uint64_t{512});
        QCOMPARE(e.numSteps(), std::uint64_t{1954}); // 1953.125, rounded up
    }

    void writesWhatItReads()
    {
        Maker maker(11);
        for (int i = 0; i < 300; ++i) {
            const Experiment experiment = maker.experiment();
            const std::string toml = toToml(experiment);
            const LoadedExperiment loaded = parseExperiment(toml, "round.toml", {});
            QVERIFY2(loaded.experiment, (textOf(loaded.issues) + toml).c_str());
            QVERIFY2(*loaded.experiment == experiment, toml.c_str());
            QCOMPARE(toToml(*loaded.experiment), toml); // canonical
        }
    }

    void writesDefaultsToo()
    {
        const std::string toml = toToml(parsed(kSmall));
        for (const char *line : {"seed = 1\n", "split_seed = 1\n", "held_out = 0.05\n", "token_budget = 4_000_000\n", "betas = [0.9, 0.95]\n", "stop = { rule = \"budget\"",
                                 "batching = \"random\"\n"})
            QVERIFY2(toml.find(line) != std::string::npos, line);
        QVERIFY(toml.find("colour") == std::string::npos); // there is nothing to write
        QVERIFY(toml.find("where") == std::string::npos);
    }

    void savesAndLoadsFiles()
    {
        QTemporaryDir folder;
        const auto file = std::filesystem::path(folder.path().toStdString()) / "small.toml";
        const Experiment experiment = parsed(kSmall);
        saveExperiment(experiment, file);
        const LoadedExperiment loaded = loadExperiment(file);
        QVERIFY2(loaded.issues.empty(), textOf(loaded.issues).c_str());
        QVERIFY(*loaded.experiment == experiment);
        QCOMPARE(loaded.experiment->folder, file.parent_path());
        QVERIFY_THROWS_EXCEPTION(Error, saveExperiment(experiment, file / "below a file.toml"));
    }

    void acceptsWindowsFiles()
    {
        const LoadedExperiment loaded =
            parseExperiment("\xEF\xBB\xBF[[domain]]\r\nname = \"a\"\r\nsources = [\"a.txt\"]\r\n", "windows.toml", {});
        QVERIFY2(loaded.experiment && loaded.issues.empty(), textOf(loaded.issues).c_str());
    }
};

QTEST_GUILESS_MAIN(TestExperimentToml)
#include "tst_experiment_toml.moc"
