// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/nn/kernels.h"

#include "core/base/rng.h"

#include <QTest>

#include <cmath>
#include <limits>
#include <vector>

using namespace krater;

// Every instruction set that this machine runs, against the formulas in double precision. Widths are odd on purpose:
// the vector loops have remainders.
namespace {

using Floats = std::vector<float>;

Floats randomFloats(std::size_t size, std::uint64_t seed, double sd = 1)
{
    Rng rng(seed);
    Floats values(size);
    for (float &value : values)
        value = static_cast<float>(sd * rng.normal());
    return values;
}

bool near(double a, double b, double tolerance)
{
    if (std::abs(a - b) <= tolerance * std::max(1.0, std::abs(b)))
        return true;
    qWarning("%.9g is not %.9g", a, b);
    return false;
}

double geluOf(double x)
{
    return 0.5 * x * (1 + std::tanh(std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x)));
}

} // namespace

class TestKernels : public QObject {
    Q_OBJECT

    static void addInstructionSets()
    {
        QTest::addColumn<int>("index");
        for (std::size_t i = 0; i < usableKernels().size(); ++i)
            QTest::newRow(usableKernels()[i]->instructionSet) << static_cast<int>(i);
    }
    static const Kernels &kernels()
    {
        QFETCH(int, index);
        return *usableKernels()[static_cast<std::size_t>(index)];
    }

private slots:
    void layerNorm_data() { addInstructionSets(); }
    void layerNorm()
    {
        constexpr std::size_t rows = 3, width = 37;
        const Floats x = randomFloats(rows * width, 1, 3), gain = randomFloats(width, 2),
                     dy = randomFloats(rows * width, 3);
        Floats y(rows * width), mean(rows), rstd(rows), dx(rows * width, 1), dGain(width, 1);
        kernels().layerNorm(rows, width, x.data(), gain.data(), y.data(), mean.data(), rstd.data());
        kernels().layerNormBackward(rows, width, x.data(), gain.data(), mean.data(), rstd.data(), dy.data(), dx.data());
        kernels().layerNormGain(rows, width, x.data(), mean.data(), rstd.data(), dy.data(), 0, 5, dGain.data());
        kernels().layerNormGain(rows, width, x.data(), mean.data(), rstd.data(), dy.data(), 5, width, dGain.data());

        std::vector<double> expectedGain(width, 1);
        for (std::size_t row = 0; row < rows; ++row) {
            const float *in = x.data() + row * width;
            double center = 0, variance = 0, g = 0, gx = 0;
            for (std::size_t i = 0; i < width; ++i)
                center += in[i] / double(width);
            for (std::size_t i = 0; i < width; ++i)
                variance += (in[i] - center) * (in[i] - center) / double(width);
            const double scale = 1 / std::sqrt(variance + 1e-5);
            for (std::size_t i = 0; i < width; ++i) {
                const double normed = (in[i] - center) * scale, d = dy[row * width + i];
                QVERIFY(near(y[row * width + i], normed * gain[i], 1e-5));
                expectedGain[i] += d * normed;
                g += d * gain[i] / double(width);
                gx += d * gain[i] * normed / double(width);
            }
            for (std::size_t i = 0; i < width; ++i) {
                const double normed = (in[i] - center) * scale;
                QVERIFY(near(dx[row * width + i], 1 + scale * (dy[row * width + i] * gain[i] - g - normed * gx), 1e-5));
            }
        }
        for (std::size_t i = 0; i < width; ++i)
            QVERIFY(near(dGain[i], expectedGain[i], 1e-5));
    }

    void gelu_data() { addInstructionSets(); }
    void gelu()
    {
        Floats x = randomFloats(101, 4, 2);
        x[0] = 0;
        x[1] = 30;
        x[2] = -30;
        x[3] = std::numeric_limits<float>::quiet_NaN();
        const Floats before = x;
        Floats y(x.size());
        kernels().gelu(x.size(), x.data(), y.data());
        QVERIFY(std::isnan(y[3]));
        for (std::size_t i = 0; i < x.size(); ++i) {
            if (i == 3)
                continue;
            const double at = before[i], step = 1e-5;
            QVERIFY(near(y[i], geluOf(at), 1e-6));
            QVERIFY(near(x[i], (geluOf(at + step) - geluOf(at - step)) / (2 * step), 2e-6));
        }
    }

    void attention_data() { addInstructionSets(); }
    void attention()
    {
        const ScoreTile tile{.firstQuery = 17, .numQueries = 5, .numKeys = 22, .stride = 32, .scale = 0.25F};
        const Floats scores = randomFloats(tile.numQueries * tile.stride, 5, 20),
                     dP = randomFloats(tile.numQueries * tile.stride, 6);
        const Floats delta = randomFloats(tile.numQueries, 7);
        Floats weights = scores, probabilities = scores, dScores = dP, rowScale(tile.numQueries),
               logSum(tile.numQueries);
        kernels().softmax(tile, weights.data(), rowScale.data(), logSum.data());
        kernels().softmaxBackward(tile, logSum.data(), delta.data(), probabilities.data(), dScores.data());
        for (std::size_t row = 0; row < tile.numQueries; ++row) {
            const std::size_t numSeen = tile.firstQuery + row + 1;
            double sum = 0;
            for (std::size_t i = 0; i < numSeen; ++i)
                sum += std::exp(0.25 * scores[row * tile.stride + i]);
            QVERIFY(near(logSum[row], std::log(sum), 1e-6));
            for (std::size_t i = 0; i < tile.numKeys; ++i) {
                const std::size_t at = row * tile.stride + i;
                const double p = i < numSeen ? std::exp(0.25 * scores[at]) / sum : 0;
                QVERIFY(near(weights[at] * rowScale[row], p, 1e-6));
                QVERIFY(near(probabilities[at], p, 2e-6));
                QVERIFY(near(dScores[at], p * (dP[at] - delta[row]) * 0.25, 2e-6));
            }
        }
    }

    void crossEntropy_data() { addInstructionSets(); }
    void crossEntropy()
    {
        constexpr std::size_t rows = 4, vocabulary = 37, stride = 48;
        const std::uint16_t targets[rows] = {0, 36, 7, 7};
        Floats logits = randomFloats(rows * stride, 8, 10);
        logits[2 * stride + 20] = 500; // far from the target
        logits[3 * stride + 20] = std::numeric_limits<float>::infinity();
        const Floats before = logits;
        Floats losses(rows), again(rows), copy = logits;
        const Floats scales = {0.5F, 0, 0.25F, 1}; // a row of no weight has no gradient
        kernels().crossEntropy(rows, vocabulary, stride, targets, scales.data(), logits.data(), losses.data());
        kernels().crossEntropy(rows, vocabulary, stride, targets, nullptr, copy.data(), again.data());
        QVERIFY(std::isnan(losses[3]));
        for (std::size_t row = 0; row < 3; ++row) {
            double sum = 0;
            for (std::size_t i = 0; i < vocabulary; ++i)
                sum += std::exp(double(before[row * stride + i]));
            QVERIFY(near(losses[row], std::log(sum) - before[row * stride + targets[row]], 1e-6));
            QCOMPARE(again[row], losses[row]);
            for (std::size_t i = 0; i < vocabulary; ++i) {
                const double p = std::exp(before[row * stride + i] - std::log(sum));
                QVERIFY(near(logits[row * stride + i], scales[row] * (p - (i == targets[row] ? 1 : 0)), 1e-6));
            }
        }
    }

    void smallOnes_data() { addInstructionSets(); }
    void smallOnes()
    {
        constexpr std::size_t rows = 3, width = 19, stride = 25;
        const Floats a = randomFloats(rows * stride, 9), b = randomFloats(rows * stride, 10),
                     factor = randomFloats(rows, 11);
        Floats sum = a, product = a, scaled = a, delta(rows);
        kernels().add(a.size(), b.data(), sum.data());
        kernels().multiply(a.size(), b.data(), product.data());
        kernels().scaleRows(rows, width, stride, factor.data(), scaled.data());
        kernels().rowDots(rows, width, stride, a.data(), stride, b.data(), delta.data());
        for (std::size_t row = 0; row < rows; ++row) {
            double dot = 0;
            for (std::size_t i = 0; i < stride; ++i) {
                const std::size_t at = row * stride + i;
                QCOMPARE(sum[at], a[at] + b[at]);
                QCOMPARE(product[at], a[at] * b[at]);
                QCOMPARE(scaled[at], i < width ? a[at] * factor[row] : a[at]);
                dot += i < width ? double(a[at]) * b[at] : 0;
            }
            QVERIFY(near(delta[row], dot, 1e-5));
        }
    }
};

QTEST_GUILESS_MAIN(TestKernels)
#include "tst_kernels.moc"
