// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/issue.h"
#include "core/compare/statistics.h"
#include "core/config/parameter.h"
#include "core/store/run_record.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace krater {

// The mixture that runs are scored on. It is fixed: the same weights for every run, never a run's own mixture,
// which would reward easy text.
struct ScoreMixture {
    enum class Kind { Uniform, Natural, Typed };

    Kind kind = Kind::Uniform;
    Weights weights; // Kind::Typed: by domain name, any positive scale

    bool operator==(const ScoreMixture &) const = default;
};
// "uniform" | "natural" | "a=0.5,b=0.5"; nothing (and an issue) when the text is none of these.
std::optional<ScoreMixture> parseScoreMixture(std::string_view text, Issues &issues);
std::string toString(const ScoreMixture &mixture); // as parseScoreMixture reads it

// What is known of a run to be compared.
struct ComparedRun {
    RunRecord record;
    std::vector<MetricSummary> summaries; // RunReader::summaries
    std::string planToml = {};            // of a stage of a plan: RunReader::planToml; empty if not known
};

// One domain in all runs; vectors are by run, in the order given, NaN where the run has no such domain or value.
struct DomainComparison {
    std::string name;
    std::string colour;                  // "#RRGGBB" of the first run that has one
    double weight = 0;                   // in the fixed mixture
    std::vector<double> firstLoss;       // loss.held_out at the first evaluation, nats/token
    std::vector<double> finalLoss;       // loss.held_out at the last evaluation, nats/token
    std::vector<double> lossDifference;  // finalLoss less the baseline's: below 0 is better
    std::vector<double> meanShare;       // average mixture of the run (run_mixtures.h)
    std::vector<double> finalShare;      // final mixture
    std::vector<double> epochs;          // at the end
};

struct RunScore {
    // Final held-out loss on the fixed mixture, nats/token; NaN if a domain with weight has none.
    double score = 0;
    double scoreDifference = 0;  // less the baseline's
    double mixtureDistance = 0;  // L1 distance of the mean mixture to the baseline's, in [0, 2]; NaN if unknown
    std::size_t group = 0;       // index into Comparison::groups
};

// A key of the frozen experiments that is not the same in all runs: "training.learning_rate",
// "domain.code.max_documents".
struct ConfigurationDifference {
    std::string key;
    std::vector<std::string> values; // by run, TOML text of the value; empty where the run lacks the key
};

// Runs whose frozen experiments differ in the seed (and name, notes, tags) only; of plans, the same stages of plans that do.
struct SeedGroup {
    std::vector<std::size_t> runs;       // positions in Comparison::runs
    std::vector<std::uint64_t> seeds;    // of those runs
    Estimate score;                      // over the seeds
    // Against the baseline's group, paired by seed; nothing for the baseline's own group or with fewer than two
    // common seeds.
    std::optional<PairedTest> againstBaseline;
};

struct Comparison {
    std::vector<RunRecord> runs;         // in the order given
    std::size_t baseline = 0;            // position in runs
    ScoreMixture on;
    std::vector<DomainComparison> domains; // the union of the runs' domains, by first appearance
    std::vector<RunScore> scores;        // by run
    std::vector<ConfigurationDifference> configuration;
    std::vector<SeedGroup> groups;       // by first run
    // What a reader should know: a run that is not done or has no evaluation, domains that not all runs have, corpora
    // or budgets that differ.
    Issues issues;
};

// Pure function of its arguments. Uniform and natural are over the baseline's domains, natural by its training tokens.
// Throws Error if `baseline` is not one of the runs, and if a weight names a domain that no run has.
Comparison compareRuns(const std::vector<ComparedRun> &runs, std::size_t baseline, const ScoreMixture &on);

// The comparison's groups judged on another fixed mixture: score and againstBaseline are those on it.
std::vector<SeedGroup> seedGroupsOn(const Comparison &comparison, const ScoreMixture &on);

// The keys of a TOML text as "table.key" -> TOML text of the value; [[domain]] by name instead of position. Throws
// Error if it is not TOML.
std::vector<std::pair<std::string, std::string>> flattenToml(std::string_view toml);

} // namespace krater
