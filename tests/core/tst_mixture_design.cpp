// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/mixture/mixture_design.h"

#include <QTest>

#include <cmath>

using namespace krater;

namespace {

Experiment experimentWith(const std::string &policy)
{
    Experiment experiment;
    for (const char *name : {"code", "manual", "quotes"}) {
        DomainConfig domain;
        domain.name = name;
        domain.sources = {"*.txt"};
        experiment.domains.push_back(domain);
    }
    experiment.training.tokenBudget = 1'000'000;
    experiment.training.sequencesPerStep = 10;
    experiment.mixture.policy = policy;
    return experiment;
}

const std::vector<double> kTokens{600'000, 300'000, 100'000};

double total(const Mixture &mixture)
{
    double sum = 0;
    for (double weight : mixture.weights())
        sum += weight;
    return sum;
}

} // namespace

class TestMixtureDesign : public QObject {
    Q_OBJECT

private slots:
    void showsTheStartingMixture();
    void needsTokensForNatural();
    void editsThePriorOfAnAdaptivePolicy();
    void editsAStaticPolicyIntoManual();
    void keepsTheMixtureWhenThePolicyChanges();
    void presetsAreNamedInTheExperiment();
    void countsEpochsAndSequences();
    void valuesRepeatsByTheDataConstrainedLaw();
    void readsPastedMixtures_data();
    void readsPastedMixtures();
    void refusesBadPastes_data();
    void refusesBadPastes();
};

void TestMixtureDesign::showsTheStartingMixture()
{
    const MixtureDesign design(experimentWith("natural"), kTokens);
    QVERIFY(design.mixture());
    QCOMPARE((*design.mixture())[0], 0.6);
    QCOMPARE(total(*design.mixture()), 1.0);
    QVERIFY(!design.editsPrior());
}

void TestMixtureDesign::needsTokensForNatural()
{
    const MixtureDesign design(experimentWith("natural"), {});
    QVERIFY(!design.mixture());
    QVERIFY(!design.problem().empty());
    QVERIFY(!design.worthOfTokens());
}

void TestMixtureDesign::editsThePriorOfAnAdaptivePolicy()
{
    const MixtureDesign design(experimentWith("gibbs"), kTokens);
    QVERIFY(design.editsPrior());
    const Mixture wanted = Mixture::fromWeights(std::vector<double>{1, 2, 1});
    const Experiment changed = design.withMixture(wanted);
    QCOMPARE(changed.mixture.policy, std::string("gibbs"));
    const MixtureDesign again(changed, kTokens);
    QVERIFY(again.mixture());
    QVERIFY(again.mixture()->l1Distance(wanted) < 1e-12);
    QVERIFY(!again.preset());
}

void TestMixtureDesign::editsAStaticPolicyIntoManual()
{
    const MixtureDesign design(experimentWith("uniform"), kTokens);
    const Mixture wanted = Mixture::fromWeights(std::vector<double>{3, 1, 0});
    const MixtureDesign again(design.withMixture(wanted), kTokens);
    QVERIFY(again.mixture());
    QVERIFY(again.mixture()->l1Distance(wanted) < 1e-12);
}

void TestMixtureDesign::keepsTheMixtureWhenThePolicyChanges()
{
    for (const std::string target : {"manual", "gibbs"}) {
        const MixtureDesign natural(experimentWith("natural"), kTokens);
        const MixtureDesign changed(natural.withPolicy(target), kTokens);
        QVERIFY2(changed.mixture(), target.c_str());
        QVERIFY(changed.mixture()->l1Distance(*natural.mixture()) < 1e-12);
    }
}

void TestMixtureDesign::presetsAreNamedInTheExperiment()
{
    for (const std::string policy : {"uniform", "gibbs"}) {
        const MixtureDesign design(experimentWith(policy), kTokens);
        QVERIFY(design.preset() == MixtureDesign::Preset::Uniform);
        const MixtureDesign natural(design.withPreset(MixtureDesign::Preset::Natural, 1), kTokens);
        QVERIFY(natural.preset() == MixtureDesign::Preset::Natural);
        QCOMPARE((*natural.mixture())[2], 0.1);
        const MixtureDesign warm(design.withPreset(MixtureDesign::Preset::Temperature, 2), kTokens);
        QVERIFY(warm.mixture()->l1Distance(Mixture::temperature(kTokens, 2)) < 1e-12);
    }
}

void TestMixtureDesign::countsEpochsAndSequences()
{
    const MixtureDesign design(experimentWith("uniform"), kTokens);
    const double third = 1e6 / 3;
    QVERIFY(std::abs(design.tokensToDraw()[0] - third) < 1e-3);
    QVERIFY(std::abs(design.epochs()[2] - third / 100'000) < 1e-9);
    QVERIFY(std::abs(design.sequencesPerStep()[1] - 10.0 / 3) < 1e-9);
    QVERIFY(std::isnan(MixtureDesign(experimentWith("uniform"), {}).epochs()[0]));
}

void TestMixtureDesign::valuesRepeatsByTheDataConstrainedLaw()
{
    // D'/D as computed by the law's published code (methods.md, section 4).
    const std::vector<std::pair<double, double>> published{{1, 1},      {2, .9841},  {4, .9314},  {8, .8280},
                                                           {16, .6614}, {40, .3792}, {100, .1636}};
    for (const auto &[epochs, worth] : published)
        QVERIFY2(std::abs(worthOfEpochs(epochs) - worth) < 5e-5, qPrintable(QString::number(epochs)));
    QCOMPARE(worthOfEpochs(0.3), 1.0);
    const MixtureDesign design(experimentWith("uniform"), kTokens);
    QVERIFY(*design.worthOfTokens() < 1);
}

void TestMixtureDesign::readsPastedMixtures_data()
{
    QTest::addColumn<QString>("text");
    QTest::newRow("toml") << "[weights]\ncode = 0.5\nmanual = 0.25\n\"quotes\" = 0.25\n";
    QTest::newRow("inline toml") << "{ code = 2, manual = 1, quotes = 1 }";
    QTest::newRow("json") << "{\"code\": 0.5, \"manual\": 0.25, \"quotes\": 0.25}";
    QTest::newRow("csv") << "code,50\r\nmanual,25\r\nquotes,25\r\n";
    QTest::newRow("percent") << "code: 50 %\nmanual: 25 %\nquotes: 25%";
}

void TestMixtureDesign::readsPastedMixtures()
{
    QFETCH(QString, text);
    const Mixture mixture = parseMixture(text.toStdString(), {"code", "manual", "quotes"});
    QVERIFY(mixture.l1Distance(Mixture::fromWeights(std::vector<double>{2, 1, 1})) < 1e-12);
}

void TestMixtureDesign::refusesBadPastes_data()
{
    QTest::addColumn<QString>("text");
    QTest::newRow("empty") << "";
    QTest::newRow("unknown domain") << "coed = 1";
    QTest::newRow("negative") << "code = -1";
    QTest::newRow("not a number") << "code = much";
    QTest::newRow("infinite") << "code = inf";
    QTest::newRow("all zero") << "code = 0";
    QTest::newRow("prose") << "half of it should be code";
}

void TestMixtureDesign::refusesBadPastes()
{
    QFETCH(QString, text);
    QVERIFY_EXCEPTION_THROWN(parseMixture(text.toStdString(), {"code", "manual", "quotes"}), Error);
}

QTEST_GUILESS_MAIN(TestMixtureDesign)
#include "tst_mixture_design.moc"
