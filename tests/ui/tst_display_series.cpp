// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/display_series.h"
#include "ui/plots/smoothed_curve.h"

#include <QTest>

#include <algorithm>
#include <cmath>
#include <random>

using namespace krater;

namespace {

Curve makeCurve(std::size_t numPoints, std::uint32_t seed = 1)
{
    std::mt19937 random(seed);
    std::normal_distribution<double> noise;
    Curve curve;
    for (std::size_t i = 0; i < numPoints; ++i)
        curve.push_back({i + 1, noise(random)});
    return curve;
}

DisplaySeries::Range bruteForce(const Curve &curve, std::size_t first, std::size_t last)
{
    const auto [low, high] = std::minmax_element(curve.begin() + std::ptrdiff_t(first), curve.begin() + std::ptrdiff_t(last),
                                                 [](const CurvePoint &a, const CurvePoint &b) { return a.value < b.value; });
    return {low->value, high->value};
}

} // namespace

class TestDisplaySeries : public QObject {
    Q_OBJECT

private slots:
    void rangesEqualThoseOfTheCurve()
    {
        const Curve curve = makeCurve(5000);
        DisplaySeries series(&curve);
        series.update();
        std::mt19937 random(7);
        for (int i = 0; i < 500; ++i) {
            const std::size_t first = random() % (curve.size() - 1);
            const std::size_t last = first + 1 + random() % (curve.size() - first);
            const auto wanted = bruteForce(curve, first, last);
            const auto found = series.range(first, last);
            QCOMPARE(found.min, wanted.min);
            QCOMPARE(found.max, wanted.max);
        }
    }

    void growsPieceByPieceLikeAllAtOnce()
    {
        const Curve whole = makeCurve(3000);
        Curve growing;
        DisplaySeries series(&growing);
        for (std::size_t i = 0; i < whole.size(); ++i) {
            growing.push_back(whole[i]);
            if (i % 37 == 0)
                series.update();
        }
        series.update();
        DisplaySeries once(&whole);
        once.update();
        const auto a = series.reduce(0, whole.size(), 100);
        const auto b = once.reduce(0, whole.size(), 100);
        QCOMPARE(a.size(), b.size());
        for (std::size_t i = 0; i < a.size(); ++i) {
            QCOMPARE(a[i].step, b[i].step);
            QCOMPARE(a[i].value, b[i].value);
        }
    }

    void takesALastPointThatChanges()
    {
        Curve curve = makeCurve(8);
        DisplaySeries series(&curve);
        series.update();
        curve.back().value = 99; // a step and its evaluation tell the same point twice
        curve.push_back({9, 0});
        series.update();
        QCOMPARE(series.range(0, 9).max, 99.0);
    }

    void startsAgainWhenTheCurveShrinks()
    {
        Curve curve = makeCurve(1000);
        DisplaySeries series(&curve);
        series.update();
        curve.resize(100);
        series.update();
        QCOMPARE(series.size(), std::size_t(100));
        QCOMPARE(series.range(0, 100).max, bruteForce(curve, 0, 100).max);
    }

    void keepsEverySpikeAndFitsTheColumns()
    {
        Curve curve = makeCurve(100000);
        curve[54321].value = 50;
        curve[777].value = -50;
        DisplaySeries series(&curve);
        series.update();
        const auto drawn = series.reduce(0, curve.size(), 800);
        QVERIFY(drawn.size() <= 2 * 800 + 3);
        const auto value = [](const CurvePoint &a, const CurvePoint &b) { return a.value < b.value; };
        QCOMPARE(std::max_element(drawn.begin(), drawn.end(), value)->value, 50.0);
        QCOMPARE(std::min_element(drawn.begin(), drawn.end(), value)->value, -50.0);
        QVERIFY(std::is_sorted(drawn.begin(), drawn.end(), [](const CurvePoint &a, const CurvePoint &b) { return a.step < b.step; }));
        QCOMPARE(drawn.back().value, curve.back().value);
    }

    void drawsFewPointsAsTheyAre()
    {
        const Curve curve = makeCurve(500);
        DisplaySeries series(&curve);
        series.update();
        QCOMPARE(series.reduce(10, 490, 400).size(), std::size_t(480));
        QCOMPARE(DisplaySeries::blockSize(480, 400), std::size_t(1));
    }

    void doesNotShimmerWhilePointsAreAdded()
    {
        Curve curve = makeCurve(10000);
        DisplaySeries series(&curve);
        series.update();
        const auto before = series.reduce(0, curve.size(), 700);
        for (std::uint64_t i = 0; i < 50; ++i)
            curve.push_back({10001 + i, 0});
        series.update();
        const auto after = series.reduce(0, curve.size(), 700);
        for (std::size_t i = 0; i + 4 < before.size(); ++i)
            QCOMPARE(after[i].value, before[i].value);
    }

    void emptyCurvesAreEmpty()
    {
        const Curve curve;
        DisplaySeries series(&curve);
        series.update();
        QVERIFY(series.empty());
        QVERIFY(series.reduce(0, 10, 100).empty());
        QCOMPARE(series.lowerBound(3), std::size_t(0));
    }

    void smoothingIsTheWeightedMeanOfThePast()
    {
        const Curve curve {{1, 4.0}, {2, 2.0}, {3, 6.0}};
        SmoothedCurve smoothed;
        smoothed.setSource(&curve);
        smoothed.setSpan(3); // weight 1/2 of the newest
        smoothed.update();
        QCOMPARE(smoothed.series().at(0).value, 4.0);
        QCOMPARE(smoothed.series().at(1).value, (0.25 * 4 + 0.5 * 2) / 0.75);
        QCOMPARE(smoothed.series().at(2).value, (0.125 * 4 + 0.25 * 2 + 0.5 * 6) / 0.875);
        smoothed.setSpan(1);
        QCOMPARE(smoothed.series().at(2).value, 6.0);
    }

    void smoothingFollowsTheCurve()
    {
        Curve curve = makeCurve(100);
        SmoothedCurve smoothed;
        smoothed.setSource(&curve);
        smoothed.setSpan(20);
        const double before = smoothed.series().at(50).value;
        curve.push_back({101, 3});
        smoothed.update();
        QCOMPARE(smoothed.series().size(), std::size_t(101));
        QCOMPARE(smoothed.series().at(50).value, before);
        curve.resize(10);
        smoothed.update();
        QCOMPARE(smoothed.series().size(), std::size_t(10));
    }
};

QTEST_GUILESS_MAIN(TestDisplaySeries)
#include "tst_display_series.moc"
