// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "tests/nn/torch_models.h"

using namespace krater;
using namespace krater::test;

namespace {

constexpr int kPromptVectors = 5;

LanguageModelSpec promptSpec()
{
    LanguageModelSpec spec = smallSpec();
    spec.training.promptVectors = kPromptVectors;
    return spec;
}

// A model that has learned one thing, with prompt vectors to learn another by.
std::unique_ptr<LanguageModel> promptModel(const LanguageModelSpec &spec)
{
    LanguageModelSpec trained = spec;
    trained.training.promptVectors = 0;
    const auto before = makeModelOfKind(trained);
    Rng rng(6);
    for (int step = 0; step < 20; ++step)
        before->trainStep(countingBatch(trained, 8, rng), 1e-2);
    auto model = makeModelOfKind(spec);
    model->setWeights(before->save());
    return model;
}

// What the model has not learned: a few of the tokens in any order.
Batch otherBatch(const LanguageModelSpec &spec)
{
    Rng rng(9);
    Batch batch = countingBatch(spec, 12, rng);
    for (TokenId &token : batch.tokens)
        token = static_cast<TokenId>(rng.below(8));
    return batch;
}

std::vector<NamedTensor> withoutPrompt(std::vector<NamedTensor> tensors)
{
    std::erase_if(tensors, [](const NamedTensor &tensor) {
        return !tensor.name.starts_with("model.") || tensor.name == "model.prompt.weight";
    });
    return tensors;
}

} // namespace

// Vectors before each sequence that are trained while the model's weights stay as they are.
class TestPromptVectors : public QObject {
    Q_OBJECT

private slots:
    void onlyTheyLearn_data() { addNetworkKinds(); }
    void onlyTheyLearn()
    {
        const LanguageModelSpec spec = promptSpec();
        const auto model = promptModel(spec);
        const std::vector<NamedTensor> before = model->save();
        const Batch batch = otherBatch(spec);
        const double first = mean(model->evaluate(batch));
        for (int step = 0; step < 100; ++step)
            model->trainStep(batch, 0.03);
        const std::vector<NamedTensor> after = model->save();
        QVERIFY2(mean(model->evaluate(batch)) < first - 0.1,
                 qPrintable(QStringLiteral("%1 -> %2").arg(first).arg(mean(model->evaluate(batch)))));
        QVERIFY(sameBytes(withoutPrompt(after), withoutPrompt(before)));
        const NamedTensor *prompt = find(after, "model.prompt.weight");
        QVERIFY(prompt != nullptr);
        QCOMPARE(prompt->shape, (std::vector<std::int64_t>{kPromptVectors, spec.model.width}));
        QVERIFY(prompt->bytes != find(before, "model.prompt.weight")->bytes);
        QCOMPARE(std::count_if(after.begin(), after.end(),
                               [](const NamedTensor &tensor) { return tensor.name.starts_with("optimizer."); }),
                 std::ptrdiff_t{3}); // two moments of the prompt and the counter
    }

    void aCheckpointsPromptComesWithItsWeights_data() { addNetworkKinds(); }
    void aCheckpointsPromptComesWithItsWeights()
    {
        const LanguageModelSpec spec = promptSpec();
        const auto model = promptModel(spec);
        const Batch batch = otherBatch(spec);
        for (int step = 0; step < 10; ++step)
            model->trainStep(batch, 0.03);
        const auto other = makeModelOfKind(spec);
        other->setWeights(model->save());
        QCOMPARE(other->evaluate(batch), model->evaluate(batch));
    }

    // The gradient of the prompt by autograd, and by the passes of the CPU network.
    void theNetworksAgree()
    {
        LanguageModelSpec spec = promptSpec();
        spec.training.clip = 0;
        const auto own = makeModel(spec), reference = makeModel(spec, NetworkKind::Tensor);
        const Batch batch = otherBatch(spec);
        QVERIFY(largestDifference(own->evaluate(batch), reference->evaluate(batch)) < 1e-5);
        const std::vector<double> weights{0.3, 0.2, 0.1, 0.05, 0.05, 0.05, 0.05, 0.05, 0.05, 0.05, 0.03, 0.02};
        const TrainStepResult a = own->trainStep(batch, 1e-3, weights), b = reference->trainStep(batch, 1e-3, weights);
        QVERIFY(std::abs(a.gradientNorm - b.gradientNorm) < 1e-5 * b.gradientNorm);
        const std::vector<double> gradient = gradientAfterOneStep(*own, spec);
        QCOMPARE(gradient.size(), std::size_t(kPromptVectors * spec.model.width));
        QVERIFY(largestDifference(gradient, gradientAfterOneStep(*reference, spec)) < 1e-5 * b.gradientNorm);
    }

    void theyAreSeenByAllTokens_data() { addNetworkKinds(); }
    void theyAreSeenByAllTokens()
    {
        const LanguageModelSpec spec = promptSpec();
        const auto model = promptModel(spec);
        LanguageModelSpec plain = spec;
        plain.training.promptVectors = 0;
        const auto without = makeModelOfKind(plain);
        without->setWeights(model->save());
        const Batch batch = otherBatch(spec);
        const std::vector<float> a = model->tokenLosses(batch), b = without->tokenLosses(batch);
        QCOMPARE(a.size(), b.size());
        for (std::size_t i = 0; i < a.size(); ++i)
            QVERIFY(a[i] != b[i]);
    }

    void logitsAreThoseOfTheLosses_data() { addNetworkKinds(); }
    void logitsAreThoseOfTheLosses()
    {
        const LanguageModelSpec spec = promptSpec();
        const auto model = promptModel(spec);
        const Batch batch = otherBatch(spec);
        const std::vector<float> tokenLosses = model->tokenLosses(batch);
        for (const std::size_t length : {1, 13, 24}) {
            const std::vector<float> logits = model->nextTokenLogits(batch.sequence(0).first(length));
            double sum = 0;
            for (const float logit : logits)
                sum += std::exp(double(logit));
            QVERIFY(std::abs(std::log(sum) - double(logits[batch.sequence(0)[length]])
                             - double(tokenLosses[length - 1]))
                    < 1e-5);
        }
    }

    void goOnBitForBit_data() { addNetworkKinds(); }
    void goOnBitForBit()
    {
        const LanguageModelSpec spec = promptSpec();
        const auto undisturbed = promptModel(spec);
        const Batch batch = otherBatch(spec);
        for (int step = 0; step < 5; ++step)
            undisturbed->trainStep(batch, 1e-2);
        const auto resumed = makeModelOfKind(spec);
        resumed->restore(undisturbed->save());
        for (int step = 0; step < 5; ++step)
            QCOMPARE(resumed->trainStep(batch, 1e-2).sequenceLosses,
                     undisturbed->trainStep(batch, 1e-2).sequenceLosses);
        QVERIFY(sameBytes(resumed->save(), undisturbed->save()));
    }

    // One thread, or a batch of one sequence that two threads share.
    void threadsChangeLittle()
    {
        LanguageModelSpec spec = promptSpec();
        Batch batch = otherBatch(spec);
        const auto two = makeModel(spec);
        spec.training.threads = 1;
        const auto one = makeModel(spec);
        QVERIFY(std::abs(one->trainStep(batch, 1e-3).gradientNorm - two->trainStep(batch, 1e-3).gradientNorm) < 1e-6);
        batch.numSequences = 1;
        batch.tokens.resize(batch.context + 1);
        batch.domains.resize(1);
        QVERIFY(std::abs(one->trainStep(batch, 1e-3).gradientNorm - two->trainStep(batch, 1e-3).gradientNorm) < 1e-6);
    }

    void domainGradientsAreTheirs()
    {
        const LanguageModelSpec spec = promptSpec();
        const auto model = makeModel(spec);
        const std::vector<NamedTensor> before = model->save();
        Batch batch = otherBatch(spec);
        for (std::size_t i = 0; i < batch.numSequences; ++i)
            batch.domains[i] = static_cast<std::uint32_t>(i % 2);
        const DomainGradients gradients = model->domainGradients(batch, 2, 0);
        QVERIFY(gradients.norms[0] > 0 && gradients.norms[1] > 0);
        model->applyDomainGradients(std::vector<double>{0.5, 0.5}, 1e-2);
        QVERIFY(sameBytes(withoutPrompt(model->save()), withoutPrompt(before)));
    }

    void refusesAnAbsurdNumber()
    {
        LanguageModelSpec spec = promptSpec();
        spec.training.promptVectors = -1;
        QVERIFY(errorOf([&] { makeModel(spec); }).contains(QStringLiteral("prompt vectors is -1")));
    }
};

QTEST_GUILESS_MAIN(TestPromptVectors)
#include "tst_prompt_vectors.moc"
