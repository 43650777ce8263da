// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/run_record.h"

#include "core/base/version.h"
#include "core/config/experiment_toml.h"
#include "core/corpus/corpus_facts.h"

namespace krater {

RunRecord newRunRecord(const Experiment &experiment, const std::string &experimentFile)
{
    RunRecord run;
    run.name = experiment.info.name;
    for (const DomainConfig &domain : experiment.domains) {
        run.domains.push_back(domain.name);
        run.colours.push_back(domain.colour);
        run.domainTokens.push_back(0);
    }
    run.policy = experiment.mixture.policy;
    run.experimentToml = toToml(experiment);
    run.experimentFile = experimentFile;
    run.seed = experiment.info.seed;
    run.programVersion = programVersion();
    run.gitCommit = gitCommit();
    run.numSteps = experiment.numSteps();
    run.tokenBudget = experiment.training.tokenBudget;
    run.keepCheckpoints = experiment.training.keepCheckpoints;
    run.notes = experiment.info.notes;
    run.tags = experiment.info.tags;
    return run;
}

void addCorpusFacts(RunRecord &record, const CorpusFacts &corpus)
{
    record.corpusHash = corpus.hash;
    record.domainTokens = corpus.domainTokens;
    record.bytesPerToken = corpus.bytesPerToken;
}

} // namespace krater
