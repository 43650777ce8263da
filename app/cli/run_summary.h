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

// Last value of a metric for each of the run's domains, NaN where missing.
std::vector<double> lastValues(const std::vector<MetricSummary> &summaries, const std::string &metric,
                               std::size_t numDomains);

// "evaluation", "warning", ...: the kind of a line of the log.
const char *kindName(MessageEvent::Kind kind);

} // namespace krater::cli
