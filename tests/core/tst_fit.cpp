// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/base/rng.h"
#include "core/fit/minimiser.h"
#include "core/fit/power_law.h"
#include "core/fit/savitzky_golay.h"
#include "core/mixture/loss_history.h"

#include <QTest>

#include <cmath>
#include <limits>

using namespace krater;

namespace {

using Numbers = std::vector<double>;
constexpr double kInfinity = std::numeric_limits<double>::infinity();

bool near(double a, double b, double tolerance = 1e-12)
{
    return std::abs(a - b) <= tolerance;
}

// The series smoothed as a whole, as scipy's savgol_filter(losses, window, 3) does: at the ends the cubic of the first and last window.
Numbers smoothedWhole(const Numbers &losses, std::size_t window)
{
    Numbers result;
    for (std::size_t i = 0; i < losses.size(); ++i) {
        const std::size_t half = window / 2;
        const std::size_t first = i < half ? 0 : std::min(i - half, losses.size() - window);
        const Numbers weights = savitzkyGolayWeights(window, i - first);
        double sum = 0.0;
        for (std::size_t j = 0; j < window; ++j)
            sum += weights[j] * losses[first + j];
        result.push_back(sum);
    }
    return result;
}

} // namespace

class TestFit : public QObject {
    Q_OBJECT

private slots:
    void minimisesWithinABox()
    {
        const Objective rosenbrock = [](std::span<const double> x, std::span<double> gradient) {
            const double a = 1.0 - x[0], b = x[1] - x[0] * x[0];
            gradient[0] = -2.0 * a - 400.0 * x[0] * b;
            gradient[1] = 200.0 * b;
            return a * a + 100.0 * b * b;
        };
        const Minimum free = minimise(rosenbrock, {-1.2, 1.0}, {{-kInfinity, -kInfinity}, {kInfinity, kInfinity}});
        QVERIFY(near(free.x[0], 1.0, 1e-5) && near(free.x[1], 1.0, 1e-5));
        const Minimum bound = minimise(rosenbrock, {-1.2, 1.0}, {{-2.0, -2.0}, {0.5, 2.0}});
        QVERIFY(near(bound.x[0], 0.5, 1e-6) && near(bound.x[1], 0.25, 1e-5));
    }

    void keepsTheBestPointWhenTheFunctionHasNoValue()
    {
        const Objective nothing = [](std::span<const double>, std::span<double> gradient) {
            gradient[0] = 0.0;
            return std::nan("");
        };
        QVERIFY(std::isnan(minimise(nothing, {1.0}, {{-2.0}, {2.0}}).value));
    }

    void huberIsQuadraticThenLinear()
    {
        QCOMPARE(huber(0.5, 1.0), 0.125);
        QCOMPARE(huber(-3.0, 1.0), 2.5);
        QCOMPARE(huberSlope(-3.0, 1.0), -1.0);
        QCOMPARE(huberSlope(0.25, 1.0), 0.25);
    }

    void smoothsAsSavitzkyAndGolayDid()
    {
        const Numbers five = savitzkyGolayWeights(5, 2), seven = savitzkyGolayWeights(7, 3);
        const double ofFive[] = {-3, 12, 17, 12, -3},
                     ofSeven[] = {-2, 3, 6, 7, 6, 3, -2}; // their table, over 35 and 21
        for (std::size_t i = 0; i < 5; ++i)
            QVERIFY(near(five[i], ofFive[i] / 35.0));
        for (std::size_t i = 0; i < 7; ++i)
            QVERIFY(near(seven[i], ofSeven[i] / 21.0));
        for (std::size_t at = 0; at < 101; ++at) { // a cubic stays as it is
            const Numbers weights = savitzkyGolayWeights(101, at);
            double sum = 0.0;
            for (std::size_t i = 0; i < 101; ++i)
                sum += weights[i] * std::pow(double(i) - 30.0, 3);
            QVERIFY(near(sum, std::pow(double(at) - 30.0, 3), 1e-6));
        }
        QCOMPARE(savitzkyGolayWeights(3, 2), (Numbers{0, 0, 1}));
    }

    void findsTheLawThatMadeTheLosses()
    {
        for (const PowerLaw &truth : {PowerLaw{2.0, 0.9, 0.35}, PowerLaw{3.0, 1.0, 0.5}, PowerLaw{1.5, 0.6, 0.2}}) {
            Numbers n, losses;
            for (int i = 1; i <= 80; ++i) {
                n.push_back(200.0 * i);
                losses.push_back(truth.lossAt(n.back()));
            }
            const PowerLaw law = fitPowerLaw(n, losses).value();
            QVERIFY(powerLawObjective(law, n, losses) <= powerLawObjective(truth, n, losses) + 1e-7);
            QVERIFY(near(law.lossAt(1e6), truth.lossAt(1e6), 1e-2));
            QCOMPARE(fitPowerLaw(n, losses).value(), law);
        }
    }

    // Against L-BFGS from every one of the 512 starts, in places where the penalties hold.
    void aFewStartsFindWhatAllStartsFind()
    {
        Rng rng(4);
        for (int round = 0; round < 12; ++round) {
            Numbers n, losses;
            const double first = 1.0 + 4.0 * rng.uniform(), last = 0.8 + 4.0 * rng.uniform();
            for (int i = 0; i < 30; ++i) {
                n.push_back(16.0 * (50 + 10 * i));
                losses.push_back(first + (last - first) * std::sqrt(i / 30.0) + 0.02 * rng.normal());
            }
            const double found = powerLawObjective(fitPowerLaw(n, losses).value(), n, losses);
            QVERIFY(found <= powerLawObjective(fitPowerLaw(n, losses, 512).value(), n, losses) + 1e-6);
        }
    }

    void refusesTooFewPoints()
    {
        QVERIFY(!fitPowerLaw(Numbers{1, 2, 3}, Numbers{3, 2, 1}));
        QVERIFY(!fitPowerLaw(Numbers{1, 2, 3, 4}, Numbers{3, -1, std::nan(""), 1}));
        QVERIFY(fitPowerLaw(Numbers{1, 2, 3, 4}, Numbers{1e300, 1e-300, 1, 1}));
    }

    void theHistorySmoothsAsIfItKeptEverything()
    {
        for (const std::size_t numSteps : {1, 4, 10, 11, 12, 30, 97}) {
            const std::size_t ignore = 3, window = 11, stride = 4;
            LossHistory history(ignore, window, stride);
            Numbers losses;
            Rng rng(5);
            for (std::size_t step = 0; step < numSteps; ++step) {
                losses.push_back(rng.uniform());
                history.add({losses.back(), 1.0}, {double(step + 1), 1.0});
                LossHistory resumed(ignore, window, stride);
                resumed.restore(history.save(), 2);
                history = resumed;
            }
            const std::size_t usable = std::min(window, numSteps - (numSteps % 2 == 0 ? 1 : 0));
            const Numbers whole = smoothedWhole(losses, usable);
            const LossHistory::Series series = history.series(0);
            std::size_t i = 0;
            for (std::size_t step = ignore; step < numSteps; step += stride, ++i) {
                QCOMPARE(series.n.at(i), double(step + 1));
                QVERIFY(near(series.losses.at(i), whole[step], 1e-12));
            }
            QCOMPARE(series.losses.size(), i);
        }
    }

    void theHistoryRefusesStatesOfOthers()
    {
        LossHistory two(0, 5, 1);
        two.add({1.0, 2.0}, {1.0, 1.0});
        for (const std::string &state :
             {std::string("{}"), std::string("[]"), std::string(R"({"steps":3,"recent":[],"points":[]})")})
            QVERIFY_THROWS_EXCEPTION(Error, LossHistory(0, 5, 1).restore(state, 2));
        QVERIFY_THROWS_EXCEPTION(Error, LossHistory(0, 5, 1).restore(two.save(), 3));
    }
};

QTEST_GUILESS_MAIN(TestFit)
#include "tst_fit.moc"
