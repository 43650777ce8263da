// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/run_row.h"

#include "core/store/run_mixtures.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

namespace krater {

namespace {

double weightedLoss(const RunRow &row, const ScoreWeights &weights)
{
    if (weights.empty())
        return RunRow::kMissing;
    double sum = 0;
    for (const auto &[domain, weight] : weights)
        if (weight > 0)
            sum += weight * row.of(row.losses, domain);
    return sum;
}

// Over the domains of both: one that a run does not have has share 0 there.
double shareDistance(const RunRow &a, const RunRow &b)
{
    double distance = 0;
    for (std::size_t domain = 0; domain < a.record.domains.size(); ++domain) {
        const double other = b.of(b.meanShares, a.record.domains[domain]);
        const bool known = std::find(b.record.domains.begin(), b.record.domains.end(), a.record.domains[domain])
            != b.record.domains.end();
        distance += std::abs(a.meanShares[domain] - (known ? other : 0));
    }
    for (std::size_t domain = 0; domain < b.record.domains.size(); ++domain)
        if (std::find(a.record.domains.begin(), a.record.domains.end(), b.record.domains[domain])
            == a.record.domains.end())
            distance += std::abs(b.meanShares[domain]);
    return distance;
}

} // namespace

ScoreWeights scoreWeights(const ScoreMixture &mixture, const RunRecord &reference)
{
    ScoreWeights weights;
    for (std::size_t domain = 0; domain < reference.domains.size(); ++domain) {
        const std::string &name = reference.domains[domain];
        if (mixture.kind == ScoreMixture::Kind::Uniform)
            weights[name] = 1;
        else if (mixture.kind == ScoreMixture::Kind::Natural)
            weights[name] = domain < reference.domainTokens.size() ? reference.domainTokens[domain] : 0;
    }
    if (mixture.kind == ScoreMixture::Kind::Typed)
        weights.insert(mixture.weights.begin(), mixture.weights.end());
    const double sum = std::accumulate(weights.begin(), weights.end(), 0.0,
                                       [](double total, const auto &entry) { return total + entry.second; });
    if (!(sum > 0) || !std::isfinite(sum))
        return {};
    for (auto &[name, weight] : weights)
        weight /= sum;
    return weights;
}

double RunRow::of(const std::vector<double> &values, std::string_view domain) const
{
    for (std::size_t index = 0; index < record.domains.size() && index < values.size(); ++index)
        if (record.domains[index] == domain)
            return values[index];
    return kMissing;
}

RunRow makeRow(const RunRecord &record, std::shared_ptr<const std::vector<MetricSummary>> summaries)
{
    RunRow row;
    row.record = record;
    row.summaries = std::move(summaries);
    const std::vector<double> missing(record.domains.size(), RunRow::kMissing);
    row.losses = row.meanShares = row.finalShares = row.epochs = missing;
    if (!row.summaries)
        return row;
    for (const MetricSummary &summary : *row.summaries) {
        if (summary.domain < 0 || std::size_t(summary.domain) >= missing.size())
            continue;
        const std::size_t domain = std::size_t(summary.domain);
        if (summary.metric == metric::kHeldOutLoss)
            row.losses[domain] = summary.last;
        else if (summary.metric == metric::kEpochs)
            row.epochs[domain] = summary.last;
    }
    StageResult mixtures = runMixtures(*row.summaries, missing.size());
    row.meanShares = std::move(mixtures.averageMixture);
    row.finalShares = std::move(mixtures.finalMixture);
    return row;
}

void scoreRow(RunRow &row, const ScoreWeights &weights, const RunRow *baseline)
{
    row.score = weightedLoss(row, weights);
    const bool compared = baseline && baseline->record.id != row.record.id;
    row.scoreDifference = compared ? row.score - weightedLoss(*baseline, weights) : RunRow::kMissing;
    row.mixtureDistance = baseline ? shareDistance(row, *baseline) : RunRow::kMissing;
}

} // namespace krater
