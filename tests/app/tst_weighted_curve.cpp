// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/weighted_curve.h"

#include <QTest>

using namespace krater;

namespace {

const QString kLoss = QString::fromLatin1(metric::kHeldOutLoss);

RunRecord threeDomains()
{
    RunRecord record;
    record.domains = {"a", "b", "c"};
    return record;
}

} // namespace

class TestWeightedCurve : public QObject {
    Q_OBJECT

private slots:
    void sumsWhereAllDomainsHaveAPoint();
    void growsWithItsRun();
    void aMissingDomainGivesNoPoints();
    void startsOverWithAnotherSource();
};

void TestWeightedCurve::sumsWhereAllDomainsHaveAPoint()
{
    RunView run(threeDomains());
    run.appendCurve(kLoss, 0, {{0, 4}, {10, 2}, {20, 1}, {40, 0.5}});
    run.appendCurve(kLoss, 1, {{0, 8}, {20, 3}, {30, 9}, {40, 1}});
    WeightedCurve curve;
    curve.setSource(&run, kLoss, {{"a", 0.25}, {"b", 0.75}, {"c", 0.0}});
    QCOMPARE(curve.curve().size(), std::size_t(3));
    QCOMPARE(curve.curve()[0].value, 7.0);
    QCOMPARE(curve.curve()[1].step, 20u);
    QCOMPARE(curve.curve()[1].value, 2.5);
    QCOMPARE(curve.curve()[2].step, 40u);
}

void TestWeightedCurve::growsWithItsRun()
{
    RunView run(threeDomains());
    WeightedCurve curve;
    curve.setSource(&run, kLoss, {{"a", 0.5}, {"c", 0.5}}); // before there is any point
    QVERIFY(curve.curve().empty());
    run.appendCurve(kLoss, 0, {{0, 4}, {10, 2}});
    curve.update();
    QVERIFY(curve.curve().empty());
    run.appendCurve(kLoss, 2, {{0, 2}});
    curve.update();
    QCOMPARE(curve.curve().size(), std::size_t(1));
    run.appendCurve(kLoss, 2, {{10, 4}});
    curve.update();
    curve.update();
    QCOMPARE(curve.curve().size(), std::size_t(2));
    QCOMPARE(curve.curve()[1].value, 3.0);
}

void TestWeightedCurve::aMissingDomainGivesNoPoints()
{
    RunView run(threeDomains());
    run.appendCurve(kLoss, 0, {{0, 4}});
    WeightedCurve curve;
    curve.setSource(&run, kLoss, {{"a", 0.5}, {"poems", 0.5}});
    QVERIFY(curve.curve().empty());
    curve.setSource(&run, kLoss, {});
    QVERIFY(curve.curve().empty());
    curve.setSource(nullptr, kLoss, {{"a", 1}});
    QVERIFY(curve.curve().empty());
}

void TestWeightedCurve::startsOverWithAnotherSource()
{
    RunView run(threeDomains());
    run.appendCurve(kLoss, 0, {{0, 4}, {5, 3}});
    run.appendCurve(kLoss, 1, {{0, 1}});
    WeightedCurve curve;
    curve.setSource(&run, kLoss, {{"a", 1}});
    QCOMPARE(curve.curve().size(), std::size_t(2));
    curve.setSource(&run, kLoss, {{"b", 1}});
    QCOMPARE(curve.curve().size(), std::size_t(1));
    QCOMPARE(curve.curve()[0].value, 1.0);
}

QTEST_GUILESS_MAIN(TestWeightedCurve)
#include "tst_weighted_curve.moc"
