// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compare/statistics.h"

#include "core/base/error.h"

#include <QTest>

#include <cmath>
#include <limits>
#include <vector>

using namespace krater;

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

bool near(double a, double b, double tolerance)
{
    return std::abs(a - b) <= tolerance;
}

// Hours of sleep gained with two drugs, ten people: the example of Student's paper.
const std::vector<double> kFirstDrug{0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0};
const std::vector<double> kSecondDrug{1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4};

} // namespace

class TestStatistics : public QObject {
    Q_OBJECT

private slots:
    void intervalOfFiveValues()
    {
        const std::vector<double> sample{1, 2, 3, 4, 5};
        const Estimate result = estimate(sample);
        QCOMPARE(result.count, std::size_t(5));
        QCOMPARE(result.mean, 3.0);
        QVERIFY(near(result.sd, 1.5811388300841898, 1e-12));
        // t(0.975, 4 degrees of freedom) = 2.776445
        QVERIFY(near(result.high - result.mean, 2.776445105 * 1.5811388300841898 / std::sqrt(5.0), 1e-8));
        QVERIFY(near(result.mean - result.low, result.high - result.mean, 1e-12));
        QVERIFY(estimate(sample, 0.99).high > result.high);
    }

    void fewValues()
    {
        QVERIFY(std::isnan(estimate({}).mean));
        const std::vector<double> one{2.0, kNaN};
        QCOMPARE(estimate(one).count, std::size_t(1));
        QCOMPARE(estimate(one).mean, 2.0);
        QVERIFY(std::isnan(estimate(one).sd) && std::isnan(estimate(one).low));
        QVERIFY_EXCEPTION_THROWN(estimate(one, 1.0), Error);
        const std::vector<double> infinite{1.0, std::numeric_limits<double>::infinity()};
        QVERIFY(!std::isfinite(estimate(infinite).high));
    }

    void farFromZeroNothingCancels()
    {
        const std::vector<double> sample{1e9 + 1, 1e9 + 2, 1e9 + 3};
        QCOMPARE(estimate(sample).sd, 1.0);
    }

    void studentsExample()
    {
        const PairedTest test = pairedTest(kFirstDrug, kSecondDrug);
        QCOMPARE(test.difference.count, std::size_t(10));
        QVERIFY(near(test.difference.mean, -1.58, 1e-12));
        QVERIFY(near(test.t, -4.062128, 1e-6));
        QVERIFY(near(test.pValue, 0.00283289, 1e-8));
        QVERIFY(near(test.difference.low, -2.4598858, 1e-6));
        QVERIFY(near(test.difference.high, -0.7001142, 1e-6));
        QCOMPARE(pairedTest(kSecondDrug, kFirstDrug).pValue, test.pValue);
    }

    void differencesWithoutSpread()
    {
        const std::vector<double> a{1, 2, 3}, b{2, 3, 4};
        QCOMPARE(pairedTest(a, a).pValue, 1.0);
        QCOMPARE(pairedTest(a, b).pValue, 0.0);
        QVERIFY(std::isnan(pairedTest({}, {}).pValue));
        const std::vector<double> missing{kNaN, 1, kNaN};
        QVERIFY(std::isnan(pairedTest(a, missing).t));
        const std::vector<double> shorter{1, 2};
        QVERIFY_EXCEPTION_THROWN(pairedTest(a, shorter), Error);
    }
};

QTEST_GUILESS_MAIN(TestStatistics)
#include "tst_statistics.moc"
