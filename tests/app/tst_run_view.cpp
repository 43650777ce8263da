// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/run_view.h"

#include <QSignalSpy>
#include <QTest>

#include <cmath>
#include <limits>

using namespace krater;

namespace {

const double kNaN = std::numeric_limits<double>::quiet_NaN();
const QString kTraining = QString::fromLatin1(metric::kTrainingLoss);
const QString kHeldOut = QString::fromLatin1(metric::kHeldOutLoss);
const QString kTarget = QString::fromLatin1(metric::kTarget);

RunRecord twoDomains()
{
    RunRecord record;
    record.id = 1;
    record.domains = {"code", "quotes"};
    return record;
}

StepEvent stepEvent(std::uint64_t step)
{
    StepEvent event;
    event.step = step;
    event.tokens = step * 100;
    event.seconds = double(step) * 0.5;
    event.losses = {3.0 - 0.1 * double(step), kNaN};
    event.targetShare = {0.6, 0.4};
    event.realisedShare = {1.0, 0.0};
    event.tokensDrawn = {double(step) * 100, 0};
    event.epochs = {0.1, 0};
    event.gradientNorm = 1.5;
    event.learningRate = 1e-3;
    event.tokensPerSecond = 200;
    return event;
}

EvaluationEvent evaluationEvent(std::uint64_t step, double share)
{
    EvaluationEvent event;
    event.step = step;
    event.tokens = step * 100;
    event.seconds = double(step) * 0.5;
    event.losses = {2.5, 2.0};
    event.targetShare = {share, 1 - share};
    event.terms = {{"H", {2.5, 2.0}}, {"log weight", {kNaN, -0.5}}};
    return event;
}

std::vector<std::uint64_t> stepsOf(const Curve &curve)
{
    std::vector<std::uint64_t> steps;
    for (const CurvePoint &point : curve)
        steps.push_back(point.step);
    return steps;
}

} // namespace

class TestRunView : public QObject {
    Q_OBJECT

private slots:
    void keepsEveryMetricOfAStep();
    void leavesOutWhatIsNotFinite();
    void aStepConfirmsTheEvaluationBeforeIt();
    void listsPolicyTerms();
    void interpolatesPositions();
    void positionsWithoutAClock();
    void statesChangeTheRecord();
    void signalsOncePerBatch();
    void truncateDropsWhatLiesAfter();
    void appendedCurvesStayInOrder();
    void referencesSurviveAppending();
    void messagesAreNumbered();
};

void TestRunView::keepsEveryMetricOfAStep()
{
    RunView view(twoDomains());
    view.apply(stepEvent(1));
    view.apply(stepEvent(2));
    QCOMPARE(view.numDomains(), 2);
    QCOMPARE(stepsOf(view.curve(kTraining, 0)), (std::vector<std::uint64_t>{1, 2}));
    QCOMPARE(view.latest(kTraining, 0), 2.8);
    QCOMPARE(view.latest(kTarget, 1), 0.4);
    QCOMPARE(view.latest(QString::fromLatin1(metric::kRealised), 0), 1.0);
    QCOMPARE(view.latest(QString::fromLatin1(metric::kTokensDrawn), 0), 200.0);
    QCOMPARE(view.latest(QString::fromLatin1(metric::kEpochs), 0), 0.1);
    QCOMPARE(view.latest(QString::fromLatin1(metric::kGradientNorm), -1), 1.5);
    QCOMPARE(view.latest(QString::fromLatin1(metric::kLearningRate), -1), 1e-3);
    QCOMPARE(view.latest(QString::fromLatin1(metric::kTokensPerSecond), -1), 200.0);
    QCOMPARE(view.record().step, 2u);
    QCOMPARE(view.record().tokens, 200u);
    QCOMPARE(view.record().seconds, 1.0);
}

void TestRunView::leavesOutWhatIsNotFinite()
{
    RunView view(twoDomains());
    StepEvent event = stepEvent(1);
    event.losses = {std::numeric_limits<double>::infinity(), kNaN};
    view.apply(event);
    QVERIFY(view.curve(kTraining, 0).empty());
    QVERIFY(view.curve(kTraining, 1).empty());
    QVERIFY(std::isnan(view.latest(kTraining, 1)));
    QVERIFY(view.curve(QStringLiteral("unknown"), 0).empty());
}

void TestRunView::aStepConfirmsTheEvaluationBeforeIt()
{
    RunView view(twoDomains());
    view.apply(evaluationEvent(0, 0.5));
    view.apply(stepEvent(1));
    view.apply(evaluationEvent(2, 0.7));
    StepEvent step = stepEvent(2);
    step.targetShare = {0.7, 0.3};
    view.apply(step);
    QCOMPARE(stepsOf(view.curve(kTarget, 0)), (std::vector<std::uint64_t>{0, 1, 2}));
    QCOMPARE(view.latest(kTarget, 0), 0.7);
    QCOMPARE(stepsOf(view.curve(kHeldOut, 1)), (std::vector<std::uint64_t>{0, 2}));
}

void TestRunView::listsPolicyTerms()
{
    RunView view(twoDomains());
    QVERIFY(view.policyTerms().isEmpty());
    view.apply(evaluationEvent(0, 0.5));
    QCOMPARE(view.policyTerms(), QStringList({QStringLiteral("H"), QStringLiteral("log weight")}));
    QCOMPARE(view.latest(QStringLiteral("policy.log weight"), 1), -0.5);
}

void TestRunView::interpolatesPositions()
{
    RunView view(twoDomains());
    view.appendClock(10, 1000, 4.0);
    view.appendClock(20, 2000, 12.0);
    QCOMPARE(view.position(15, XAxis::Step), 15.0);
    QCOMPARE(view.position(15, XAxis::Tokens), 1500.0);
    QCOMPARE(view.position(15, XAxis::Seconds), 8.0);
    QCOMPARE(view.position(20, XAxis::Seconds), 12.0);
    QCOMPARE(view.position(5, XAxis::Tokens), 500.0); // from the start, where all is 0
    QCOMPARE(view.position(99, XAxis::Seconds), 12.0);
}

void TestRunView::positionsWithoutAClock()
{
    const RunView view(twoDomains());
    QCOMPARE(view.position(7, XAxis::Step), 7.0);
    QCOMPARE(view.position(7, XAxis::Tokens), 0.0);
}

void TestRunView::statesChangeTheRecord()
{
    RunView view(twoDomains());
    view.apply(StateEvent{RunState::Running, 0, {}});
    QVERIFY(view.record().state == RunState::Running);
    QCOMPARE(view.record().finishedMs, 0);
    view.apply(StateEvent{RunState::Diverged, 3, "loss of quotes is NaN"});
    QVERIFY(view.record().state == RunState::Diverged);
    QCOMPARE(view.record().message, std::string("loss of quotes is NaN"));
    QVERIFY(view.record().finishedMs > 0);
}

void TestRunView::signalsOncePerBatch()
{
    RunView view(twoDomains());
    QSignalSpy record(&view, &RunView::recordChanged), points(&view, &RunView::pointsAppended),
        events(&view, &RunView::eventsAppended), reset(&view, &RunView::reset);
    view.apply(stepEvent(1));
    view.apply(stepEvent(2));
    QCOMPARE(points.count(), 0);
    view.publish();
    QCOMPARE(points.count(), 1);
    QCOMPARE(record.count() + events.count() + reset.count(), 0);
    view.apply(StateEvent{RunState::Done, 2, {}});
    view.apply(MessageEvent{MessageEvent::Kind::Info, 2, "done"});
    view.truncate(1);
    view.publish();
    view.publish();
    QCOMPARE(record.count(), 1);
    QCOMPARE(events.count(), 1);
    QCOMPARE(reset.count(), 1);
    QCOMPARE(points.count(), 1);
}

void TestRunView::truncateDropsWhatLiesAfter()
{
    RunView view(twoDomains());
    for (std::uint64_t step = 1; step <= 5; ++step)
        view.apply(stepEvent(step));
    view.truncate(3);
    QCOMPARE(stepsOf(view.curve(kTraining, 0)), (std::vector<std::uint64_t>{1, 2, 3}));
    QCOMPARE(view.position(9, XAxis::Tokens), 300.0);
    view.apply(stepEvent(4));
    QCOMPARE(stepsOf(view.curve(kTraining, 0)), (std::vector<std::uint64_t>{1, 2, 3, 4}));
    view.truncate(0);
    QVERIFY(view.curve(kTraining, 0).empty());
}

void TestRunView::appendedCurvesStayInOrder()
{
    RunView view(twoDomains());
    view.appendCurve(kHeldOut, 0, {{0, 3.0}, {10, 2.0}});
    view.appendCurve(kHeldOut, 0, {{10, 2.5}, {5, 9.0}, {20, 1.0}, {30, kNaN}});
    QCOMPARE(stepsOf(view.curve(kHeldOut, 0)), (std::vector<std::uint64_t>{0, 10, 20}));
    QCOMPARE(view.curve(kHeldOut, 0)[1].value, 2.5);
}

void TestRunView::referencesSurviveAppending()
{
    RunView view(twoDomains());
    view.apply(stepEvent(1));
    const Curve &curve = view.curve(kTraining, 0);
    for (std::uint64_t step = 2; step <= 2000; ++step)
        view.apply(stepEvent(step));
    QCOMPARE(curve.size(), std::size_t(2000));
    view.clear();
    QVERIFY(curve.empty());
}

void TestRunView::messagesAreNumbered()
{
    RunView view(twoDomains());
    view.appendEvent({41, {MessageEvent::Kind::Info, 1, "from the store"}, 1});
    view.apply(MessageEvent{MessageEvent::Kind::Checkpoint, 5, "checkpoint"});
    QCOMPARE(view.events().size(), std::size_t(2));
    QCOMPARE(view.events().back().sequence, 42);
    QCOMPARE(view.events().back().event.step, 5u);
    QVERIFY(view.events().back().timeMs > 0);
}

QTEST_GUILESS_MAIN(TestRunView)
#include "tst_run_view.moc"
