// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/run_writer.h"

#include "core/base/error.h"
#include "core/store/checkpoint.h"
#include "core/store/run_reader.h"
#include "tests/core/store_samples.h"

#include <QTemporaryDir>
#include <QTest>

#include <algorithm>
#include <fstream>
#include <map>
#include <set>

using namespace krater;
namespace fs = std::filesystem;

namespace {

using Curves = std::map<std::pair<std::string, int>, Curve>;

// Everything but the speed of the machine.
Curves allCurves(RunReader &reader, RunId run)
{
    Curves curves;
    for (const auto &[metric, domain] : reader.curveNames(run))
        curves[{metric, domain}] = reader.curve(run, metric, domain);
    return curves;
}

bool same(const Curves &a, const Curves &b)
{
    if (a.size() != b.size())
        return false;
    return std::equal(a.begin(), a.end(), b.begin(), [](const auto &left, const auto &right) {
        return left.first == right.first && samples::sameBits(left.second, right.second);
    });
}

const MetricSummary *find(const std::vector<MetricSummary> &summaries, const std::string &metric, int domain)
{
    for (const MetricSummary &summary : summaries) {
        if (summary.metric == metric && summary.domain == domain)
            return &summary;
    }
    return nullptr;
}

std::set<std::string> filesIn(const fs::path &folder)
{
    std::set<std::string> names;
    std::error_code missing;
    for (const fs::directory_entry &entry : fs::directory_iterator(folder, missing))
        names.insert(entry.path().filename().string());
    return names;
}

} // namespace

class TestRunWriter : public QObject {
    Q_OBJECT

private:
    QTemporaryDir m_folder;

    fs::path store(const char *name) { return fs::path(m_folder.path().toStdString()) / name; }

private slots:
    void keepsARecord()
    {
        RunWriter writer(store("new/folder/record.krater"));
        RunRecord given = samples::record("näme");
        given.tags = {"a", "b \"c\""};
        given.notes = "two\nlines";
        given.keepCheckpoints = 5;
        const RunId first = writer.createRun(given);
        given.parent = first;
        given.role = RunRole::FineTune;
        const RunId second = writer.createRun(given);
        writer.setRunFacts(second, {"LibTorch 2.11.0", "CPU, 2 threads", "float32", 123456}, {"abc", {1, 2, 3}, {4, 3.5, 0}});
        writer.flush();

        RunReader reader(writer.file());
        const auto run = reader.run(second);
        QVERIFY(run);
        QCOMPARE(run->name, given.name);
        QCOMPARE(run->tags, given.tags);
        QCOMPARE(run->notes, given.notes);
        QCOMPARE(run->parent, std::optional<RunId>(first));
        QVERIFY(run->role == RunRole::FineTune);
        QCOMPARE(run->domains, given.domains);
        QCOMPARE(run->colours, given.colours);
        QCOMPARE(run->domainTokens, (std::vector<double>{1, 2, 3}));
        QCOMPARE(run->bytesPerToken, (std::vector<double>{4, 3.5, 0}));
        QCOMPARE(run->experimentToml, given.experimentToml);
        QCOMPARE(run->seed, given.seed);
        QCOMPARE(run->keepCheckpoints, 5);
        QCOMPARE(run->engine, std::string("LibTorch 2.11.0"));
        QCOMPARE(run->parameters, std::uint64_t(123456));
        QCOMPARE(run->corpusHash, std::string("abc"));
        QCOMPARE(run->process, std::int64_t(QCoreApplication::applicationPid()));
        QVERIFY(!run->host.empty());
        QVERIFY(run->createdMs > 0);
        QVERIFY(!run->programVersion.empty());
        QCOMPARE(reader.runs().size(), std::size_t(2));
        QCOMPARE(reader.runs().front().id, second);
    }

    void keepsAPlanWithItsRuns()
    {
        RunWriter writer(store("plan.krater"));
        writer.createRun(samples::record("of its own"));
        RunRecord given = samples::record("first");
        given.role = RunRole::Proxy;
        given.plan = PlanPlace{0, 0, 3, "find it"};
        const RunId first = writer.createRun(given, "the plan");
        given.plan = PlanPlace{first, 1, 3, "main"};
        const RunId second = writer.createRun(given);

        RunReader reader(writer.file());
        QVERIFY(reader.run(1)->plan == std::nullopt);
        QVERIFY(reader.run(first)->plan == (PlanPlace{first, 0, 3, "find it"}));
        QVERIFY(reader.run(second)->plan == (PlanPlace{first, 1, 3, "main"}));
        QCOMPARE(reader.planToml(first), std::string("the plan"));
        QVERIFY_THROWS_EXCEPTION(Error, reader.planToml(1));
        const std::vector<RunRecord> runs = reader.planRuns(first);
        QCOMPARE(runs.size(), std::size_t(2));
        QCOMPARE(runs.front().id, first);

        // Two programs that go on with a plan at the same time: the second one is told.
        QVERIFY_THROWS_EXCEPTION(Error, writer.createRun(given));
        QCOMPARE(reader.runs().size(), std::size_t(3));
    }

    void aPlanGoesWithItsLastRun()
    {
        RunWriter writer(store("plan bin.krater"));
        RunRecord given = samples::record();
        given.state = RunState::Stopped;
        given.plan = PlanPlace{0, 0, 2, "a"};
        const RunId first = writer.createRun(given, "the plan");
        given.plan = PlanPlace{first, 1, 2, "b"};
        const RunId second = writer.createRun(given);
        RunReader reader(writer.file());
        writer.setDeleted(first, true);
        writer.emptyBin();
        writer.flush();
        QCOMPARE(reader.planToml(first), std::string("the plan"));
        QCOMPARE(reader.planRuns(first).front().id, second);
        writer.setDeleted(second, true);
        writer.emptyBin();
        writer.flush();
        QVERIFY_THROWS_EXCEPTION(Error, reader.planToml(first));
    }

    // The mean counts every step once, the one before training too, also where a step was evaluated and after a resume.
    void knowsAverageAndFinalMixture()
    {
        RunWriter writer(store("mixtures.krater"));
        const RunId run = writer.createRun(samples::record());
        RunReader reader(writer.file());
        QVERIFY(!reader.mixtures(*reader.run(run)));
        samples::train(writer.observerFor(run), 1, 420);
        writer.observerFor(run).onRunEvent(StateEvent{RunState::Stopped, 420, ""});
        samples::resume(writer, run, 350);
        samples::train(writer.observerFor(run), 351, 400);
        writer.flush();
        double sum = 0;
        for (std::uint64_t n = 0; n <= 400; ++n)
            sum += samples::shares(n)[0];
        const auto mixtures = reader.mixtures(*reader.run(run));
        QVERIFY(mixtures);
        QVERIFY(samples::sameBits(mixtures->averageMixture[0], sum / 401));
        QCOMPARE(mixtures->finalMixture, samples::shares(400));
    }

    // DoReMi draws by one mixture and weighs losses by another, which is its answer.
    void prefersTheMixtureThatLossesAreWeighedBy()
    {
        RunWriter writer(store("objective.krater"));
        const RunId run = writer.createRun(samples::record());
        EvaluationEvent untrained = samples::evaluation(0);
        untrained.objectiveShare = {0.5, 0.25, 0.25};
        writer.observerFor(run).onRunEvent(untrained);
        StepEvent step = samples::step(1);
        step.objectiveShare = {0.25, 0.5, 0.25};
        writer.observerFor(run).onRunEvent(step);
        writer.flush();
        RunReader reader(writer.file());
        const auto mixtures = reader.mixtures(*reader.run(run));
        QVERIFY(mixtures);
        QCOMPARE(mixtures->averageMixture, (std::vector<double>{0.375, 0.375, 0.25}));
        QCOMPARE(mixtures->finalMixture, step.objectiveShare);

        step = samples::step(2); // what the policy itself counts as its average goes before
        step.objectiveShare = {0.25, 0.5, 0.25};
        step.terms = {{"average", {0.125, 0.5, 0.375}}};
        writer.observerFor(run).onRunEvent(step);
        writer.flush();
        QCOMPARE(reader.mixtures(*reader.run(run))->averageMixture, step.terms[0].values);
    }

    // Over several blocks and with steps that are not folded yet.
    void givesBackEveryBit()
    {
        RunWriter writer(store("bits.krater"));
        const RunId run = writer.createRun(samples::record());
        samples::train(writer.observerFor(run), 1, 2600);
        writer.flush();

        RunReader reader(writer.file());
        for (int domain = 0; domain < 3; ++domain) {
            Curve expected;
            for (std::uint64_t n = 1; n <= 2600; ++n) {
                if (samples::isPresent(n, domain))
                    expected.push_back({n, samples::loss(n, domain)});
            }
            QVERIFY(samples::sameBits(reader.curve(run, metric::kTrainingLoss, domain), expected));
        }
        Curve share;
        for (std::uint64_t n = 0; n <= 2600; ++n)
            share.push_back({n, samples::shares(n)[2]});
        QVERIFY(samples::sameBits(reader.curve(run, metric::kTarget, 2), share));

        const Curve tail = reader.curve(run, metric::kTarget, 2, 2597);
        QCOMPARE(tail.size(), std::size_t(3));
        QCOMPARE(tail.front().step, std::uint64_t(2598));
        QCOMPARE(reader.curve(run, metric::kTarget, 2, 2600).size(), std::size_t(0));
        QCOMPARE(reader.curve(run, "no such metric", 2).size(), std::size_t(0));

        const auto clock = reader.clock(run);
        QCOMPARE(clock.size(), std::size_t(2601));
        QCOMPARE(clock.back().tokens, std::uint64_t(2600 * 128));
        QCOMPARE(reader.clock(run, 2599).size(), std::size_t(1));
        QCOMPARE(reader.run(run)->step, std::uint64_t(2600));
        QCOMPARE(reader.run(run)->tokens, std::uint64_t(2600 * 128));
    }

    void everyEvaluationHasItsMixture()
    {
        RunWriter writer(store("evaluations.krater"));
        const RunId run = writer.createRun(samples::record());
        samples::train(writer.observerFor(run), 1, 1000);
        writer.flush();
        RunReader reader(writer.file());
        const Curve losses = reader.curve(run, metric::kHeldOutLoss, 1);
        QCOMPARE(losses.size(), std::size_t(11));
        const Curve target = reader.curve(run, metric::kTarget, 1);
        QCOMPARE(target.size(), std::size_t(1001)); // none twice
        for (const CurvePoint &point : losses)
            QCOMPARE(target[point.step].step, point.step);
        QCOMPARE(reader.curve(run, "policy.H smoothed", 0).size(), std::size_t(11));
    }

    void absentDomainsHaveNoPoint()
    {
        RunWriter writer(store("absent.krater"));
        const RunId run = writer.createRun(samples::record());
        samples::train(writer.observerFor(run), 1, 9);
        writer.flush();
        RunReader reader(writer.file());
        QCOMPARE(reader.curve(run, metric::kTrainingLoss, 2).size(), std::size_t(6));
        QCOMPARE(reader.curve(run, "policy.H", 2).size(), std::size_t(0));
        QVERIFY(find(reader.summaries(run), "policy.H", 2) == nullptr);
        QCOMPARE(reader.curve(run, "policy.H", 1).size(), std::size_t(1));
    }

    void summariesFollowThePoints()
    {
        RunWriter writer(store("summaries.krater"));
        const RunId run = writer.createRun(samples::record());
        samples::train(writer.observerFor(run), 1, 700);
        writer.flush();
        RunReader reader(writer.file());
        const std::vector<MetricSummary> summaries = reader.summaries(run);
        for (const MetricSummary &summary : summaries) {
            const Curve curve = reader.curve(run, summary.metric, summary.domain);
            double sum = 0, min = curve.front().value;
            for (const CurvePoint &point : curve) {
                sum += point.value;
                min = std::min(min, point.value);
            }
            QCOMPARE(summary.count, curve.size());
            QVERIFY(samples::sameBits(summary.first, curve.front().value));
            QVERIFY(samples::sameBits(summary.last, curve.back().value));
            QVERIFY(samples::sameBits(summary.min, min));
            QVERIFY(samples::sameBits(summary.mean, sum / double(curve.size())));
            QCOMPARE(summary.lastStep, curve.back().step);
        }
        QVERIFY(find(summaries, metric::kHeldOutLoss, 0) != nullptr);
        QVERIFY(find(summaries, metric::kGradientNorm, -1) != nullptr);
        QCOMPARE(reader.summaries(metric::kHeldOutLoss).at(run).size(), std::size_t(3));
        for (const MetricSummary &summary : summaries)
            QVERIFY(!summary.metric.starts_with("clock"));
    }

    void statesAndMessages()
    {
        RunWriter writer(store("states.krater"));
        const RunId run = writer.createRun(samples::record());
        RunObserver &observer = writer.observerFor(run);
        observer.onRunEvent(StateEvent{RunState::Running, 0, {}});
        observer.onRunEvent(MessageEvent{MessageEvent::Kind::MixtureEdited, 3, "edited"});
        writer.flush();
        RunReader reader(writer.file());
        QVERIFY(reader.run(run)->state == RunState::Running);
        QCOMPARE(reader.run(run)->finishedMs, std::int64_t(0));
        observer.onRunEvent(StateEvent{RunState::Diverged, 5, "the loss is not a number"});
        observer.onRunEvent(MessageEvent{MessageEvent::Kind::Error, 5, "diverged"});
        writer.flush();
        QVERIFY(reader.run(run)->state == RunState::Diverged);
        QCOMPARE(reader.run(run)->message, std::string("the loss is not a number"));
        QVERIFY(reader.run(run)->finishedMs > 0);
        QCOMPARE(reader.run(run)->process, std::int64_t(0));
        const auto events = reader.events(run);
        QCOMPARE(events.size(), std::size_t(2));
        QVERIFY(events[0].event.kind == MessageEvent::Kind::MixtureEdited);
        QCOMPARE(events[0].event.step, std::uint64_t(3));
        QCOMPARE(reader.events(run, events[0].sequence).size(), std::size_t(1));
    }

    void keepsTheLastCheckpointsAndTheBest()
    {
        RunWriter writer(store("checkpoints.krater"));
        const RunId run = writer.createRun(samples::record()); // keeps 2
        RunObserver &observer = writer.observerFor(run);
        for (std::uint64_t n = 1; n <= 5; ++n) {
            samples::train(observer, (n - 1) * 10 + 1, n * 10);
            observer.onRunEvent(CheckpointEvent{samples::snapshot(n * 10), n <= 2});
        }
        writer.flush();
        RunReader reader(writer.file());
        const auto checkpoints = reader.checkpoints(run);
        QCOMPARE(checkpoints.size(), std::size_t(3));
        QCOMPARE(checkpoints[0].step, std::uint64_t(20));
        QVERIFY(checkpoints[0].best && !checkpoints[1].best && !checkpoints[2].best);
        QCOMPARE(checkpoints[2].step, std::uint64_t(50));
        QCOMPARE(checkpoints[2].bytes, fs::file_size(checkpoints[2].file));
        QCOMPARE(filesIn(checkpoints[0].file.parent_path()),
                 (std::set<std::string>{"step-20.safetensors", "step-40.safetensors", "step-50.safetensors"}));
        QCOMPARE(readCheckpoint(checkpoints[2].file)->step, std::uint64_t(50));
        QVERIFY(reader.events(run).back().event.kind == MessageEvent::Kind::Checkpoint);
        QVERIFY(reader.events(run).back().event.text.starts_with("Checkpoint saved, "));
    }

    // A run that went on past its checkpoint, was closed and resumed from it equals one that was never disturbed.
    void resumedRunEqualsUndisturbed_data()
    {
        QTest::addColumn<int>("checkpoint");
        QTest::addColumn<int>("reached");
        QTest::newRow("in the first block") << 100 << 140;
        QTest::newRow("just saved") << 300 << 300;
        QTest::newRow("after several folds") << 900 << 1500;
        QTest::newRow("past a full block") << 1100 << 3000;
        QTest::newRow("from the start") << 0 << 500;
    }

    void resumedRunEqualsUndisturbed()
    {
        QFETCH(int, checkpoint);
        QFETCH(int, reached);
        const fs::path file = store(QTest::currentDataTag());
        constexpr std::uint64_t kEnd = 3300;
        RunId undisturbed = 0, resumed = 0;
        {
            RunWriter writer(file);
            undisturbed = writer.createRun(samples::record());
            samples::train(writer.observerFor(undisturbed), 1, kEnd);
            writer.observerFor(undisturbed).onRunEvent(StateEvent{RunState::Done, kEnd, {}});
            resumed = writer.createRun(samples::record());
            samples::train(writer.observerFor(resumed), 1, std::uint64_t(reached));
        }
        RunWriter writer(file);
        RunReader reader(file);
        QVERIFY(reader.run(resumed)->state == RunState::Interrupted);
        samples::resume(writer, resumed, std::uint64_t(checkpoint));
        QVERIFY(reader.run(resumed)->state == RunState::Preparing);
        QCOMPARE(reader.run(resumed)->step, std::uint64_t(checkpoint));
        QCOMPARE(reader.run(resumed)->tokens, std::uint64_t(checkpoint) * 128);
        QCOMPARE(reader.run(resumed)->finishedMs, std::int64_t(0));
        for (const auto &[name, curve] : allCurves(reader, resumed))
            QVERIFY(curve.back().step <= std::uint64_t(checkpoint));
        samples::train(writer.observerFor(resumed), std::uint64_t(checkpoint) + 1, kEnd);
        writer.flush();
        QVERIFY(!allCurves(reader, resumed).empty());
        if (checkpoint == 0) // the evaluation of step 0 was there and is sent again: it is not doubled
            QCOMPARE(reader.curve(resumed, metric::kHeldOutLoss, 0).front().step, std::uint64_t(0));
        QVERIFY(same(allCurves(reader, resumed), allCurves(reader, undisturbed)));
        const auto a = reader.summaries(resumed), b = reader.summaries(undisturbed);
        QCOMPARE(a.size(), b.size());
        for (std::size_t i = 0; i < a.size(); ++i)
            QVERIFY(samples::sameBits(a[i].mean, b[i].mean) && samples::sameBits(a[i].min, b[i].min));
    }

    // The step of an evaluation may never come: the program was killed in between.
    void anEvaluationWaitsForItsStep()
    {
        RunWriter writer(store("evaluation.krater"));
        const RunId run = writer.createRun(samples::record());
        RunObserver &observer = writer.observerFor(run);
        samples::train(observer, 1, 99);
        observer.onRunEvent(samples::evaluation(100));
        writer.flush();
        RunReader reader(writer.file());
        QCOMPARE(reader.curve(run, metric::kHeldOutLoss, 0).size(), std::size_t(1));
        QCOMPARE(reader.clock(run).back().step, std::uint64_t(99));
        observer.onRunEvent(samples::step(100));
        writer.flush();
        QCOMPARE(reader.curve(run, metric::kHeldOutLoss, 0).back().step, std::uint64_t(100));
        QCOMPARE(reader.curve(run, metric::kTrainingLoss, 0).back().step, std::uint64_t(100));
    }

    void tellsWhenACheckpointIsSaved()
    {
        const fs::path file = store("saved.krater");
        std::vector<CheckpointSavedEvent> saved;
        {
            RunWriter writer(file);
            writer.onCheckpointSaved([&](RunId, const CheckpointSavedEvent &event) {
                QVERIFY(fs::exists(event.file));
                saved.push_back(event);
            });
            RunObserver &observer = writer.observerFor(writer.createRun(samples::record()));
            samples::train(observer, 1, 10);
            observer.onRunEvent(CheckpointEvent{samples::snapshot(10), true});
        }
        QCOMPARE(saved.size(), std::size_t(1));
        QCOMPARE(saved[0].step, std::uint64_t(10));
        QCOMPARE(saved[0].bytes, std::uint64_t(fs::file_size(saved[0].file)));
        QVERIFY(saved[0].best);
    }

    void resumeRemovesWhatCameAfter()
    {
        RunWriter writer(store("resume.krater"));
        const RunId run = writer.createRun(samples::record());
        RunObserver &observer = writer.observerFor(run);
        for (std::uint64_t n : {10, 20, 30}) {
            samples::train(observer, n - 9, n);
            observer.onRunEvent(MessageEvent{MessageEvent::Kind::Info, n, "at " + std::to_string(n)});
            observer.onRunEvent(CheckpointEvent{samples::snapshot(n), false});
        }
        observer.onRunEvent(StateEvent{RunState::Stopped, 30, {}});
        writer.flush();
        RunReader reader(writer.file());
        const fs::path later = reader.checkpoints(run).back().file;
        samples::resume(writer, run, 20);
        QCOMPARE(reader.checkpoints(run).back().step, std::uint64_t(20));
        QVERIFY(!fs::exists(later));
        for (const StoredEvent &event : reader.events(run))
            QVERIFY(event.event.step <= 20);
        QCOMPARE(reader.curve(run, metric::kTarget, 0).back().step, std::uint64_t(20));
    }

    void aRunInTrainingCannotBeResumedOrDeleted()
    {
        RunWriter writer(store("active.krater"));
        std::vector<std::string> failures;
        writer.onFailure([&](const std::string &message) { failures.push_back(message); });
        const RunId run = writer.createRun(samples::record());
        QVERIFY_EXCEPTION_THROWN(writer.prepareResume(run, nullptr), Error);
        QVERIFY_EXCEPTION_THROWN(writer.prepareResume(run + 1, nullptr), Error);
        writer.setDeleted(run, true);
        writer.flush();
        QCOMPARE(failures.size(), std::size_t(1));
        RunReader reader(writer.file());
        QVERIFY(!reader.run(run)->deleted);
    }

    void binHidesRestoresAndEmpties()
    {
        RunWriter writer(store("bin.krater"));
        const RunId kept = writer.createRun(samples::record("kept")), gone = writer.createRun(samples::record("gone"));
        for (const RunId run : {kept, gone}) {
            samples::train(writer.observerFor(run), 1, 50);
            writer.observerFor(run).onRunEvent(CheckpointEvent{samples::snapshot(50), true});
            writer.observerFor(run).onRunEvent(StateEvent{RunState::Done, 50, {}});
        }
        writer.setDeleted(gone, true);
        writer.flush();
        RunReader reader(writer.file());
        QCOMPARE(reader.runs().size(), std::size_t(1));
        QCOMPARE(reader.runs(true).size(), std::size_t(2));
        writer.setDeleted(gone, false);
        writer.flush();
        QCOMPARE(reader.runs().size(), std::size_t(2));
        writer.setDeleted(gone, true);
        writer.emptyBin();
        writer.flush();
        QCOMPARE(reader.runs(true).size(), std::size_t(1));
        QVERIFY(reader.curve(gone, metric::kTarget, 0).empty());
        QVERIFY(!fs::exists(checkpointFile(writer.file(), gone, 50).parent_path()));
        QVERIFY(fs::exists(checkpointFile(writer.file(), kept, 50)));
        QCOMPARE(
            std::get<std::int64_t>(
                reader.query("SELECT count(DISTINCT curve) = (SELECT count(*) FROM curves) FROM blocks", 1).rows[0][0]),
            1);
        QVERIFY(writer.createRun(samples::record()) > gone); // numbers are not used again
    }

    void editsText()
    {
        RunWriter writer(store("text.krater"));
        std::string failure;
        writer.onFailure([&](const std::string &message) { failure = message; });
        const RunId run = writer.createRun(samples::record());
        writer.rename(run, "'; DROP TABLE runs; --");
        writer.setNotes(run, "notes");
        writer.setTags(run, {"x"});
        writer.flush();
        RunReader reader(writer.file());
        QCOMPARE(reader.run(run)->name, std::string("'; DROP TABLE runs; --"));
        QCOMPARE(reader.run(run)->notes, std::string("notes"));
        QCOMPARE(reader.run(run)->tags, std::vector<std::string>{"x"});
        QVERIFY(failure.empty());
        writer.rename(99, "nobody");
        writer.flush();
        QVERIFY(failure.find("no run 99") != std::string::npos);
    }

    // What cannot be stored is reported, and does not take the rest with it.
    void stepsNeverGoBack()
    {
        RunWriter writer(store("back.krater"));
        std::string failure;
        writer.onFailure([&](const std::string &message) { failure = message; });
        const RunId run = writer.createRun(samples::record());
        RunObserver &observer = writer.observerFor(run);
        for (const std::uint64_t n : {1, 2, 1, 3})
            observer.onRunEvent(samples::step(n));
        writer.flush();
        QVERIFY(failure.find("step 1 after step 2") != std::string::npos);
        RunReader reader(writer.file());
        QCOMPARE(reader.curve(run, metric::kTarget, 0).size(), std::size_t(3));
    }

    void readerSeesCommits()
    {
        RunWriter writer(store("version.krater"));
        RunReader reader(writer.file());
        const std::int64_t before = reader.dataVersion();
        QCOMPARE(reader.dataVersion(), before);
        writer.createRun(samples::record());
        QVERIFY(reader.dataVersion() != before);
    }
};

QTEST_GUILESS_MAIN(TestRunWriter)
#include "tst_run_writer.moc"
