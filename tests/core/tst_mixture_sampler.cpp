// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sampling/mixture_sampler.h"

#include "core/base/error.h"

#include <QTest>

#include <cmath>
#include <map>
#include <numeric>
#include <set>

using namespace krater;

namespace {

constexpr std::size_t kContext = 4;

// Domain k holds sizes[k] tokens that count up from 0, so that a window tells where it stands.
std::shared_ptr<const TokenizedCorpus> corpusOf(const std::vector<std::size_t> &sizes)
{
    std::vector<std::vector<TokenId>> training, heldOut;
    for (const std::size_t size : sizes) {
        training.emplace_back(size);
        std::iota(training.back().begin(), training.back().end(), TokenId{0});
        heldOut.emplace_back(20, TokenId{1});
    }
    return makeTokenizedCorpus(std::move(training), std::move(heldOut));
}

std::vector<std::string> namesFor(std::size_t numDomains)
{
    std::vector<std::string> names;
    for (std::size_t k = 0; k < numDomains; ++k)
        names.push_back("d" + std::to_string(k));
    return names;
}

MixtureSampler samplerFor(const TokenizedCorpus &corpus, std::size_t sequences, MixtureConfig::Batching batching, std::uint64_t seed = 1)
{
    return MixtureSampler(corpus, kContext, sequences, batching, seed, namesFor(corpus.numDomains()));
}

Mixture randomMixture(Rng &rng, std::size_t numDomains)
{
    std::vector<double> weights(numDomains);
    const double spread = 4.0 * rng.uniform();
    for (double &weight : weights)
        weight = std::exp(spread * rng.normal());
    return Mixture::fromWeights(weights);
}

std::vector<double> countsOf(const Batch &batch, std::size_t numDomains)
{
    std::vector<double> counts(numDomains, 0.0);
    for (const std::uint32_t domain : batch.domains)
        counts.at(domain) += 1.0;
    return counts;
}

bool sameBatch(const Batch &a, const Batch &b)
{
    return a.tokens == b.tokens && a.domains == b.domains && a.numSequences == b.numSequences && a.context == b.context;
}

} // namespace

class TestMixtureSampler : public QObject {
    Q_OBJECT

private slots:
    void handsOutEachWindowOnceAnEpoch()
    {
        std::vector<TokenId> tokens(4 * 10 + 3); // 10 windows; the last two tokens belong to none
        std::iota(tokens.begin(), tokens.end(), TokenId{0});
        DomainSampler sampler(tokens, kContext, 1, "a");
        QCOMPARE(sampler.numWindows(), std::uint64_t{10});
        std::vector<std::vector<TokenId>> orders;
        for (std::uint64_t epoch = 0; epoch < 5; ++epoch) {
            std::vector<TokenId> starts;
            for (int i = 0; i < 10; ++i) {
                const auto window = sampler.next();
                QCOMPARE(window.size(), kContext + 1);
                QCOMPARE(window[0] % kContext, std::size_t{0});
                for (std::size_t t = 0; t <= kContext; ++t)
                    QCOMPARE(window[t], TokenId(window[0] + t));
                starts.push_back(window[0]);
            }
            QCOMPARE(sampler.state(), (DomainSampler::State{epoch, 10}));
            QCOMPARE(std::set<TokenId>(starts.begin(), starts.end()).size(), std::size_t{10});
            orders.push_back(starts);
        }
        QVERIFY(orders[0] != orders[1]);
    }

    void orderDependsOnSeedAndDomain()
    {
        std::vector<TokenId> tokens(401);
        std::iota(tokens.begin(), tokens.end(), TokenId{0});
        const auto order = [&](std::uint64_t seed, const char *domain) {
            DomainSampler sampler(tokens, kContext, seed, domain);
            std::vector<TokenId> starts;
            for (int i = 0; i < 100; ++i)
                starts.push_back(sampler.next()[0]);
            return starts;
        };
        QVERIFY(order(1, "a") == order(1, "a"));
        QVERIFY(order(1, "a") != order(2, "a"));
        QVERIFY(order(1, "a") != order(1, "b"));
    }

    void aWindowNeedsATargetForItsLastToken()
    {
        const std::vector<TokenId> tokens(kContext + 1);
        QCOMPARE(DomainSampler(tokens, kContext, 1, "a").numWindows(), std::uint64_t{1});
        QVERIFY_THROWS_EXCEPTION(Error, DomainSampler(std::span(tokens).first(kContext), kContext, 1, "a"));
        QVERIFY_THROWS_EXCEPTION(Error, DomainSampler(tokens, 0, 1, "a"));
        DomainSampler sampler(tokens, kContext, 1, "a");
        QVERIFY_THROWS_EXCEPTION(Error, sampler.setState({0, 2}));
    }

    void batchesHaveTheirShape()
    {
        const auto corpus = corpusOf({41, 81});
        auto sampler = samplerFor(*corpus, 6, MixtureConfig::Batching::Random);
        const Batch batch = sampler.next(Mixture::uniform(2));
        QCOMPARE(batch.tokens.size(), 6 * (kContext + 1));
        QCOMPARE(batch.domains.size(), std::size_t{6});
        for (std::size_t row = 0; row < 6; ++row)
            QCOMPARE(batch.sequence(row)[1], TokenId(batch.sequence(row)[0] + 1));
    }

    // The counts of independent draws are multinomial: chi-square against p, 99.9 % points, fixed seeds.
    void randomDrawsFollowTheMixture()
    {
        const std::map<std::size_t, double> critical{{2, 10.83}, {3, 13.82}, {6, 20.52}, {20, 43.82}};
        for (const auto &[numDomains, limit] : critical)
            for (std::uint64_t seed = 1; seed <= 5; ++seed) {
                const auto corpus = corpusOf(std::vector<std::size_t>(numDomains, 100));
                auto sampler = samplerFor(*corpus, 100, MixtureConfig::Batching::Random, seed);
                std::vector<double> weights(numDomains);
                std::iota(weights.begin(), weights.end(), 1.0);
                const Mixture mixture = Mixture::fromWeights(weights);
                std::vector<double> counts(numDomains, 0.0);
                for (int step = 0; step < 200; ++step) {
                    const auto drawn = countsOf(sampler.next(mixture), numDomains);
                    for (std::size_t k = 0; k < numDomains; ++k)
                        counts[k] += drawn[k];
                }
                double chiSquare = 0.0;
                for (std::size_t k = 0; k < numDomains; ++k)
                    chiSquare += std::pow(counts[k] - 20'000 * mixture[k], 2) / (20'000 * mixture[k]);
                QVERIFY2(chiSquare < limit, qPrintable(QString("K %1, seed %2: %3").arg(numDomains).arg(seed).arg(chiSquare)));
            }
    }

    void drawsAreIndependentFromStepToStep()
    {
        const auto corpus = corpusOf({100, 100});
        auto sampler = samplerFor(*corpus, 1, MixtureConfig::Batching::Random);
        double repeats = 0.0;
        std::uint32_t before = sampler.next(Mixture::uniform(2)).domains[0];
        for (int i = 0; i < 10'000; ++i) {
            const std::uint32_t domain = sampler.next(Mixture::uniform(2)).domains[0];
            repeats += domain == before ? 1.0 : 0.0;
            before = domain;
        }
        QVERIFY(std::abs(repeats - 5000.0) < 165.0); // 3.3 standard deviations
    }

    void stratifiedStaysWithinOneSequence()
    {
        Rng rng(3);
        for (const std::size_t numDomains : {1, 2, 3, 6, 20, 200})
            for (const std::size_t sequences : {1, 2, 16}) {
                const auto corpus = corpusOf(std::vector<std::size_t>(numDomains, 50));
                auto sampler = samplerFor(*corpus, sequences, MixtureConfig::Batching::Stratified);
                const Mixture mixture = randomMixture(rng, numDomains);
                std::vector<double> counts(numDomains, 0.0);
                for (int step = 1; step <= 400; ++step) {
                    const auto drawn = countsOf(sampler.next(mixture), numDomains);
                    for (std::size_t k = 0; k < numDomains; ++k) {
                        counts[k] += drawn[k];
                        QVERIFY(std::abs(counts[k] - double(step) * double(sequences) * mixture[k]) < 1.0);
                    }
                }
            }
    }

    void stratifiedFollowsAMixtureThatDrifts()
    {
        Rng rng(4);
        const auto corpus = corpusOf(std::vector<std::size_t>(6, 50));
        auto sampler = samplerFor(*corpus, 16, MixtureConfig::Batching::Stratified);
        const Mixture from = randomMixture(rng, 6), to = randomMixture(rng, 6);
        std::vector<double> owed(6, 0.0);
        for (int step = 0; step < 1000; ++step) {
            std::vector<double> weights(6);
            for (std::size_t k = 0; k < 6; ++k)
                weights[k] = from[k] + (to[k] - from[k]) * step / 1000.0;
            const Mixture mixture = Mixture::fromWeights(weights);
            const auto drawn = countsOf(sampler.next(mixture), 6);
            for (std::size_t k = 0; k < 6; ++k) {
                owed[k] += 16.0 * mixture[k] - drawn[k];
                QVERIFY(std::abs(owed[k]) < 1.0);
            }
        }
    }

    void stratifiedSurvivesJumps()
    {
        Rng rng(5);
        const auto corpus = corpusOf(std::vector<std::size_t>(6, 50));
        auto sampler = samplerFor(*corpus, 16, MixtureConfig::Batching::Stratified);
        std::vector<double> owed(6, 0.0);
        for (int step = 0; step < 2000; ++step) {
            const Mixture mixture = randomMixture(rng, 6);
            const auto drawn = countsOf(sampler.next(mixture), 6);
            for (std::size_t k = 0; k < 6; ++k) {
                owed[k] += 16.0 * mixture[k] - drawn[k];
                QVERIFY(std::abs(owed[k]) < 2.0);
            }
        }
    }

    void weightZeroIsNeverDrawn()
    {
        const auto corpus = corpusOf({50, 50, 50});
        const Mixture without = Mixture::fromWeights(std::vector{0.5, 0.5, 0.0});
        for (const auto batching : {MixtureConfig::Batching::Random, MixtureConfig::Batching::Stratified}) {
            auto sampler = samplerFor(*corpus, 7, batching);
            sampler.next(Mixture::uniform(3)); // something may be owed to the third
            for (int step = 0; step < 500; ++step)
                QCOMPARE(countsOf(sampler.next(without), 3)[2], 0.0);
            for (int step = 0; step < 20; ++step)
                QCOMPARE(countsOf(sampler.next(Mixture::fromWeights(std::vector{0.0, 0.0, 1.0})), 3)[2], 7.0);
        }
    }

    void countsTokensAndEpochs()
    {
        const auto corpus = corpusOf({41, 401});
        auto sampler = samplerFor(*corpus, 10, MixtureConfig::Batching::Stratified);
        for (int step = 0; step < 8; ++step)
            sampler.next(Mixture::uniform(2));
        QCOMPARE(sampler.tokensDrawn(), (std::vector<std::uint64_t>{160, 160}));
        QVERIFY(std::abs(sampler.epochs()[0] - 160.0 / 41.0) < 1e-12);
        QVERIFY(std::abs(sampler.epochs()[1] - 160.0 / 401.0) < 1e-12);
    }

    void savesAndRestoresInTheMiddleOfAnEpoch()
    {
        const auto corpus = corpusOf({41, 161, 1001});
        Rng rng(6);
        std::vector<Mixture> mixtures;
        for (int step = 0; step < 60; ++step)
            mixtures.push_back(randomMixture(rng, 3));
        for (const auto batching : {MixtureConfig::Batching::Random, MixtureConfig::Batching::Stratified})
            for (const int middle : {0, 1, 17, 43}) {
                auto undisturbed = samplerFor(*corpus, 5, batching);
                auto resumed = samplerFor(*corpus, 5, batching);
                for (int step = 0; step < 60; ++step) {
                    if (step == middle) {
                        const MixtureSampler::State state = resumed.state();
                        resumed = samplerFor(*corpus, 5, batching);
                        resumed.setState(state);
                        QVERIFY(resumed.state() == state);
                    }
                    QVERIFY(sameBatch(resumed.next(mixtures[std::size_t(step)]), undisturbed.next(mixtures[std::size_t(step)])));
                }
                QCOMPARE(resumed.tokensDrawn(), undisturbed.tokensDrawn());
            }
    }

    void refusesAStateThatDoesNotFit()
    {
        const auto corpus = corpusOf({41, 161});
        auto sampler = samplerFor(*corpus, 5, MixtureConfig::Batching::Stratified);
        const MixtureSampler::State good = sampler.state();
        MixtureSampler::State bad = good;
        bad.carry.push_back(0.0);
        QVERIFY_THROWS_EXCEPTION(Error, sampler.setState(bad));
        bad = good;
        bad.carry[0] = std::nan("");
        QVERIFY_THROWS_EXCEPTION(Error, sampler.setState(bad));
        bad = good;
        bad.rng = {};
        QVERIFY_THROWS_EXCEPTION(Error, sampler.setState(bad));
        bad = good;
        bad.domains[1].position = 1000;
        bad.domains[0].position = 3;
        QVERIFY_THROWS_EXCEPTION(Error, sampler.setState(bad));
        QVERIFY(sampler.state() == good); // nothing was taken over
        QVERIFY_THROWS_EXCEPTION(Error, sampler.next(Mixture::uniform(3)));
        QVERIFY_THROWS_EXCEPTION(Error, MixtureSampler(*corpus, kContext, 1, MixtureConfig::Batching::Random, 1, namesFor(3)));
    }
};

QTEST_GUILESS_MAIN(TestMixtureSampler)
#include "tst_mixture_sampler.moc"
