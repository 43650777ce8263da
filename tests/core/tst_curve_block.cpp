// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/curve_block.h"

#include "core/base/error.h"
#include "core/base/rng.h"
#include "tests/core/store_samples.h"

#include <QTest>

#include <limits>

using namespace krater;
using samples::sameBits;

namespace {

CurveBlock blockOf(const Curve &points)
{
    CurveBlock block;
    for (const CurvePoint &point : points)
        block.append(point);
    return block;
}

Curve decoded(const std::string &bytes)
{
    Curve points;
    appendBlock(bytes, points);
    return points;
}

} // namespace

class TestCurveBlock : public QObject {
    Q_OBJECT

private slots:
    void everyBitComesBack()
    {
        using Limits = std::numeric_limits<double>;
        const Curve points{{0, -0.0},
                           {1, Limits::denorm_min()},
                           {2, Limits::max()},
                           {100, -Limits::infinity()},
                           {200, 0.1},
                           {300, 1.0 / 3.0},
                           {std::uint64_t(std::numeric_limits<std::int64_t>::max()), Limits::lowest()}};
        QVERIFY(sameBits(decoded(blockOf(points).encode()), points));
        QCOMPARE(CurveBlock::decode(blockOf(points).encode()).encode(), blockOf(points).encode());
    }

    void irregularStepsComeBack()
    {
        Rng rng(5);
        for (int round = 0; round < 50; ++round) {
            Curve points;
            std::uint64_t step = rng.below(1000);
            const std::size_t count = 1 + rng.below(kBlockPoints);
            for (std::size_t i = 0; i < count; ++i) {
                points.push_back({step, rng.normal()});
                step += 1 + (rng.below(4) == 0 ? rng.below(1'000'000) : 0);
            }
            const CurveBlock block = blockOf(points);
            QCOMPARE(block.count(), count);
            QCOMPARE(block.firstStep(), points.front().step);
            QCOMPARE(block.lastStep(), points.back().step);
            QVERIFY(sameBits(decoded(block.encode()), points));
        }
    }

    void regularStepsTakeNoSpace()
    {
        Curve points;
        for (std::uint64_t n = 0; n < kBlockPoints; ++n)
            points.push_back({1000 + n * 100, 1.0});
        QVERIFY(blockOf(points).isFull());
        QVERIFY(blockOf(points).encode().size() <= kBlockPoints * 8 + 16);
    }

    void blocksFollowEachOther()
    {
        Curve points;
        const std::string first = blockOf({{1, 1}, {5, 2}}).encode();
        appendBlock(first, points);
        appendBlock(blockOf({{6, 3}}).encode(), points);
        QCOMPARE(points.size(), std::size_t(3));
        QVERIFY_EXCEPTION_THROWN(appendBlock(first, points), Error);
        CurveBlock block = blockOf({{5, 1}});
        QVERIFY_EXCEPTION_THROWN(block.append({5, 1}), Error);
    }

    void refusesWhatIsNotABlock()
    {
        const std::string good = blockOf({{1, 1}, {3, 2}, {5, 3}}).encode();
        QCOMPARE(good.size(), std::size_t(1 + 1 + 1 + 2 + 24));
        for (std::size_t length = 0; length < good.size(); ++length)
            QVERIFY_EXCEPTION_THROWN(decoded(good.substr(0, length)), Error);
        QVERIFY_EXCEPTION_THROWN(decoded(good + '\0'), Error);
        const auto changed = [&](std::size_t place, char value) {
            std::string bytes = good;
            bytes[place] = value;
            return bytes;
        };
        QVERIFY_EXCEPTION_THROWN(decoded(changed(0, 2)), Error); // version
        QVERIFY_EXCEPTION_THROWN(decoded(changed(1, 0)), Error); // no points
        QVERIFY_EXCEPTION_THROWN(decoded(changed(1, 4)), Error); // more than there are
        QVERIFY_EXCEPTION_THROWN(decoded(changed(3, 0)), Error); // a stride of 0
        QVERIFY_EXCEPTION_THROWN(decoded(changed(4, 0)), Error); // repeated never
        QVERIFY_EXCEPTION_THROWN(decoded(changed(4, 3)), Error); // repeated too often
        // 2^63 points, a step past what SQL can hold
        QVERIFY_EXCEPTION_THROWN(decoded(std::string("\x01") + std::string(8, '\xFF') + '\x7F'), Error);
        std::string far = "\x01\x02\x01";
        far += std::string(8, '\xFF') + "\x7F\x01" + std::string(16, '\0');
        QVERIFY_EXCEPTION_THROWN(decoded(far), Error);
    }

    // Damage is an Error or other numbers, never more points than a block may have or steps out of order.
    void survivesDamage()
    {
        Rng rng(9);
        Curve points;
        for (std::uint64_t n = 0; n < 40; ++n)
            points.push_back({n * n, double(n)});
        const std::string good = blockOf(points).encode();
        int refused = 0;
        for (int round = 0; round < 20'000; ++round) {
            std::string bytes = good;
            for (std::uint64_t i = 0; i <= rng.below(4); ++i)
                bytes[rng.below(bytes.size())] = char(rng.below(256));
            bytes.resize(rng.below(8) == 0 ? rng.below(bytes.size()) : bytes.size());
            try {
                const Curve read = decoded(bytes);
                QVERIFY(!read.empty() && read.size() <= kBlockPoints);
                for (std::size_t i = 1; i < read.size(); ++i)
                    QVERIFY(read[i].step > read[i - 1].step);
            } catch (const Error &) {
                ++refused;
            }
        }
        QVERIFY(refused > 1000);
    }

    void stepsComeBack()
    {
        const StepValues values{{1, -0.0}, {127, 2.5}, {128, -1e300}, {1'000'000'000'000, 0.1}};
        const std::string bytes = encodeStep(values);
        QVERIFY(decodeStep(bytes) == values);
        QCOMPARE(valueInStep(bytes, 128), std::optional(-1e300));
        QCOMPARE(valueInStep(bytes, 129), std::optional<double>());
        QVERIFY(decodeStep({}).empty());
        for (std::size_t length = 1; length < 9; ++length)
            QVERIFY_EXCEPTION_THROWN(decodeStep(bytes.substr(0, length)), Error);
    }
};

QTEST_GUILESS_MAIN(TestCurveBlock)
#include "tst_curve_block.moc"
