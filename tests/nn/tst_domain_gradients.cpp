// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/mixture/doge_rule.h"
#include "tests/nn/torch_models.h"

using namespace krater;
using namespace krater::test;

namespace {

constexpr std::size_t kNumDomains = 3;
constexpr double kLearningRate = 3e-3;

LanguageModelSpec specWithoutClip()
{
    LanguageModelSpec spec = smallSpec();
    spec.training.clip = 0;
    return spec;
}

// Sequences of random tokens; those of domain k use the tokens k to 60.
Batch mixedBatch(const LanguageModelSpec &spec, const std::vector<std::uint32_t> &domains, std::uint64_t seed = 1)
{
    Rng rng(seed);
    Batch batch = countingBatch(spec, domains.size(), rng);
    batch.domains = domains;
    for (std::size_t row = 0; row < batch.numSequences; ++row)
        for (std::size_t t = 0; t <= batch.context; ++t)
            batch.tokens[row * (batch.context + 1) + t] = static_cast<TokenId>(
                20 * domains[row] + rng.below(static_cast<std::uint64_t>(spec.vocabulary) - 20 * domains[row]));
    return batch;
}

Batch partOf(const Batch &batch, std::uint32_t domain)
{
    Batch part{.numSequences = 0, .context = batch.context, .tokens = {}, .domains = {}};
    for (std::size_t row = 0; row < batch.numSequences; ++row) {
        if (batch.domains[row] != domain)
            continue;
        const auto sequence = batch.sequence(row);
        part.tokens.insert(part.tokens.end(), sequence.begin(), sequence.end());
        part.domains.push_back(domain);
        ++part.numSequences;
    }
    return part;
}

Batch rowOf(const Batch &batch, std::size_t row)
{
    const auto sequence = batch.sequence(row);
    return {1, batch.context, {sequence.begin(), sequence.end()}, {batch.domains[row]}};
}

std::vector<double> gradientOn(const Batch &batch, const LanguageModelSpec &spec, std::span<const double> weights = {})
{
    const auto model = makeModelOfKind(spec);
    model->trainStep(batch, kLearningRate, weights);
    return gradientAfterOneStep(*model, spec);
}

void addTo(std::vector<double> &sum, const std::vector<double> &term, double factor)
{
    sum.resize(term.size());
    for (std::size_t i = 0; i < term.size(); ++i)
        sum[i] += factor * term[i];
}

double dot(const std::vector<double> &a, const std::vector<double> &b)
{
    return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

std::vector<NamedTensor> keptTensors(LanguageModel &model)
{
    std::vector<NamedTensor> kept = model.save();
    std::erase_if(kept, [](const NamedTensor &tensor) { return !tensor.name.starts_with("gradients."); });
    return kept;
}

std::vector<NamedTensor> stateWithoutGradients(LanguageModel &model)
{
    std::vector<NamedTensor> state = model.save();
    std::erase_if(state, [](const NamedTensor &tensor) { return tensor.name.starts_with("gradients."); });
    return state;
}

// Some steps of a run that weighs domains by their gradients; not every batch has every domain.
std::vector<double> weighAndTrain(LanguageModel &model, const LanguageModelSpec &spec, std::uint64_t firstStep,
                                  std::uint64_t numSteps)
{
    std::vector<double> numbers;
    for (std::uint64_t step = firstStep; step < firstStep + numSteps; ++step) {
        const auto first = static_cast<std::uint32_t>(step % 2);
        const DomainGradients measured =
            model.domainGradients(mixedBatch(spec, {first, 2, first, first}, step), kNumDomains, 0.5);
        const TrainStepResult result = model.applyDomainGradients(std::vector{0.2, 0.5, 0.3}, kLearningRate);
        for (const auto &values :
             {measured.sequenceLosses, measured.dotProducts, measured.norms, result.sequenceLosses})
            numbers.insert(numbers.end(), values.begin(), values.end());
        numbers.push_back(result.gradientNorm);
    }
    return numbers;
}

} // namespace

// Steps whose sequences or domains have weights.
class TestDomainGradients : public QObject {
    Q_OBJECT

private slots:
    // 50 sequences: more than one worker takes at once.
    void aWeightedStepTakesTheWeightedGradient_data() { addNetworkKinds(); }
    void aWeightedStepTakesTheWeightedGradient()
    {
        const LanguageModelSpec spec = specWithoutClip();
        std::vector<std::uint32_t> domains(50);
        std::vector<double> weights, expected;
        for (std::size_t row = 0; row < domains.size(); ++row) {
            domains[row] = static_cast<std::uint32_t>(row % 3);
            weights.push_back(row % 4 == 0 ? 0.0 : 0.01 * double(row)); // some count for nothing
        }
        const Batch batch = mixedBatch(spec, domains);
        for (std::size_t row = 0; row < domains.size(); ++row)
            addTo(expected, gradientOn(rowOf(batch, row), spec), weights[row]);
        QVERIFY(largestDifference(gradientOn(batch, spec, weights), expected) < 1e-5);
        QVERIFY(largestDifference(gradientOn(batch, spec), expected) > 1e-2);
    }

    void equalWeightsAreNone_data() { addNetworkKinds(); }
    void equalWeightsAreNone()
    {
        const LanguageModelSpec spec = smallSpec();
        const auto weighted = makeModelOfKind(spec), plain = makeModelOfKind(spec);
        const Batch batch = mixedBatch(spec, {0, 1, 2, 0, 1});
        const std::vector<double> weights(5, 0.2);
        for (int step = 0; step < 5; ++step) {
            const TrainStepResult a = weighted->trainStep(batch, kLearningRate, weights);
            const TrainStepResult b = plain->trainStep(batch, kLearningRate);
            QVERIFY(largestDifference(a.sequenceLosses, b.sequenceLosses) < 1e-5);
            QVERIFY(std::abs(a.gradientNorm - b.gradientNorm) < 1e-5);
        }
    }

    void domainGradientsAreThoseOfEachDomainAlone_data() { addNetworkKinds(); }
    void domainGradientsAreThoseOfEachDomainAlone()
    {
        const LanguageModelSpec spec = specWithoutClip();
        const Batch batch = mixedBatch(spec, {0, 2, 1, 0, 0, 2, 0});
        const auto model = makeModelOfKind(spec);
        const std::vector<double> losses = model->evaluate(batch);
        const std::vector<NamedTensor> before = model->save();
        const DomainGradients measured = model->domainGradients(batch, kNumDomains, 0);
        QVERIFY(sameBytes(stateWithoutGradients(*model), before));
        QVERIFY(largestDifference(measured.sequenceLosses, losses) < 1e-6);

        std::vector<std::vector<double>> gradients;
        for (std::uint32_t domain = 0; domain < kNumDomains; ++domain)
            gradients.push_back(gradientOn(partOf(batch, domain), spec));
        std::vector<double> dots, norms;
        for (const auto &a : gradients)
            for (const auto &b : gradients)
                dots.push_back(dot(a, b));
        for (const auto &gradient : gradients)
            norms.push_back(std::sqrt(dot(gradient, gradient)));
        QVERIFY(largestDifference(measured.dotProducts, dots) < 1e-5);
        QVERIFY(largestDifference(measured.norms, norms) < 1e-5);
        QVERIFY(*std::min_element(norms.begin(), norms.end()) > 0.1);
    }

    // Along the gradient of another domain, a domain's loss changes by their dot product.
    void dotProductsMatchFiniteDifferences_data() { addNetworkKinds(); }
    void dotProductsMatchFiniteDifferences()
    {
        const LanguageModelSpec spec = specWithoutClip();
        const Batch batch = mixedBatch(spec, {0, 2, 1, 0, 2});
        const auto model = makeModelOfKind(spec);
        const DomainGradients measured = model->domainGradients(batch, kNumDomains, 0);
        const std::vector<NamedTensor> state = model->save();
        const auto lossAt = [&](std::uint32_t domain, std::uint32_t along, double distance) {
            std::vector<NamedTensor> moved = state;
            for (NamedTensor &tensor : moved) {
                if (!tensor.name.starts_with("model."))
                    continue;
                const std::string name = "gradients.domain." + std::to_string(along) + tensor.name.substr(5);
                std::vector<float> values = floatsOf(tensor);
                const std::vector<float> gradient = floatsOf(*find(state, name));
                for (std::size_t i = 0; i < values.size(); ++i)
                    values[i] += static_cast<float>(distance * gradient[i]);
                setFloats(tensor, values);
            }
            model->setWeights(moved);
            return mean(model->evaluate(partOf(batch, domain)));
        };
        constexpr double step = 0.003;
        for (std::uint32_t i = 0; i < kNumDomains; ++i)
            for (std::uint32_t j = 0; j < kNumDomains; ++j) {
                const double slope = (lossAt(i, j, step) - lossAt(i, j, -step)) / (2 * step);
                QVERIFY2(std::abs(slope - measured.dotProducts[i * kNumDomains + j]) < 2e-3,
                         qPrintable(QStringLiteral("%1, %2: %3").arg(i).arg(j).arg(slope)));
            }
    }

    void clipsEachGradient()
    {
        const LanguageModelSpec spec = smallSpec();
        const Batch batch = mixedBatch(spec, {0, 2, 1, 0, 2});
        const DomainGradients whole = makeModel(spec)->domainGradients(batch, kNumDomains, 0);
        std::vector<double> sorted = whole.norms;
        std::sort(sorted.begin(), sorted.end());
        const double clip = (sorted[0] + sorted[1]) / 2; // two are longer
        const DomainGradients clipped = makeModel(spec)->domainGradients(batch, kNumDomains, clip);
        for (std::size_t i = 0; i < kNumDomains; ++i) {
            QVERIFY(std::abs(clipped.norms[i] - std::min(clip, whole.norms[i])) < 1e-6);
            for (std::size_t j = 0; j < kNumDomains; ++j) {
                const auto cosine = [&](const DomainGradients &g) {
                    return g.dotProducts[i * kNumDomains + j] / g.norms[i] / g.norms[j];
                };
                QVERIFY(std::abs(cosine(clipped) - cosine(whole)) < 1e-6);
            }
        }
    }

    // To the last 1e-6 that torch adds to the norm, which float32 can tell.
    void clipsAsTheRuleSays()
    {
        const LanguageModelSpec spec = smallSpec();
        const Batch batch = mixedBatch(spec, {0, 2, 1, 0, 2});
        const DomainGradients whole = makeModel(spec)->domainGradients(batch, kNumDomains, 0);
        constexpr double kClip = 0.01;
        const DomainGradients clipped = makeModel(spec)->domainGradients(batch, kNumDomains, kClip);
        for (std::size_t k = 0; k < kNumDomains; ++k) {
            const double expected = clippedGradient({whole.norms[k]}, kClip).front();
            QVERIFY(expected < kClip);
            QVERIFY2(std::abs(clipped.norms[k] - expected) < 0.4 * (kClip - expected), qPrintable(QString::number(whole.norms[k])));
        }
    }

    void domainsThatAreAbsentKeepTheirGradient_data() { addNetworkKinds(); }
    void domainsThatAreAbsentKeepTheirGradient()
    {
        const LanguageModelSpec spec = smallSpec();
        const auto model = makeModelOfKind(spec);
        const DomainGradients first = model->domainGradients(mixedBatch(spec, {0, 1, 0}), kNumDomains, 0);
        QCOMPARE(first.norms[2], 0.0);
        QCOMPARE(first.dotProducts[2], 0.0);
        const std::vector<NamedTensor> kept = keptTensors(*model);
        const DomainGradients second = model->domainGradients(mixedBatch(spec, {2, 0, 2}, 7), kNumDomains, 0);
        QCOMPARE(second.norms[1], first.norms[1]);
        QVERIFY(second.norms[0] != first.norms[0]);
        QVERIFY(second.norms[2] > 0);
        QVERIFY(second.dotProducts[1 * kNumDomains + 2] != 0);
        for (const NamedTensor &tensor : keptTensors(*model))
            if (tensor.name.starts_with("gradients.domain.1."))
                QVERIFY(tensor.bytes == find(kept, tensor.name)->bytes);
    }

    // With the shares of the tokens as weights the sum is the gradient of a plain step.
    void theWeightedSumIsAStep_data() { addNetworkKinds(); }
    void theWeightedSumIsAStep()
    {
        const LanguageModelSpec spec = smallSpec(); // clips, as a plain step does
        const auto model = makeModelOfKind(spec), plain = makeModelOfKind(spec);
        const Batch batch = mixedBatch(spec, {0, 2, 1, 0, 0, 2, 0, 1});
        for (int step = 0; step < 5; ++step) {
            model->domainGradients(batch, kNumDomains, 0);
            const TrainStepResult a =
                model->applyDomainGradients(std::vector{4.0 / 8, 2.0 / 8, 2.0 / 8}, kLearningRate);
            const TrainStepResult b = plain->trainStep(batch, kLearningRate);
            QVERIFY(largestDifference(a.sequenceLosses, b.sequenceLosses) < 1e-5);
            QVERIFY(std::abs(a.gradientNorm - b.gradientNorm) < 1e-5);
        }
    }

    void repeatsAndResumesBitForBit_data() { addNetworkKinds(); }
    void repeatsAndResumesBitForBit()
    {
        const LanguageModelSpec spec = smallSpec();
        const auto undisturbed = makeModelOfKind(spec), repeated = makeModelOfKind(spec);
        QCOMPARE(weighAndTrain(*undisturbed, spec, 0, 4), weighAndTrain(*repeated, spec, 0, 4));
        const std::vector<NamedTensor> saved = undisturbed->save();
        const auto resumed = makeModelOfKind(spec);
        resumed->restore(saved);
        QVERIFY(sameBytes(resumed->save(), saved));
        QVERIFY(errorOf([&] {
                    resumed->applyDomainGradients(std::vector(kNumDomains, 0.3), kLearningRate);
                }).contains(QStringLiteral("no gradients")));
        QCOMPARE(weighAndTrain(*resumed, spec, 4, 4), weighAndTrain(*undisturbed, spec, 4, 4));
        QVERIFY(sameBytes(resumed->save(), undisturbed->save()));
    }

    void otherRunsHaveNoneInTheirCheckpoints()
    {
        const LanguageModelSpec spec = smallSpec();
        const auto model = makeModel(spec);
        const Batch batch = mixedBatch(spec, {0, 1, 2});
        model->trainStep(batch, kLearningRate, std::vector{0.1, 0.2, 0.3});
        const std::vector<NamedTensor> saved = model->save();
        QVERIFY(keptTensors(*model).empty());
        model->domainGradients(batch, kNumDomains, 1);
        QCOMPARE(keptTensors(*model).size(), kNumDomains * (saved.size() - 1) / 3);
        model->restore(saved);
        QVERIFY(sameBytes(model->save(), saved));
    }

    void leavesWeightsAloneWhenNotFinite_data() { addNetworkKinds(); }
    void leavesWeightsAloneWhenNotFinite()
    {
        const LanguageModelSpec spec = smallSpec();
        const auto model = makeModelOfKind(spec);
        weighAndTrain(*model, spec, 0, 2);
        std::vector<NamedTensor> broken = model->save();
        for (NamedTensor &tensor : broken)
            if (tensor.name == "model.h.1.mlp.c_fc.weight")
                setFloats(tensor, std::vector<float>(tensor.bytes.size() / sizeof(float), 3e38F));
        model->restore(broken);
        const std::vector<NamedTensor> before = stateWithoutGradients(*model);
        const DomainGradients measured = model->domainGradients(mixedBatch(spec, {0, 1, 2}), kNumDomains, 1);
        QVERIFY(!std::isfinite(mean(measured.sequenceLosses) + mean(measured.norms)));
        const TrainStepResult result = model->applyDomainGradients(std::vector{0.5, 0.25, 0.25}, kLearningRate);
        QVERIFY(!std::isfinite(mean(result.sequenceLosses) + result.gradientNorm));
        QVERIFY(sameBytes(stateWithoutGradients(*model), before));
    }

    // As on a machine that cannot hold so many.
    void refusesWhatDoesNotFitItsMemory()
    {
        const LanguageModelSpec spec = smallSpec();
        const auto model = makeModel(spec);
        const std::vector<NamedTensor> before = model->save();
        const QString error = errorOf([&] { model->domainGradients(mixedBatch(spec, {0, 1}), 1'000'000'000, 1); });
        QVERIFY2(error.contains(QStringLiteral("ran out of memory: the gradients of 1000000000 domains need about")),
                 qPrintable(error));
        QVERIFY(sameBytes(model->save(), before));
    }

    void refusesOtherNumbers()
    {
        const LanguageModelSpec spec = smallSpec();
        const auto model = makeModel(spec);
        const Batch batch = mixedBatch(spec, {0, 2});
        const std::vector<double> three(3, 0.3), two(2, 0.5);
        QVERIFY(errorOf([&] { model->trainStep(batch, kLearningRate, three); }).contains(QStringLiteral("3 weights")));
        QVERIFY(errorOf([&] {
                    model->applyDomainGradients(three, kLearningRate);
                }).contains(QStringLiteral("no gradients")));
        QVERIFY(errorOf([&] { model->domainGradients(batch, 2, 1); }).contains(QStringLiteral("domain 2")));
        Batch nameless = batch;
        nameless.domains.pop_back();
        QVERIFY(errorOf([&] { model->domainGradients(nameless, 3, 1); }).contains(QStringLiteral("the domains of 1")));
        QVERIFY(keptTensors(*model).empty());
        model->domainGradients(batch, 3, 1);
        QVERIFY(errorOf([&] { model->domainGradients(batch, 4, 1); }).contains(QStringLiteral("3 domains, not of 4")));
        QVERIFY(
            errorOf([&] { model->applyDomainGradients(two, kLearningRate); }).contains(QStringLiteral("2 weights")));
        std::vector<NamedTensor> damaged = model->save();
        damaged.erase(std::find_if(damaged.begin(), damaged.end(), [](const NamedTensor &tensor) {
            return tensor.name == "gradients.domain.1.ln_f.weight";
        }));
        QVERIFY(errorOf([&] { model->restore(damaged); }).contains(QStringLiteral("gradients.domain.1.ln_f.weight")));
    }

    // A stage that goes on from another run: its weights, and nothing else.
    void takesTheWeightsOfAnotherRun()
    {
        const LanguageModelSpec spec = smallSpec();
        const auto trained = makeModel(spec), used = makeModel(spec), fresh = makeModel(spec);
        weighAndTrain(*trained, spec, 0, 3);
        weighAndTrain(*used, spec, 10, 2);
        const std::vector<NamedTensor> saved = trained->save();
        for (LanguageModel *model : {used.get(), fresh.get()}) {
            std::vector<NamedTensor> weights = saved;
            if (model == fresh.get()) // what else is there does not matter
                std::erase_if(weights, [](const NamedTensor &tensor) { return !tensor.name.starts_with("model."); });
            model->setWeights(weights);
        }
        for (const NamedTensor &tensor : used->save()) {
            if (tensor.name.starts_with("model."))
                QVERIFY(tensor.bytes == find(saved, tensor.name)->bytes);
            else
                QVERIFY2(std::all_of(tensor.bytes.begin(), tensor.bytes.end(),
                                     [](std::byte byte) { return byte == std::byte{0}; }),
                         tensor.name.c_str());
        }
        QVERIFY(keptTensors(*used).empty());
        QCOMPARE(weighAndTrain(*used, spec, 3, 3), weighAndTrain(*fresh, spec, 3, 3));

        std::vector<NamedTensor> other = saved;
        other[1].shape[0] += 1;
        const std::vector<NamedTensor> before = used->save();
        QVERIFY(errorOf([&] { used->setWeights(other); }).contains(QStringLiteral("[25, 32]")));
        QVERIFY(errorOf([&] { used->setWeights({}); }).contains(QStringLiteral("model.wte.weight")));
        QVERIFY(sameBytes(used->save(), before));
    }
};

QTEST_GUILESS_MAIN(TestDomainGradients)
#include "tst_domain_gradients.moc"
