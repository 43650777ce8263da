// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/corpus/corpus_facts.h"
#include "core/train/trainer.h"

#include "tests/support/forwarding_model.h"
#include "tests/support/training_fixture.h"

#include <QTest>

#include <algorithm>
#include <cmath>

using namespace krater;

namespace {

using Numbers = std::vector<double>;
constexpr std::size_t kNumDomains = 3;
constexpr std::uint64_t kNumSteps = 20;

// What a model was asked and answered.
struct Record {
    std::vector<Batch> batches;
    std::vector<std::vector<float>> tokenLosses;
    std::vector<DomainGradients> gradients;
    std::vector<Numbers> weights; // of sequences or of domains
    std::vector<double> learningRates;
};

class WatchedModel : public ForwardingModel {
public:
    WatchedModel(std::unique_ptr<LanguageModel> model, Record &record) : ForwardingModel(std::move(model)), m_record(record) {}

    TrainStepResult trainStep(const Batch &batch, double learningRate, std::span<const double> weights = {}) override
    {
        keep(weights, learningRate);
        return ForwardingModel::trainStep(batch, learningRate, weights);
    }
    std::vector<float> tokenLosses(const Batch &batch) override
    {
        m_record.batches.push_back(batch);
        m_record.tokenLosses.push_back(ForwardingModel::tokenLosses(batch));
        return m_record.tokenLosses.back();
    }
    DomainGradients domainGradients(const Batch &batch, std::size_t numDomains, double clip) override
    {
        m_record.batches.push_back(batch);
        m_record.gradients.push_back(ForwardingModel::domainGradients(batch, numDomains, clip));
        return m_record.gradients.back();
    }
    TrainStepResult applyDomainGradients(std::span<const double> weights, double learningRate) override
    {
        keep(weights, learningRate);
        return ForwardingModel::applyDomainGradients(weights, learningRate);
    }

private:
    void keep(std::span<const double> weights, double learningRate)
    {
        m_record.weights.emplace_back(weights.begin(), weights.end());
        m_record.learningRates.push_back(learningRate);
    }

    Record &m_record;
};

Experiment proxyExperiment(const std::string &policy, ParameterValues parameters)
{
    Experiment e = smallExperiment(kNumSteps);
    e.model = {.architecture = "gpt2", .layers = 1, .width = 16, .heads = 2, .context = 8};
    e.training.threads = 1;
    e.training.device = "cpu";
    e.training.learningRate = 5e-3;
    e.mixture = {.policy = policy, .parameters = std::move(parameters)};
    return e;
}

std::unique_ptr<LanguageModel> modelOf(const Experiment &e, std::uint64_t seed)
{
    return loadEngine()->create({e.model, e.training, 257, seed});
}

// A reference model that has been trained for a while on uniform data.
std::unique_ptr<LanguageModel> referenceModel(const Experiment &e)
{
    Experiment uniform = e;
    uniform.mixture = {.policy = "uniform", .parameters = {}};
    std::shared_ptr<const TrainerSnapshot> last;
    Trainer trainer(uniform, smallCorpus(), modelOf(e, 3), [&](const RunEvent &event) {
        if (const auto *checkpoint = std::get_if<CheckpointEvent>(&event))
            last = checkpoint->snapshot;
    });
    trainer.start();
    while (trainer.status() == Trainer::Status::Training)
        trainer.step();
    auto reference = modelOf(e, 4);
    reference->setWeights(last->tensors);
    return reference;
}

void expectNear(const Numbers &actual, const Numbers &expected, double tolerance)
{
    QCOMPARE(actual.size(), expected.size());
    for (std::size_t i = 0; i < actual.size(); ++i)
        QVERIFY2(std::abs(actual[i] - expected[i]) <= tolerance * std::max(1.0, std::abs(expected[i])),
                 qPrintable(QStringLiteral("%1: %2, not %3").arg(i).arg(actual[i]).arg(expected[i])));
}

Numbers softmax(Numbers logits)
{
    double sum = 0;
    for (double &logit : logits)
        sum += (logit = std::exp(logit));
    for (double &logit : logits)
        logit /= sum;
    return logits;
}

// A proxy run with all that its models were asked.
struct ProxyRun {
    explicit ProxyRun(const Experiment &experiment, bool withReference = false)
        : trainer(experiment, smallCorpus(), std::make_unique<WatchedModel>(modelOf(experiment, 5), proxy),
                  [this](const RunEvent &event) { log.onRunEvent(event); },
                  withReference ? std::make_unique<WatchedModel>(referenceModel(experiment), reference) : nullptr)
    {
    }

    void train(std::uint64_t until = kNumSteps)
    {
        while (trainer.status() == Trainer::Status::Training && trainer.stepsDone() < until)
            trainer.step();
    }

    Record proxy, reference;
    EventLog log;
    Trainer trainer;
};

} // namespace

// DoReMi and DoGE on the real engine: the weights of every step are computed once more here, from the losses and gradients that the models gave.
class TestProxyRun : public QObject {
    Q_OBJECT

private slots:
    void doremiWeighsByExcessLoss_data()
    {
        QTest::addColumn<QString>("normalisation");
        QTest::newRow("batch") << "batch";
        QTest::newRow("domain") << "domain";
    }

    void doremiWeighsByExcessLoss()
    {
        QFETCH(const QString, normalisation);
        const double eta = 2.0, smoothing = 0.01;
        const Experiment e = proxyExperiment("doremi", {{"eta", eta},
                                                        {"smoothing", smoothing},
                                                        {"sampling", std::string("natural")},
                                                        {"normalisation", normalisation.toStdString()}});
        ProxyRun run(e, true);
        run.trainer.start();
        run.train();
        const auto steps = run.log.all<StepEvent>();
        QCOMPARE(steps.size(), std::size_t(kNumSteps));
        const Numbers tokens = factsOf(*smallCorpus()).domainTokens;
        Numbers p(kNumDomains, 1.0 / kNumDomains), scores(kNumDomains, std::log(257.0)), sum = p;
        for (std::size_t n = 0; n < steps.size(); ++n) {
            const Batch &batch = run.proxy.batches[n];
            QVERIFY(batch.tokens == run.reference.batches[n].tokens); // the same text
            Numbers excess(kNumDomains, 0.0), count(kNumDomains, 0.0);
            for (std::size_t i = 0; i < run.proxy.tokenLosses[n].size(); ++i) {
                const std::size_t k = batch.domains[i / batch.context];
                excess[k] += std::max(0.0, double(run.proxy.tokenLosses[n][i]) - double(run.reference.tokenLosses[n][i]));
                count[k] += 1.0;
            }
            Numbers logits(kNumDomains);
            for (std::size_t k = 0; k < kNumDomains; ++k) {
                scores[k] = count[k] > 0 ? excess[k] / count[k] : scores[k];
                logits[k] = std::log(p[k]) + eta * scores[k];
            }
            p = softmax(logits);
            for (std::size_t k = 0; k < kNumDomains; ++k) {
                p[k] = (1.0 - smoothing) * p[k] + smoothing / kNumDomains;
                sum[k] += p[k];
            }
            expectNear(steps[n].objectiveShare, p, 1e-9);

            Numbers weights;
            double all = 0;
            for (const std::uint32_t k : batch.domains) {
                const double q = tokens[k] / (tokens[0] + tokens[1] + tokens[2]);
                weights.push_back(normalisation == "batch" ? p[k] / q : p[k] * double(batch.context) / count[k]);
                all += weights.back();
            }
            for (double &weight : weights)
                weight /= all;
            expectNear(run.proxy.weights[n], weights, 1e-9);
        }
        for (double &weight : sum)
            weight /= double(kNumSteps + 1);
        QCOMPARE(steps.back().terms[2].name, std::string("average"));
        expectNear(steps.back().terms[2].values, sum, 1e-9);
    }

    void dogeWeighsByAlignment()
    {
        const double mu = 0.01, most = 5.0;
        const Experiment e = proxyExperiment("doge", {{"mu", mu}, {"targets", Weights{{"a", 1.0}, {"c", 1.0}}}, {"clip", 0.5}});
        ProxyRun run(e);
        run.trainer.start();
        run.train();
        const auto steps = run.log.all<StepEvent>();
        QCOMPARE(steps.size(), std::size_t(kNumSteps));
        Numbers p(kNumDomains, 1.0 / kNumDomains), sum(kNumDomains, 0.0);
        for (std::size_t n = 0; n < steps.size(); ++n) {
            const DomainGradients &gradients = run.proxy.gradients[n];
            const double rate = run.proxy.learningRates[n];
            double meanNorm = 0;
            for (const double norm : gradients.norms) {
                QVERIFY(norm <= 0.5 + 1e-6);
                meanNorm += norm / kNumDomains;
            }
            Numbers logits(kNumDomains);
            for (std::size_t k = 0; k < kNumDomains; ++k) {
                const double product = gradients.dotProducts[k * kNumDomains] + gradients.dotProducts[k * kNumDomains + 2];
                const double score = std::clamp(rate * product / (meanNorm + 1e-6), 0.0, most * rate);
                logits[k] = std::log(p[k]) + score / mu;
            }
            p = softmax(logits);
            Numbers used = p;
            for (std::size_t k = 0; k < kNumDomains; ++k) {
                sum[k] += p[k] / double(kNumSteps);
                if (std::ranges::find(run.proxy.batches[n].domains, std::uint32_t(k)) == run.proxy.batches[n].domains.end())
                    used[k] = 0.0;
            }
            expectNear(steps[n].objectiveShare, p, 1e-7);
            expectNear(run.proxy.weights[n], used, 1e-7);
            expectNear(steps[n].targetShare, Numbers(kNumDomains, 1.0 / kNumDomains), 1e-12);
        }
        expectNear(steps.back().terms[2].values, sum, 1e-7);
        QVERIFY(std::abs(p[0] - p[1]) > 1e-3); // it has moved
    }

    void resumedInTheMiddleTheyEqualAnUndisturbedRun_data()
    {
        QTest::addColumn<QString>("policy");
        QTest::newRow("doremi") << "doremi";
        QTest::newRow("doge") << "doge";
    }

    void resumedInTheMiddleTheyEqualAnUndisturbedRun()
    {
        QFETCH(const QString, policy);
        const Experiment e = proxyExperiment(policy.toStdString(), {});
        const bool withReference = policy == "doremi";
        ProxyRun undisturbed(e, withReference), first(e, withReference), second(e, withReference);
        undisturbed.trainer.start();
        undisturbed.train();
        first.trainer.start();
        first.train(7);
        first.trainer.checkpoint();
        second.trainer.resume(*first.log.all<CheckpointEvent>().back().snapshot);
        second.train();
        const auto expected = undisturbed.log.all<StepEvent>(), actual = second.log.all<StepEvent>();
        QCOMPARE(actual.size(), std::size_t(kNumSteps - 7));
        for (std::size_t i = 0; i < actual.size(); ++i)
            QVERIFY2(samePoint(actual[i], expected[i + 7]), qPrintable(QString::number(i)));
    }

    void doremiNeedsAReference()
    {
        const Experiment e = proxyExperiment("doremi", {});
        QVERIFY_THROWS_EXCEPTION(Error, ProxyRun(e, false));
    }
};

QTEST_GUILESS_MAIN(TestProxyRun)
#include "tst_proxy_run.moc"
