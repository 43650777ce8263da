// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/compare/run_comparison.h"
#include "core/store/run_record.h"

#include <limits>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace krater {

// Weights of the fixed mixture that runs are scored on, by domain name, sum 1.
using ScoreWeights = std::map<std::string, double, std::less<>>;

// Weights over the domains of `reference` (the baseline, else the newest run); natural ones are its training tokens. Empty where they cannot be told.
ScoreWeights scoreWeights(const ScoreMixture &mixture, const RunRecord &reference);

// What a table of runs shows of one: the record and what follows from its summaries. Missing numbers are NaN. Plain value.
struct RunRow {
    static constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

    RunRecord record;
    std::shared_ptr<const std::vector<MetricSummary>> summaries;
    std::vector<double> losses;        // K, last loss.held_out, nats/token
    std::vector<double> meanShares;    // K, the average mixture (run_mixtures.h)
    std::vector<double> finalShares;   // K
    std::vector<double> epochs;        // K
    double score = kMissing;           // held-out loss on the fixed mixture, nats/token
    double scoreDifference = kMissing; // less the baseline's; below 0 is better
    double mixtureDistance = kMissing; // L1 distance of the mean mixture to the baseline's, in [0, 2]

    // The value of a domain by its name, from one of the vectors above.
    double of(const std::vector<double> &values, std::string_view domain) const;
};

RunRow makeRow(const RunRecord &record, std::shared_ptr<const std::vector<MetricSummary>> summaries);
void scoreRow(RunRow &row, const ScoreWeights &weights, const RunRow *baseline);

} // namespace krater
