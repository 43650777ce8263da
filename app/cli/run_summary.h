// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/output.h"
#include "app/cli/table.h"
#include "core/store/run_reader.h"

namespace krater::cli {

// What became of one domain in a run; NaN where nothing was stored.
struct DomainSummary {
    std::string name;
    double tokens = 0; // training tokens that it has
    double tokensDrawn = 0;
    double epochs = 0;
    double firstHeldOut = 0, lastHeldOut = 0, bestHeldOut = 0; // nats/token
    double firstShare = 0, lastShare = 0, meanShare = 0;       // target
    double realisedShare = 0;                                  // of all tokens drawn
};

std::vector<DomainSummary> summarise(RunReader &reader, const RunRecord &run);

Table domainTable(const std::vector<DomainSummary> &domains);
Json domainsJson(const std::vector<DomainSummary> &domains);

// Mean held-out losses at the end, on mixtures that are the same for every run, never on the run's own; NaN where missing.
struct FixedLosses {
    double natural = 0;
    double uniform = 0;
};
FixedLosses fixedLosses(const RunRecord &run, const std::vector<MetricSummary> &heldOut);

// "2/3": where the run is in its plan; empty if it is in none.
std::string stageText(const RunRecord &run);
// The members of a JSON document that tell it: role, parent, plan, stage (from 1), num_stages, stage_name; null where there is none.
void addPlanJson(Json &document, const RunRecord &run);

// Last value of a metric for each of the run's domains, NaN where missing.
std::vector<double> lastValues(const std::vector<MetricSummary> &summaries, const std::string &metric,
                               std::size_t numDomains);


} // namespace krater::cli
