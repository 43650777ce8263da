// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/rng.h"

#include <QTest>

#include <cmath>
#include <numeric>
#include <set>
#include <vector>

using namespace krater;

class TestRng : public QObject {
    Q_OBJECT

private slots:
    // The first numbers of the reference implementation from state 1, 2, 3, 4 (the vector that rand_xoshiro's tests use, too).
    void matchesTheReference()
    {
        Rng rng;
        rng.setState({1, 2, 3, 4});
        const std::uint64_t expected[] = {11520u, 0u, 1509978240u, 1215971899390074240u, 1216172134540287360u, 607988272756665600u};
        for (const std::uint64_t number : expected)
            QCOMPARE(rng(), number);
        QCOMPARE(Rng(0).state()[0], std::uint64_t{0xe220a8397b1dcdaf}); // SplitMix64 of 0
    }

    void streamsDifferByNameAndBySeed()
    {
        std::set<std::uint64_t> first;
        for (const char *name : {"", "weights", "domains", "windows/a", "windows/b"})
            for (std::uint64_t seed : {0u, 1u, 2u})
                first.insert(Rng::stream(seed, name)());
        QCOMPARE(first.size(), std::size_t{15});
        QCOMPARE(Rng::stream(7, "weights")(), Rng::stream(7, "weights")());
    }

    void stateContinues()
    {
        Rng rng(5);
        rng.normal();
        Rng copy(0);
        copy.setState(rng.state());
        for (int i = 0; i < 10; ++i)
            QCOMPARE(copy.normal(), rng.normal());
    }

    void uniformFillsTheUnitInterval()
    {
        Rng rng(1);
        double sum = 0.0;
        for (int i = 0; i < 100'000; ++i) {
            const double number = rng.uniform();
            QVERIFY(number >= 0.0 && number < 1.0);
            sum += number;
        }
        QVERIFY(std::abs(sum / 100'000 - 0.5) < 0.004); // 4 standard errors
    }

    void belowIsUnbiased()
    {
        Rng rng(2);
        QCOMPARE(rng.below(1), std::uint64_t{0});
        std::vector<double> counts(7, 0.0);
        for (int i = 0; i < 70'000; ++i)
            counts.at(rng.below(7)) += 1.0;
        double chiSquare = 0.0;
        for (const double count : counts)
            chiSquare += (count - 10'000) * (count - 10'000) / 10'000;
        QVERIFY(chiSquare < 22.5); // 99.9 % of chi-square with 6 degrees of freedom
        for (int i = 0; i < 100; ++i)
            QVERIFY(rng.below((std::uint64_t{1} << 63) + 1) <= std::uint64_t{1} << 63);
    }

    void normalHasMeanZeroAndVarianceOne()
    {
        Rng rng(3);
        double sum = 0.0, squares = 0.0;
        for (int i = 0; i < 100'000; ++i) {
            const double number = rng.normal();
            sum += number;
            squares += number * number;
        }
        QVERIFY(std::abs(sum / 100'000) < 0.013);
        QVERIFY(std::abs(squares / 100'000 - 1.0) < 0.018);
    }

    void shufflesEveryOrderEquallyOften()
    {
        Rng rng(4);
        std::vector<double> counts(6, 0.0);
        for (int i = 0; i < 60'000; ++i) {
            std::vector<std::uint32_t> values{0, 1, 2};
            shuffle(values, rng);
            counts.at(values[0] * 2 + (values[1] > values[2] ? 1 : 0)) += 1.0;
        }
        double chiSquare = 0.0;
        for (const double count : counts)
            chiSquare += (count - 10'000) * (count - 10'000) / 10'000;
        QVERIFY(chiSquare < 20.5); // 99.9 %, 5 degrees of freedom
        std::vector<std::uint32_t> none;
        shuffle(none, rng);
    }
};

QTEST_GUILESS_MAIN(TestRng)
#include "tst_rng.moc"
