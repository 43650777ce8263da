// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "tests/nn/torch_models.h"

using namespace krater;
using namespace krater::test;

namespace {

// More sequences than a worker takes at once, of random tokens, for a model that has been trained a little.
constexpr std::size_t kNumSequences = 50;

Batch randomBatch(const LanguageModelSpec &spec)
{
    Rng rng(5);
    Batch batch = countingBatch(spec, kNumSequences, rng);
    for (TokenId &token : batch.tokens)
        token = static_cast<TokenId>(rng.below(static_cast<std::uint64_t>(spec.vocabulary)));
    return batch;
}

std::unique_ptr<LanguageModel> trainedModel(const LanguageModelSpec &spec)
{
    auto model = makeModelOfKind(spec);
    Rng rng(6);
    for (int step = 0; step < 5; ++step)
        model->trainStep(countingBatch(spec, 8, rng), 1e-2);
    return model;
}

} // namespace

// What a model says of tokens without learning from them.
class TestForwardPasses : public QObject {
    Q_OBJECT

private slots:
    void tokenLossesHaveTheSequencesLossAsTheirMean_data() { addNetworkKinds(); }
    void tokenLossesHaveTheSequencesLossAsTheirMean()
    {
        const LanguageModelSpec spec = smallSpec();
        const auto model = trainedModel(spec);
        const Batch batch = randomBatch(spec);
        const std::vector<float> tokenLosses = model->tokenLosses(batch);
        QCOMPARE(tokenLosses.size(), kNumSequences * batch.context);
        std::vector<double> means;
        for (auto first = tokenLosses.begin(); first != tokenLosses.end(); first += std::ptrdiff_t(batch.context))
            means.push_back(std::accumulate(first, first + std::ptrdiff_t(batch.context), 0.0) / double(batch.context));
        QVERIFY(largestDifference(means, model->evaluate(batch)) < 1e-6);
        QCOMPARE(model->tokenLosses(batch), tokenLosses);
    }

    void tokenLossesAgreeWithLibTorch()
    {
        const LanguageModelSpec spec = smallSpec();
        const Batch batch = randomBatch(spec);
        const auto own = makeModel(spec), reference = makeModel(spec, NetworkKind::Tensor);
        const std::vector<float> a = own->tokenLosses(batch), b = reference->tokenLosses(batch);
        QVERIFY(largestDifference({a.begin(), a.end()}, {b.begin(), b.end()}) < 1e-5);
    }

    // Their cross entropy with the token that comes next is that token's loss.
    void logitsAreThoseOfTheLosses_data() { addNetworkKinds(); }
    void logitsAreThoseOfTheLosses()
    {
        const LanguageModelSpec spec = smallSpec();
        const auto model = trainedModel(spec);
        const Batch batch = randomBatch(spec);
        const std::vector<float> tokenLosses = model->tokenLosses(batch);
        const auto sequence = batch.sequence(0);
        for (const std::size_t length : {1, 2, 13, 24}) {
            const std::vector<float> logits = model->nextTokenLogits(sequence.first(length));
            QCOMPARE(logits.size(), std::size_t(spec.vocabulary));
            double sum = 0;
            for (const float logit : logits)
                sum += std::exp(double(logit));
            QVERIFY(std::abs(std::log(sum) - double(logits[sequence[length]]) - double(tokenLosses[length - 1]))
                    < 1e-5);
            QCOMPARE(model->nextTokenLogits(sequence.first(length)), logits);
        }
    }

    void forwardPassesChangeNothing_data() { addNetworkKinds(); }
    void forwardPassesChangeNothing()
    {
        const LanguageModelSpec spec = smallSpec();
        const auto model = trainedModel(spec), other = trainedModel(spec);
        const Batch batch = randomBatch(spec);
        model->tokenLosses(batch);
        model->nextTokenLogits(batch.sequence(0).first(24));
        QVERIFY(sameBytes(model->save(), other->save()));
        QCOMPARE(model->trainStep(batch, 1e-3).sequenceLosses, other->trainStep(batch, 1e-3).sequenceLosses);
        QVERIFY(sameBytes(model->save(), other->save()));
    }

    void bfloat16IsNearby()
    {
        LanguageModelSpec spec = smallSpec();
        const Batch batch = randomBatch(spec);
        const std::vector<float> exact = makeModel(spec)->tokenLosses(batch);
        spec.training.precision = TrainingConfig::Precision::BFloat16;
        const auto model = makeModel(spec);
        const std::vector<float> rounded = model->tokenLosses(batch);
        QVERIFY(largestDifference({exact.begin(), exact.end()}, {rounded.begin(), rounded.end()}) < 0.05);
        QCOMPARE(model->nextTokenLogits(batch.sequence(0).first(3)).size(), std::size_t(spec.vocabulary));
    }

    void refusesOtherTokens()
    {
        const LanguageModelSpec spec = smallSpec();
        const auto model = makeModel(spec);
        const std::vector<TokenId> tokens(25, 0);
        QVERIFY(errorOf([&] { model->nextTokenLogits({}); }).contains(QStringLiteral("0 tokens")));
        QVERIFY(errorOf([&] { model->nextTokenLogits(tokens); }).contains(QStringLiteral("context of 24")));
        QVERIFY(
            errorOf([&] { model->nextTokenLogits(std::vector<TokenId>{61}); }).contains(QStringLiteral("token 61")));
        QVERIFY(!errorOf([&] { model->tokenLosses(Batch{}); }).isEmpty());
    }
};

QTEST_GUILESS_MAIN(TestForwardPasses)
#include "tst_forward_passes.moc"
