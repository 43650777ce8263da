// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compare/series.h"

#include "core/base/error.h"

#include <QTest>

using namespace krater;

class TestSeries : public QObject {
    Q_OBJECT

private slots:
    void alignsOnEveryPositionThatAllCover()
    {
        const std::vector<Series> series{{{0, 10, 20}, {0, 100, 0}}, {{5, 10, 15, 40}, {1, 2, 3, 8}}};
        const AlignedSeries aligned = align(series);
        QCOMPARE(aligned.x, (std::vector<double>{5, 10, 15, 20}));
        QCOMPARE(aligned.y[0], (std::vector<double>{50, 100, 50, 0}));
        QCOMPARE(aligned.y[1], (std::vector<double>{1, 2, 3, 4}));
    }

    void keepsValuesOfSharedPositionsAsTheyAre()
    {
        const std::vector<Series> series{{{0, 100, 200}, {0.1, 0.2, 0.3}}, {{0, 100, 200}, {0.4, 0.5, 0.6}}};
        QCOMPARE(align(series).y[0], series[0].y);
        QCOMPARE(align(series).y[1], series[1].y);
    }

    void withoutOverlapThereIsNothing()
    {
        const std::vector<Series> apart{{{0, 1}, {1, 1}}, {{2, 3}, {1, 1}}};
        QVERIFY(align(apart).x.empty());
        const std::vector<Series> empty{{{0, 1}, {1, 1}}, {}};
        QVERIFY(align(empty).x.empty());
        QCOMPARE(align(empty).y.size(), std::size_t(2));
        QVERIFY(align({}).y.empty());
        const std::vector<Series> touching{{{0, 1}, {1, 7}}, {{1, 2}, {3, 4}}};
        QCOMPARE(align(touching).y[0], std::vector<double>{7});
    }

    void refusesDisorder()
    {
        const std::vector<Series> back{{{1, 0}, {1, 1}}};
        QVERIFY_EXCEPTION_THROWN(align(back), Error);
        const std::vector<Series> uneven{{{0, 1}, {1}}};
        QVERIFY_EXCEPTION_THROWN(align(uneven), Error);
    }

    void differenceIsFirstLessSecond()
    {
        const Series result = difference({{0, 2}, {1, 3}}, {{0, 1, 2}, {1, 1, 1}});
        QCOMPARE(result.x, (std::vector<double>{0, 1, 2}));
        QCOMPARE(result.y, (std::vector<double>{0, 1, 2}));
    }

    void bandOverSeeds()
    {
        const std::vector<Series> seeds{{{0, 1}, {1, 4}}, {{0, 1}, {2, 5}}, {{0, 1}, {3, 6}}};
        const std::vector<BandPoint> band = meanBand(seeds);
        QCOMPARE(band.size(), std::size_t(2));
        QCOMPARE(band[1].x, 1.0);
        QCOMPARE(band[1].value.mean, 5.0);
        QCOMPARE(band[1].value.sd, 1.0);
        QVERIFY(band[1].value.low < 5 && band[1].value.high > 5);
    }
};

QTEST_GUILESS_MAIN(TestSeries)
#include "tst_series.moc"
