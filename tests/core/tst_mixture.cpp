// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/mixture/mixture.h"

#include "core/base/error.h"
#include "core/base/rng.h"

#include <QTest>

#include <cmath>
#include <limits>
#include <numeric>

using namespace krater;

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

bool onSimplex(const Mixture &mixture)
{
    double sum = 0.0;
    for (const double p : mixture.weights()) {
        if (!(p >= 0.0) || std::signbit(p))
            return false;
        sum += p;
    }
    return std::abs(sum - 1.0) < 1e-12;
}

bool near(double a, double b, double tolerance = 1e-12)
{
    return std::abs(a - b) <= tolerance;
}

} // namespace

class TestMixture : public QObject {
    Q_OBJECT

private slots:
    void makersStayOnTheSimplex()
    {
        Rng rng(1);
        for (const std::size_t numDomains : {1, 2, 7, 200}) {
            std::vector<double> weights(numDomains);
            for (double &weight : weights)
                weight = std::exp(20.0 * rng.normal());
            QVERIFY(onSimplex(Mixture::uniform(numDomains)));
            QVERIFY(onSimplex(Mixture::natural(weights)));
            QVERIFY(onSimplex(Mixture::temperature(weights, 0.01)));
            QVERIFY(onSimplex(Mixture::temperature(weights, 3.0)));
            QVERIFY(onSimplex(Mixture::temperature(weights, 1e6)));
            QVERIFY(onSimplex(Mixture::softmax(weights)));
            QVERIFY(onSimplex(Mixture::natural(weights).withFloor(0.5 / double(numDomains))));
        }
    }

    void extremeWeightsNeitherOverflowNorVanish()
    {
        QVERIFY(near(Mixture::fromWeights(std::vector{1e308, 1e308, 1e308})[2], 1.0 / 3.0));
        QVERIFY(near(Mixture::fromWeights(std::vector{5e-324, 5e-324})[0], 0.5));
        QVERIFY(onSimplex(Mixture::fromWeights(std::vector{-0.0, 1.0})));
        QCOMPARE(Mixture::softmax(std::vector{1e300, -1e300})[0], 1.0);
        QCOMPARE(Mixture::softmax(std::vector{-kInfinity, 3.0})[1], 1.0);
    }

    void whatIsAMixtureIsKeptToTheLastBit()
    {
        Rng rng(2);
        for (const std::size_t numDomains : {1, 2, 7, 200})
            for (int i = 0; i < 100; ++i) {
                std::vector<double> weights(numDomains);
                for (double &weight : weights)
                    weight = std::exp(5.0 * rng.normal());
                const Mixture mixture = Mixture::fromWeights(weights);
                QVERIFY(Mixture::fromWeights(mixture.weights()) == mixture);
            }
    }

    void refusesWhatIsNoMixture()
    {
        QVERIFY_THROWS_EXCEPTION(Error, Mixture::fromWeights({}));
        QVERIFY_THROWS_EXCEPTION(Error, Mixture::uniform(0));
        QVERIFY_THROWS_EXCEPTION(Error, Mixture::fromWeights(std::vector{0.0, 0.0}));
        QVERIFY_THROWS_EXCEPTION(Error, Mixture::fromWeights(std::vector{1.0, kNaN}));
        QVERIFY_THROWS_EXCEPTION(Error, Mixture::fromWeights(std::vector{1.0, kInfinity}));
        QVERIFY_THROWS_EXCEPTION(Error, Mixture::softmax(std::vector{-kInfinity, -kInfinity}));
        QVERIFY_THROWS_EXCEPTION(Error, Mixture::softmax(std::vector{0.0, kInfinity}));
        QVERIFY_THROWS_EXCEPTION(Error, Mixture::softmax(std::vector{0.0, kNaN}));
        for (const double temperature : {0.0, -1.0, kNaN, kInfinity})
            QVERIFY_THROWS_EXCEPTION(Error, Mixture::temperature(std::vector{1.0, 2.0}, temperature));
        for (const double floor : {-0.1, 0.6, kNaN})
            QVERIFY_THROWS_EXCEPTION(Error, Mixture::uniform(2).withFloor(floor));
        try {
            Mixture::fromWeights(std::vector{1.0, 2.0, -3.0});
            QFAIL("a negative weight was taken");
        } catch (const Error &error) {
            QCOMPARE(std::string(error.what()), std::string("The weight of domain 2 is -3."));
            QVERIFY(!error.advice().empty());
        }
    }

    void temperatureLiesBetweenNaturalAndUniform()
    {
        const std::vector<double> tokens{100, 1000, 10000};
        QVERIFY(Mixture::temperature(tokens, 1.0).l1Distance(Mixture::natural(tokens)) < 1e-12);
        QVERIFY(Mixture::temperature(tokens, 1e6).l1Distance(Mixture::uniform(3)) < 1e-4);
        const Mixture half = Mixture::temperature(tokens, 2.0); // 10 : 31.6 : 100
        QVERIFY(near(half[1] / half[0], std::sqrt(10.0)));
        QCOMPARE(Mixture::temperature(std::vector{0.0, 5.0}, 1e6)[0], 0.0); // no text, no share
    }

    void measuresDistance()
    {
        const Mixture a = Mixture::fromWeights(std::vector{0.5, 0.5, 0.0});
        const Mixture b = Mixture::fromWeights(std::vector{0.25, 0.5, 0.25});
        QVERIFY(near(a.l1Distance(b), 0.5));
        QVERIFY(near(a.klDivergence(b), 0.5 * std::log(2.0)));
        QCOMPARE(b.klDivergence(a), kInfinity);
        QCOMPARE(a.klDivergence(a), 0.0);
        QVERIFY(near(a.entropyNats(), std::log(2.0)));
        QVERIFY(near(a.effectiveDomains(), 2.0));
        QVERIFY(near(Mixture::uniform(200).effectiveDomains(), 200.0, 1e-9));
        QCOMPARE(Mixture::fromWeights(std::vector{0.0, 1.0}).effectiveDomains(), 1.0);
    }

    void floorKeepsAShareForEach()
    {
        const Mixture floored = Mixture::fromWeights(std::vector{1.0, 0.0, 0.0, 0.0}).withFloor(0.1);
        QVERIFY(near(floored[0], 0.7) && near(floored[3], 0.1));
        QVERIFY(Mixture::fromWeights(std::vector{1.0, 0.0, 0.0}).withFloor(1.0 / 3.0).l1Distance(Mixture::uniform(3)) < 1e-12);
    }

    void oneWeightMovesTheUnlockedRestInProportion()
    {
        const Mixture start = Mixture::fromWeights(std::vector{0.4, 0.3, 0.2, 0.1});
        const Mixture moved = start.withWeight(0, 0.1, {false, true, false, false});
        QVERIFY(near(moved[0], 0.1) && near(moved[1], 0.3));
        QVERIFY(near(moved[2], 0.4) && near(moved[3], 0.2));
        const Mixture clamped = start.withWeight(0, 5.0, {false, true, false, false});
        QVERIFY(near(clamped[0], 0.7) && near(clamped[1], 0.3) && near(clamped[2], 0.0));
        QVERIFY(near(start.withWeight(0, -1.0, std::vector<bool>(4))[0], 0.0));
        QVERIFY(start.withWeight(0, 0.9, {false, true, true, true}).l1Distance(start) < 1e-12); // nothing may give way
        const Mixture fromNothing = Mixture::fromWeights(std::vector{1.0, 0.0, 0.0}).withWeight(0, 0.5, std::vector<bool>(3));
        QVERIFY(near(fromNothing[1], 0.25) && near(fromNothing[2], 0.25));
        QVERIFY_THROWS_EXCEPTION(Error, start.withWeight(0, kNaN, std::vector<bool>(4)));
        QVERIFY_THROWS_EXCEPTION(Error, start.withWeight(4, 0.1, std::vector<bool>(4)));
    }

    void anyEditsStayOnTheSimplex()
    {
        Rng rng(9);
        Mixture mixture = Mixture::uniform(6);
        for (int i = 0; i < 5000; ++i) {
            std::vector<bool> locked(6);
            for (std::size_t k = 0; k < 6; ++k)
                locked[k] = rng.uniform() < 0.3;
            const std::size_t domain = rng.below(6);
            const Mixture before = mixture;
            mixture = mixture.withWeight(domain, rng.uniform() * 1.2 - 0.1, locked);
            QVERIFY(onSimplex(mixture));
            for (std::size_t k = 0; k < 6; ++k)
                if (locked[k] && k != domain)
                    QVERIFY(near(mixture[k], before[k]));
        }
    }
};

QTEST_GUILESS_MAIN(TestMixture)
#include "tst_mixture.moc"
