// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/run_writer.h"

#include "core/base/error.h"
#include "core/store/checkpoint.h"
#include "core/store/run_reader.h"
#include "tests/core/store_samples.h"

#include <QTemporaryDir>
#include <QTest>

#include <filesystem>

using namespace krater;
namespace fs = std::filesystem;

namespace {

const MetricSummary *find(const std::vector<MetricSummary> &summaries, const std::string &metric, int domain)
{
    for (const MetricSummary &summary : summaries) {
        if (summary.metric == metric && summary.domain == domain)
            return &summary;
    }
    return nullptr;
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
