// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/mixture/constraints.h"

#include "core/base/error.h"
#include "core/base/rng.h"

#include <QTest>

#include <cmath>
#include <numeric>

using namespace krater;

namespace {

using Numbers = std::vector<double>;

Mixture mixtureOf(const Numbers &weights)
{
    return Mixture::fromWeights(weights);
}

bool near(double a, double b, double tolerance = 1e-12)
{
    return std::abs(a - b) <= tolerance;
}

Numbers randomWeights(Rng &rng, std::size_t numDomains)
{
    Numbers weights(numDomains);
    for (double &weight : weights)
        weight = rng.uniform() < 0.2 ? 0.0 : std::exp(4.0 * rng.normal());
    weights[rng.below(numDomains)] += 1.0;
    return weights;
}

} // namespace

class TestConstraints : public QObject {
    Q_OBJECT

private slots:
    void leavesWhatFitsAlone()
    {
        const Mixture mixture = mixtureOf({0.1, 0.3, 0.6});
        const ConstrainedMixture result =
            constrained(mixture, {.floor = 0.1, .maxEpochs = 4.0}, Numbers{1000, 1000, 1000}, 2000);
        QVERIFY(!result.changed && result.mixture == mixture && result.overrun == 1.0);
        QVERIFY(!constrained(mixture, {}, Numbers{1, 1, 1}, 1e9).changed);
    }

    void capsADomainAndKeepsTheRatiosOfTheOthers()
    {
        // 4 passes over 100 tokens are 400 of 2,000: 0.2; the others share 0.8 as 1 : 3
        const ConstrainedMixture result =
            constrained(mixtureOf({0.6, 0.1, 0.3}), {.maxEpochs = 4.0}, Numbers{100, 10'000, 10'000}, 2000);
        QVERIFY(result.changed && result.capped == std::vector<bool>({true, false, false}));
        QVERIFY(near(result.mixture[0], 0.2) && near(result.mixture[1], 0.2) && near(result.mixture[2], 0.6));
    }

    void givesTheFloorAndTakesItFromTheOthersInProportion()
    {
        const ConstrainedMixture result =
            constrained(mixtureOf({0.0, 0.25, 0.75}), {.floor = 0.1}, Numbers{1, 1, 1}, 0);
        QVERIFY(result.changed);
        QVERIFY(near(result.mixture[0], 0.1) && near(result.mixture[1], 0.225) && near(result.mixture[2], 0.675));
    }

    void raisesCapsTogetherWhereTheyHoldNoMixture()
    {
        // one pass over 300 tokens of a budget of 3,000: each cap is a tenth of what it would have to be
        const ConstrainedMixture result =
            constrained(mixtureOf({0.5, 0.5}), {.maxEpochs = 1.0}, Numbers{100, 200}, 3000);
        QVERIFY(result.changed && near(result.overrun, 10.0));
        QVERIFY(near(result.mixture[0], 1.0 / 3.0) && near(result.mixture[1], 2.0 / 3.0));
    }

    void anEmptyDomainTakesWhatTheCapsLeave()
    {
        const ConstrainedMixture result =
            constrained(mixtureOf({1.0, 0.0, 0.0}), {.maxEpochs = 1.0}, Numbers{400, 1000, 1000}, 1000);
        QVERIFY(near(result.mixture[0], 0.4) && near(result.mixture[1], 0.3) && near(result.mixture[2], 0.3));
    }

    void aFloorAboveTheCapWins()
    {
        const ConstrainedMixture result =
            constrained(mixtureOf({0.5, 0.5}), {.floor = 0.2, .maxEpochs = 1.0}, Numbers{0, 10'000}, 1000);
        QVERIFY(near(result.mixture[0], 0.2));
        QVERIFY(near(constrained(mixtureOf({1.0, 0.0}), {.floor = 5.0}, Numbers{1, 1}, 0).mixture[1], 0.5));
    }

    void oneDomainStays()
    {
        QVERIFY(!constrained(mixtureOf({1.0}), {.floor = 1.0, .maxEpochs = 1.0}, Numbers{10}, 1000).changed);
    }

    void refusesImpossibleBounds()
    {
        QVERIFY_THROWS_EXCEPTION(Error, projected(mixtureOf({0.5, 0.5}), Numbers{0.6, 0.6}, Numbers{1, 1}));
        QVERIFY_THROWS_EXCEPTION(Error, projected(mixtureOf({0.5, 0.5}), Numbers{0, 0}, Numbers{0.4, 0.4}));
        QVERIFY_THROWS_EXCEPTION(Error, projected(mixtureOf({0.5, 0.5}), Numbers{0}, Numbers{1}));
    }

    // The projection lies within the bounds, and no point within them that a small exchange leads to is nearer.
    void projectsToTheNearestPoint()
    {
        Rng rng(1);
        for (int round = 0; round < 300; ++round) {
            const std::size_t numDomains = 2 + rng.below(6);
            const Mixture mixture = mixtureOf(randomWeights(rng, numDomains));
            Numbers lower(numDomains), upper(numDomains);
            for (std::size_t k = 0; k < numDomains; ++k) {
                lower[k] = rng.uniform() / double(numDomains) * 0.9;
                upper[k] = std::min(1.0, 1.0 / double(numDomains) + rng.uniform() * 0.5);
            }
            const Mixture result = projected(mixture, lower, upper);
            for (std::size_t k = 0; k < numDomains; ++k)
                QVERIFY(result[k] >= lower[k] - 1e-9 && result[k] <= upper[k] + 1e-9);
            for (int i = 0; i < 20; ++i) {
                const std::size_t from = rng.below(numDomains), to = rng.below(numDomains);
                Numbers moved(result.weights().begin(), result.weights().end());
                const double step = std::min({1e-4, moved[from] - lower[from], upper[to] - moved[to]});
                if (from == to || step < 1e-9 || mixture[from] == 0.0 || mixture[to] == 0.0)
                    continue;
                moved[from] -= step;
                moved[to] += step;
                const auto distance = [&](std::size_t k, double p) {
                    return p > 0.0 ? p * std::log(p / mixture[k]) : 0.0;
                };
                const double before = distance(from, result[from]) + distance(to, result[to]);
                QVERIFY(distance(from, moved[from]) + distance(to, moved[to]) >= before - 1e-9);
            }
            QVERIFY(projected(result, lower, upper).l1Distance(result) < 1e-9); // again changes nothing
        }
    }

    void staysAMixtureWhateverIsAsked()
    {
        Rng rng(2);
        for (int round = 0; round < 300; ++round) {
            const std::size_t numDomains = 1 + rng.below(200);
            Numbers tokens(numDomains);
            for (double &n : tokens)
                n = std::floor(std::exp(12.0 * rng.uniform()));
            const MixtureConstraints constraints{rng.uniform() / double(numDomains), rng.uniform() * 8.0};
            const double budget = std::exp(14.0 * rng.uniform());
            const ConstrainedMixture result =
                constrained(mixtureOf(randomWeights(rng, numDomains)), constraints, tokens, budget);
            const double sum = std::accumulate(result.mixture.weights().begin(), result.mixture.weights().end(), 0.0);
            QVERIFY(near(sum, 1.0));
            for (std::size_t k = 0; k < numDomains; ++k) {
                QVERIFY(result.mixture[k] >= constraints.floor - 1e-9);
                const double cap =
                    std::max(constraints.maxEpochs * tokens[k] / budget * result.overrun, constraints.floor);
                QVERIFY(constraints.maxEpochs == 0.0 || result.mixture[k] <= cap * (1.0 + 1e-9) + 1e-9);
            }
        }
    }
};

QTEST_GUILESS_MAIN(TestConstraints)
#include "tst_constraints.moc"
