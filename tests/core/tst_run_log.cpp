// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/run_log.h"

#include "core/mixture/mixture_design.h"

#include "tests/support/trainer_run.h"

#include <QTest>

#include <limits>
#include <map>

using namespace krater;

namespace {

using Kind = MessageEvent::Kind;

// Two domains of which is known how many documents they share, and how long their tokens are.
class ReportedCorpus : public TokenizedCorpus {
public:
    ReportedCorpus(std::uint64_t shared, std::uint64_t bytesOfFirst)
        : m_bytes{bytesOfFirst, 2000}
    {
        m_report.domains.resize(2);
        m_report.domains[0].documents = 400;
        m_report.domains[1].documents = 100;
        m_report.shared = {{0, shared}, {shared, 0}};
    }

    std::size_t numDomains() const override { return 2; }
    DomainTokens domain(std::size_t index) const override { return {m_tokens, m_tokens, m_bytes[index], m_bytes[index]}; }
    const Tokenizer &tokenizer() const override { return smallCorpus()->tokenizer(); }
    const CorpusReport &report() const override { return m_report; }
    std::string hash() const override { return "hash"; }

private:
    std::vector<TokenId> m_tokens = std::vector<TokenId>(1000);
    std::vector<std::uint64_t> m_bytes;
    CorpusReport m_report;
};

std::vector<std::string> textsAtTheBeginning(const ReportedCorpus &corpus)
{
    std::vector<std::string> texts;
    RunLog log({"prose", "code"}, Mixture::uniform(2), [&](const RunEvent &event) { texts.push_back(std::get<MessageEvent>(event).text); });
    log.begin(corpus);
    return texts;
}

std::map<std::uint64_t, std::string> samplesOf(const EventLog &log)
{
    std::map<std::uint64_t, std::string> samples;
    for (const MessageEvent &message : log.all<MessageEvent>())
        if (message.kind == Kind::Sample)
            samples[message.step] = message.text;
    return samples;
}

Experiment sampling()
{
    Experiment experiment = smallExperiment(25);
    experiment.training.sample = {.tokens = 6, .prompt = "To be", .temperature = 0.5};
    return experiment;
}

} // namespace

// What a run tells of itself beside its losses: messages, samples and what guards measure.
class TestRunLog : public QObject {
    Q_OBJECT

private slots:
    void namesDomainsThatShareDocuments()
    {
        QVERIFY(textsAtTheBeginning({0, 2000}).empty());
        QVERIFY(textsAtTheBeginning({1, 2000}).empty()); // 1 %
        const std::vector<std::string> texts = textsAtTheBeginning({20, 2000});
        QCOMPARE(texts.size(), std::size_t{1});
        QVERIFY2(mentions(texts[0], "20 % of the documents of code also stand in prose"), texts[0].c_str());
    }

    void namesDomainsOfUnequalTokens()
    {
        QVERIFY(textsAtTheBeginning({0, 2400}).empty());
        QVERIFY(textsAtTheBeginning({0, 0}).empty()); // not known
        const std::vector<std::string> texts = textsAtTheBeginning({0, 3500});
        QCOMPARE(texts.size(), std::size_t{1});
        QVERIFY2(mentions(texts[0], "A token is 2.00 bytes of code and 3.50 of prose"), texts[0].c_str());
    }

    void writesASampleAtEachEvaluation()
    {
        Run run(sampling());
        run.trainer.start();
        run.toTheEnd();
        const auto samples = samplesOf(run.log);
        std::vector<std::uint64_t> steps;
        for (const auto &[step, text] : samples) {
            steps.push_back(step);
            QVERIFY2(text.starts_with("Sample after \"To be\": "), text.c_str());
        }
        QCOMPARE(steps, (std::vector<std::uint64_t>{0, 10, 20, 25}));

        Run again(sampling());
        again.trainer.start();
        again.toTheEnd();
        QCOMPARE(samplesOf(again.log), samples);
    }

    void samplesChangeNothingElse()
    {
        Run with(sampling()), without(smallExperiment(25));
        for (Run *run : {&with, &without}) {
            run->trainer.start();
            run->toTheEnd();
        }
        QVERIFY(samePointsAfter(without.log, with.log, 0));
        QVERIFY(samplesOf(without.log).empty());
    }

    // Stopping does not wait for text.
    void aSampleThatIsGivenUpIsMissing()
    {
        Run run(sampling());
        run.trainer.start();
        while (run.trainer.stepsDone() < 9)
            run.trainer.step();
        int asked = 0;
        const int batches = 6; // of an evaluation: 24 windows by 4
        run.trainer.setGoOn([&] { return ++asked <= batches + 2; });
        run.trainer.step();
        QVERIFY(!run.trainer.isEvaluationDue());
        QCOMPARE(samplesOf(run.log).size(), std::size_t{1});
        run.trainer.setGoOn([] { return true; });
        run.toTheEnd();
        QCOMPARE(samplesOf(run.log).size(), std::size_t{3});
    }

    void marksLossesThatStandForMissingOnes()
    {
        Run run(smallExperiment(40)), fixed([] {
            Experiment experiment = smallExperiment(40);
            experiment.mixture = {.policy = "natural", .parameters = {}};
            return experiment;
        }());
        for (Run *each : {&run, &fixed}) {
            each->trainer.start();
            each->toTheEnd();
        }
        std::vector<double> last(3, std::numeric_limits<double>::quiet_NaN());
        int marked = 0;
        for (const StepEvent &step : run.log.all<StepEvent>())
            for (std::size_t k = 0; k < 3; ++k) {
                const double imputed = step.imputedLosses.empty() ? std::numeric_limits<double>::quiet_NaN() : step.imputedLosses[k];
                if (!std::isnan(step.losses[k])) {
                    QVERIFY(std::isnan(imputed));
                    last[k] = step.losses[k];
                } else if (!std::isnan(last[k])) {
                    QCOMPARE(imputed, last[k]);
                    ++marked;
                }
            }
        QVERIFY(marked > 5);
        for (const StepEvent &step : fixed.log.all<StepEvent>())
            QVERIFY(step.imputedLosses.empty()); // nobody looked at them
    }

    void measuresWhatTheGuardsWatch()
    {
        Run run(smallExperiment(25));
        run.trainer.start();
        run.toTheEnd();
        const auto steps = run.log.all<StepEvent>();
        for (const StepEvent &step : steps)
            QCOMPARE(step.effectiveDomains, Mixture::fromWeights(step.targetShare).effectiveDomains());
        std::uint64_t before = 0;
        for (const EvaluationEvent &evaluation : run.log.all<EvaluationEvent>()) {
            QCOMPARE(evaluation.effectiveDomains, Mixture::fromWeights(evaluation.targetShare).effectiveDomains());
            for (std::size_t k = 0; k < 3; ++k) {
                double sum = 0, count = 0;
                for (std::uint64_t i = before; i < evaluation.step; ++i)
                    if (!std::isnan(steps[i].losses[k])) {
                        sum += steps[i].losses[k];
                        ++count;
                    }
                if (count == 0)
                    QVERIFY(std::isnan(evaluation.gaps[k]));
                else
                    QCOMPARE(evaluation.gaps[k], evaluation.losses[k] - sum / count);
                QCOMPARE(evaluation.epochWorth[k], worthOfEpochs(evaluation.step == 0 ? 0.0 : steps[evaluation.step - 1].epochs[k]));
            }
            before = evaluation.step;
        }
        QCOMPARE(before, std::uint64_t{25});
    }
};

QTEST_GUILESS_MAIN(TestRunLog)
#include "tst_run_log.moc"
