// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/support/synthetic_run.h"
#include "ui/plots/plot_painting.h"
#include "ui/plots/share_series.h"

#include <QTest>

#include <numeric>

using namespace krater;

class TestShareSeries : public QObject {
    Q_OBJECT

private slots:
    void meanTargetsSumToOne()
    {
        SyntheticRun run(200);
        run.advance(200);
        ShareSeries series;
        series.setRun(run.view().get());
        QCOMPARE(series.size(), std::size_t(201)); // the evaluation before training, and every step
        for (const auto &[first, last] : {std::pair<std::size_t, std::size_t>(0, 1), {0, 201}, {37, 90}}) {
            const auto mean = series.meanTarget(first, last);
            QVERIFY(std::abs(std::accumulate(mean.begin(), mean.end(), 0.0) - 1) < 1e-12);
        }
    }

    void meanTargetIsTheMeanOfTheCurve()
    {
        SyntheticRun run(100);
        run.advance(100);
        ShareSeries series;
        series.setRun(run.view().get());
        const Curve &curve = run.view()->curve(QString::fromLatin1(metric::kTarget), 2);
        double sum = 0;
        for (std::size_t i = 10; i < 60; ++i)
            sum += curve[i].value;
        QVERIFY(std::abs(series.meanTarget(10, 60)[2] - sum / 50) < 1e-12);
    }

    void realisedSharesComeFromTheTokensOfTheWindow()
    {
        SyntheticRun run(100);
        run.advance(100);
        ShareSeries series;
        series.setRun(run.view().get());
        const auto drawn = [&](int domain, std::size_t step) {
            return run.view()->curve(QString::fromLatin1(metric::kTokensDrawn), domain)[step - 1].value;
        };
        double all = 0;
        for (int k = 0; k < 6; ++k)
            all += drawn(k, 80) - drawn(k, 30);
        const auto shares = series.realised(30, 80);
        QVERIFY(std::abs(shares[4] - (drawn(4, 80) - drawn(4, 30)) / all) < 1e-12);
        QVERIFY(series.realised(100, 100).empty());
        QVERIFY(series.realised(0, 0).empty());
    }

    void growsWithTheRun()
    {
        SyntheticRun run(100);
        ShareSeries series;
        series.setRun(run.view().get());
        QCOMPARE(series.size(), std::size_t(1));
        run.advance(40);
        series.update();
        QCOMPARE(series.size(), std::size_t(41));
        QCOMPARE(series.lastDrawnStep(), std::uint64_t(40));
        series.setRun(nullptr);
        QCOMPARE(series.size(), std::size_t(0));
    }

    void labelsDoNotOverlapAndStayNear()
    {
        const std::vector<double> wanted {100, 102, 101, 300, 10};
        const std::vector<double> placed = spreadLabels(wanted, 14, 0, 400);
        QCOMPARE(placed.size(), wanted.size());
        QCOMPARE(placed[3], 300.0);
        QCOMPARE(placed[4], 10.0);
        QCOMPARE(placed[0], 87.0); // the three share the room around their middle, in their order
        QCOMPARE(placed[2], 101.0);
        QCOMPARE(placed[1], 115.0);
    }

    void labelsStayInside()
    {
        const std::vector<double> placed = spreadLabels({398, 399, 400, 1}, 20, 0, 400);
        QCOMPARE(placed[2], 390.0);
        QCOMPARE(placed[1], 370.0);
        QCOMPARE(placed[0], 350.0);
        QCOMPARE(placed[3], 10.0);
        QVERIFY(spreadLabels({}, 20, 0, 400).empty());
    }

    void timeTicksAreRound()
    {
        QCOMPARE(timeTickStep(0.4), 1.0);
        QCOMPARE(timeTickStep(7), 10.0);
        QCOMPARE(timeTickStep(61), 120.0);
        QCOMPARE(timeTickStep(100000), 172800.0);
    }
};

QTEST_GUILESS_MAIN(TestShareSeries)
#include "tst_share_series.moc"
