// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/guards.h"

#include "core/base/error.h"

#include <QTest>

#include <algorithm>
#include <cmath>
#include <limits>

using namespace krater;

namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

StepEvent stepOf(std::uint64_t step, std::vector<double> shares, std::vector<double> epochs = {0.0, 0.0, 0.0})
{
    StepEvent event;
    event.step = step;
    event.targetShare = std::move(shares);
    event.epochs = std::move(epochs);
    return event;
}

Guards guards()
{
    return Guards({"a", "b", "c"}, 8);
}

int count(const std::vector<MessageEvent> &messages, const char *part)
{
    return int(std::ranges::count_if(messages, [&](const MessageEvent &message) { return message.text.find(part) != std::string::npos; }));
}

} // namespace

class TestGuards : public QObject {
    Q_OBJECT

private slots:
    void saysOnceThatTheMixtureCollapses()
    {
        Guards watched = guards();
        QVERIFY(watched.afterStep(stepOf(1, {0.6, 0.3, 0.1})).empty());
        const auto messages = watched.afterStep(stepOf(2, {0.92, 0.04, 0.04}));
        QCOMPARE(count(messages, "close to a single domain"), 1);
        QCOMPARE(int(messages.front().kind), int(MessageEvent::Kind::Warning));
        QCOMPARE(messages.front().step, std::uint64_t{2});
        QVERIFY(watched.afterStep(stepOf(3, {0.93, 0.035, 0.035})).empty());
    }

    void isSilentAboutASingleDomainThatWasChosen()
    {
        Guards watched = guards();
        QVERIFY(watched.afterStep(stepOf(1, {1.0, 0.0, 0.0})).empty());
        QVERIFY(watched.afterStep(stepOf(2, {1.0, 0.0, 0.0})).empty());
    }

    // A run may begin with probes of one domain at a time.
    void tellsACollapseAfterASingleDomainThatWasChosen()
    {
        Guards watched = guards();
        QVERIFY(watched.afterStep(stepOf(1, {1.0, 0.0, 0.0})).empty());
        QVERIFY(watched.afterStep(stepOf(2, {0.0, 0.0, 1.0})).empty());
        QVERIFY(watched.afterStep(stepOf(3, {0.4, 0.3, 0.3})).empty());
        QCOMPARE(count(watched.afterStep(stepOf(4, {0.0, 1.0, 0.0})), "close to a single domain"), 1);
        QVERIFY(watched.afterStep(stepOf(5, {0.0, 1.0, 0.0})).empty());
    }

    void looksAtTheObjectiveWhereThereIsOne()
    {
        Guards watched = guards();
        watched.afterStep(stepOf(1, {1.0 / 3, 1.0 / 3, 1.0 / 3}));
        StepEvent step = stepOf(2, {1.0 / 3, 1.0 / 3, 1.0 / 3});
        step.objectiveShare = {0.98, 0.01, 0.01};
        QCOMPARE(count(watched.afterStep(step), "a has 0.980"), 1);
    }

    void namesDomainsThatAreRarelyDrawn()
    {
        Guards watched = guards();
        const auto messages = watched.afterStep(stepOf(1, {0.5, 0.4875, 0.0125}));
        QCOMPARE(int(messages.size()), 1);
        QCOMPARE(count(messages, "c is drawn in one step of 10"), 1);
        QVERIFY(guards().afterStep(stepOf(1, {0.5, 0.5, 0.0})).empty()); // nobody asked for it
    }

    void countsEpochsAndWhatTheyAreWorth()
    {
        Guards watched = guards();
        const std::vector<double> even(3, 1.0 / 3);
        QVERIFY(watched.afterStep(stepOf(1, even, {0.99, 0.2, 0.1})).empty());
        QCOMPARE(count(watched.afterStep(stepOf(2, even, {1.0, 0.2, 0.1})), "a has been drawn once over"), 1);
        QCOMPARE(count(watched.afterStep(stepOf(3, even, {4.1, 1.1, 0.1})), "worth 93 %"), 1);
        const auto last = watched.afterStep(stepOf(4, even, {16.5, 1.2, 0.1}));
        QCOMPARE(int(last.size()), 1);
        QCOMPARE(count(last, "worth 66 %"), 1);
        QVERIFY(watched.afterStep(stepOf(5, even, {17.0, 1.2, 0.1})).empty());
    }

    void seesMemorising()
    {
        Guards watched = guards();
        const std::vector<double> even(3, 1.0 / 3);
        int warnings = 0;
        for (std::uint64_t n = 1; n <= 8; ++n) {
            watched.trained({2.0 - 0.1 * double(n), 2.0 - 0.1 * double(n), kNone});
            watched.takeGaps({2.0, 2.0, 2.0});
            watched.afterStep(stepOf(n, even, {0.5 * double(n), 0.1 * double(n), 0.1}));
            const auto messages = watched.afterEvaluation(n);
            warnings += count(messages, "a is being memorised");
            QCOMPARE(count(messages, "b is"), 0); // not repeated
            QCOMPARE(count(messages, "c is"), 0); // never measured
        }
        QCOMPARE(warnings, 1);
    }

    void gapsAreThoseSinceTheLastEvaluation()
    {
        Guards watched = guards();
        watched.trained({1.0, 2.0, kNone});
        watched.trained({2.0, kNone, kNone});
        const std::vector<double> first = watched.takeGaps({1.75, 2.5, 3.0});
        QCOMPARE(first[0], 0.25);
        QCOMPARE(first[1], 0.5);
        QVERIFY(std::isnan(first[2])); // no training loss
        watched.trained({1.0, 1.0, 1.0});
        const std::vector<double> second = watched.takeGaps({1.5, kNone, 1.0});
        QCOMPARE(second[0], 0.5);
        QVERIFY(std::isnan(second[1])); // no held-out loss
        QCOMPARE(second[2], 0.0);
    }

    void whatWasSaidBeforeIsNotSaidAgain()
    {
        Guards first = guards();
        first.afterStep(stepOf(49, {0.4, 0.3, 0.3}));
        QCOMPARE(int(first.afterStep(stepOf(50, {0.9, 0.09, 0.01}, {5.0, 0.1, 0.1})).size()), 4);
        Guards watched = guards();
        watched.restore(first.save());
        const auto messages = watched.afterStep(stepOf(51, {0.9, 0.09, 0.01}, {5.1, 1.0, 0.1}));
        QCOMPARE(int(messages.size()), 1);
        QCOMPARE(count(messages, "b has been drawn once over"), 1);
    }

    // Saved in the middle of an interval, both go on alike.
    void restoredOnesGoOn()
    {
        Guards whole = guards();
        Guards restored = guards();
        const std::vector<double> even(3, 1.0 / 3);
        for (std::uint64_t n = 1; n <= 20; ++n) {
            const std::vector<double> losses{2.0 - 0.07 * double(n), 2.0, n % 3 == 0 ? 1.0 : kNone};
            const StepEvent step = stepOf(n, even, {0.3 * double(n), 0.1, 0.9 * double(n)});
            whole.trained(losses);
            restored.trained(losses);
            if (n % 4 == 0) {
                const std::vector<double> expected = whole.takeGaps({2.0, 2.0, 2.0}), found = restored.takeGaps({2.0, 2.0, 2.0});
                for (std::size_t k = 0; k < expected.size(); ++k)
                    QVERIFY(expected[k] == found[k] || (std::isnan(expected[k]) && std::isnan(found[k])));
                QCOMPARE(restored.afterEvaluation(n).size(), whole.afterEvaluation(n).size());
            }
            QCOMPARE(restored.afterStep(step).size(), whole.afterStep(step).size());
            Guards next = guards();
            next.restore(restored.save());
            restored = next;
        }
        QCOMPARE(restored.save(), whole.save());
    }

    void refusesAStateOfOthers()
    {
        Guards two({"a", "b"}, 8);
        QVERIFY_THROWS_EXCEPTION(Error, guards().restore(two.save()));
        QVERIFY_THROWS_EXCEPTION(Error, guards().restore("no JSON"));
        QVERIFY_THROWS_EXCEPTION(Error, guards().restore("{}"));
    }
};

QTEST_GUILESS_MAIN(TestGuards)
#include "tst_guards.moc"
