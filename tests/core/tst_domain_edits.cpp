// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/config/domain_edits.h"

#include <QTemporaryDir>
#include <QTest>

using namespace krater;
namespace fs = std::filesystem;

namespace {

Experiment threeDomains()
{
    Experiment experiment;
    experiment.folder = "/data/exp";
    for (const char *name : {"a", "b", "c"}) {
        DomainConfig domain;
        domain.name = name;
        domain.sources = {std::string(name) + "/*.txt"};
        experiment.domains.push_back(domain);
    }
    experiment.mixture.policy = "manual";
    experiment.mixture.parameters["weights"] = Weights{{"a", 0.5}, {"b", 0.3}, {"c", 0.2}};
    return experiment;
}

Weights weightsOf(const Experiment &experiment)
{
    return std::get<Weights>(experiment.mixture.parameters.at("weights"));
}

} // namespace

class TestDomainEdits : public QObject {
    Q_OBJECT

private slots:
    void addsWithAnUnusedNameAndRelativeSources();
    void doesNotDoubleSources();
    void removesSeveralWithTheirWeights();
    void renamesWeightsToo();
    void editsGraphsAndSchedules();
    void movesBothWays();
    void mergesSourcesAndWeights();
    void splitsByFolderKeepingThePattern();
};

void TestDomainEdits::addsWithAnUnusedNameAndRelativeSources()
{
    const Experiment changed = withDomain(threeDomains(), "a", {"/data/exp/new/x.txt", "/elsewhere/y.txt"});
    QCOMPARE(changed.domainNames(), (std::vector<std::string>{"a", "b", "c", "a-2"}));
    QCOMPARE(changed.domains[3].sources, (std::vector<std::string>{"new/x.txt", "/elsewhere/y.txt"}));
    QCOMPARE(unusedDomainName(changed, "my text.v2"), std::string("my-text-v2"));
}

void TestDomainEdits::doesNotDoubleSources()
{
    const Experiment once = withSources(threeDomains(), 0, {"/data/exp/z"});
    QCOMPARE(withSources(once, 0, {"/data/exp/z"}).domains[0].sources.size(), std::size_t(2));
}

void TestDomainEdits::removesSeveralWithTheirWeights()
{
    const Experiment changed = withoutDomains(threeDomains(), {0, 2});
    QCOMPARE(changed.domainNames(), std::vector<std::string>{"b"});
    QCOMPARE(weightsOf(changed), (Weights{{"b", 0.3}}));
}

void TestDomainEdits::renamesWeightsToo()
{
    const Experiment changed = withDomainRenamed(threeDomains(), 1, "books");
    QCOMPARE(changed.domains[1].name, std::string("books"));
    QCOMPARE(weightsOf(changed), (Weights{{"a", 0.5}, {"books", 0.3}, {"c", 0.2}}));
}

void TestDomainEdits::editsGraphsAndSchedules()
{
    Experiment experiment = threeDomains();
    experiment.mixture.policy = "schedule";
    experiment.mixture.parameters = {
        {"points", Schedule{{0.0, Weights{{"a", 0.5}, {"b", 0.3}}}, {1.0, std::string("natural")}}}};
    const auto first = [](const Experiment &of) {
        return std::get<Weights>(std::get<Schedule>(of.mixture.parameters.at("points")).front().mixture);
    };
    QCOMPARE(first(withDomainRenamed(experiment, 0, "z")), (Weights{{"z", 0.5}, {"b", 0.3}}));
    QCOMPARE(first(withDomainsMerged(experiment, {0, 1})), (Weights{{"a", 0.8}}));

    experiment.mixture.policy = "skill_it";
    experiment.mixture.parameters = {{"graph", Graph{{"a", {{"b", 0.5}}}, {"c", {{"a", 0.25}}}}}};
    const auto graph = [](const Experiment &of) { return std::get<Graph>(of.mixture.parameters.at("graph")); };
    QCOMPARE(graph(withDomainRenamed(experiment, 0, "z")), (Graph{{"z", {{"b", 0.5}}}, {"c", {{"z", 0.25}}}}));
    QCOMPARE(graph(withoutDomains(experiment, {0})), (Graph{{"c", {}}}));

    experiment.mixture.policy = "sheared_llama";
    experiment.mixture.parameters = {{"targets", Weights{{"a", 2.0}, {"b", 1.0}, {"c", 1.5}}}};
    QCOMPARE(std::get<Weights>(withDomainsMerged(experiment, {0, 1}).mixture.parameters.at("targets")),
             (Weights{{"a", 2.0}, {"c", 1.5}})); // losses do not add up
}

void TestDomainEdits::movesBothWays()
{
    QCOMPARE(withDomainMoved(threeDomains(), 0, 2).domainNames(), (std::vector<std::string>{"b", "c", "a"}));
    QCOMPARE(withDomainMoved(threeDomains(), 2, 0).domainNames(), (std::vector<std::string>{"c", "a", "b"}));
}

void TestDomainEdits::mergesSourcesAndWeights()
{
    const Experiment changed = withDomainsMerged(threeDomains(), {2, 0});
    QCOMPARE(changed.domainNames(), (std::vector<std::string>{"a", "b"}));
    QCOMPARE(changed.domains[0].sources, (std::vector<std::string>{"a/*.txt", "c/*.txt"}));
    QCOMPARE(weightsOf(changed), (Weights{{"a", 0.7}, {"b", 0.3}}));
}

void TestDomainEdits::splitsByFolderKeepingThePattern()
{
    QTemporaryDir folder;
    const fs::path root = folder.path().toStdString();
    fs::create_directories(root / "text" / "de");
    fs::create_directories(root / "text" / "en");
    Experiment experiment = threeDomains();
    experiment.folder = root;
    experiment.domains[0].sources = {"text/**/*.txt"};
    const Experiment changed = withDomainSplitByFolder(experiment, 0);
    QCOMPARE(changed.domainNames(), (std::vector<std::string>{"b", "c", "de", "en"}));
    QCOMPARE(changed.domains[3].sources, std::vector<std::string>{"text/en/**/*.txt"});
    QCOMPARE(withDomainSplitByFolder(experiment, 1), experiment); // nothing to split
}

QTEST_GUILESS_MAIN(TestDomainEdits)
#include "tst_domain_edits.moc"
