// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/nn/cpu_worker.h"

#include "core/nn/kernels.h"
#include "tests/nn/models.h"

#include <QTest>

#include <cmath>

using namespace krater;
using namespace krater::test;

namespace {

// Heads of 5 and sequences of 70 tokens: two tiles of attention, the second not full, and no width a multiple of a
// register.
LanguageModelSpec oddSpec()
{
    LanguageModelSpec spec = smallSpec();
    spec.model = {.layers = 2, .width = 15, .heads = 3, .context = 70};
    spec.vocabulary = 23;
    return spec;
}

struct Setup {
    explicit Setup(const LanguageModelSpec &spec, std::size_t numSequences)
        : layout(spec.model, spec.vocabulary)
        , values(layout.initialValues(spec.seed))
        , rng(9)
    {
        for (std::size_t i = 0; i < layout.numDecayed(); ++i)
            values[i] *= 8; // matrices larger than at the start of training, so that nothing is nearly linear
        batch.numSequences = numSequences;
        batch.context = static_cast<std::size_t>(spec.model.context);
        for (std::size_t i = 0; i < numSequences * (batch.context + 1); ++i)
            batch.tokens.push_back(static_cast<TokenId>(rng.below(static_cast<std::uint64_t>(spec.vocabulary))));
    }

    double meanLoss(CpuWorker &worker) const
    {
        std::vector<double> losses(batch.numSequences);
        worker.run(values.data(), {.batch = &batch, .first = 0, .last = batch.numSequences, .losses = losses.data()});
        return mean(losses);
    }

    std::vector<float> gradient(CpuWorker &worker) const
    {
        std::vector<float> result(layout.arenaSize());
        std::vector<double> losses(batch.numSequences);
        const double numTokens = static_cast<double>(batch.numSequences * batch.context);
        const std::vector<float> scales(batch.numSequences, static_cast<float>(1 / numTokens));
        worker.run(values.data(),
                   {.batch = &batch,
                    .first = 0,
                    .last = batch.numSequences,
                    .losses = losses.data(),
                    .gradient = result.data(),
                    .gradientScales = scales.data()});
        return result;
    }

    ParameterLayout layout;
    std::vector<float> values;
    Rng rng;
    Batch batch;
};

} // namespace

class TestCpuWorker : public QObject {
    Q_OBJECT

private slots:
    void init() { useThreads(2); }

    // Along the gradient of each tensor alone, the loss changes by the length of that gradient.
    void gradientMatchesFiniteDifferences()
    {
        Setup setup(oddSpec(), 3);
        CpuWorker worker(setup.layout, bestKernels(), {.numSequences = 2, .length = 70, .numSlots = 2});
        const std::vector<float> gradient = setup.gradient(worker);
        const std::vector<float> values = setup.values;
        for (const Parameter &parameter : setup.layout.parameters()) {
            double squares = 0;
            for (std::size_t i = parameter.offset; i < parameter.offset + parameter.size; ++i)
                squares += double(gradient[i]) * gradient[i];
            const double length = std::sqrt(squares);
            QVERIFY2(length > 1e-4, parameter.name.c_str());
            const double step = 0.01;
            const auto lossAt = [&](double distance) {
                for (std::size_t i = parameter.offset; i < parameter.offset + parameter.size; ++i)
                    setup.values[i] = static_cast<float>(values[i] + distance * gradient[i] / length);
                return setup.meanLoss(worker);
            };
            const double slope = (lossAt(step) - lossAt(-step)) / (2 * step);
            setup.values = values;
            QVERIFY2(std::abs(slope - length) <= 0.003 * length + 1e-5,
                     qPrintable(QStringLiteral("%1: slope %2, gradient %3")
                                    .arg(QString::fromStdString(parameter.name))
                                    .arg(slope)
                                    .arg(length)));
        }
    }

    // The same whether sequences go through one by one or together, on one thread or several, with every instruction
    // set.
    void divisionOfWorkDoesNotMatter()
    {
        const Setup setup(oddSpec(), 4);
        CpuWorker whole(setup.layout, *usableKernels().back(), {.numSequences = 4, .length = 70, .numSlots = 2});
        const std::vector<float> expected = setup.gradient(whole);
        const double expectedLoss = setup.meanLoss(whole);
        for (const Kernels *kernels : usableKernels()) {
            for (const int threads : {1, 2}) {
                useThreads(threads);
                CpuWorker single(setup.layout, *kernels, {.numSequences = 1, .length = 70, .numSlots = 2});
                const std::vector<float> gradient = setup.gradient(single);
                for (std::size_t i = 0; i < gradient.size(); ++i)
                    QVERIFY(std::abs(gradient[i] - expected[i]) <= 1e-5);
                QVERIFY(std::abs(setup.meanLoss(single) - expectedLoss) <= 1e-6);
            }
        }
    }
};

QTEST_GUILESS_MAIN(TestCpuWorker)
#include "tst_cpu_worker.moc"
