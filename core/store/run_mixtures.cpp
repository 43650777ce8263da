// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/run_mixtures.h"

#include <algorithm>
#include <limits>

namespace krater {

namespace {

bool has(const std::vector<MetricSummary> &summaries, const char *metric)
{
    return std::ranges::any_of(summaries, [&](const MetricSummary &summary) { return summary.metric == metric; });
}

std::vector<double> valuesOf(const std::vector<MetricSummary> &summaries, const char *metric, double MetricSummary::*member, std::size_t numDomains)
{
    std::vector<double> values(numDomains, std::numeric_limits<double>::quiet_NaN());
    for (const MetricSummary &summary : summaries)
        if (summary.metric == metric && summary.domain >= 0 && static_cast<std::size_t>(summary.domain) < numDomains)
            values[static_cast<std::size_t>(summary.domain)] = summary.*member;
    return values;
}

} // namespace

StageResult runMixtures(const std::vector<MetricSummary> &summaries, std::size_t numDomains)
{
    const char *shares = has(summaries, metric::kObjective) ? metric::kObjective : metric::kTarget;
    const bool saysAverage = shares == metric::kObjective && has(summaries, metric::kPolicyAverage);
    return {.averageMixture = saysAverage ? valuesOf(summaries, metric::kPolicyAverage, &MetricSummary::last, numDomains)
                                          : valuesOf(summaries, shares, &MetricSummary::mean, numDomains),
            .finalMixture = valuesOf(summaries, shares, &MetricSummary::last, numDomains)};
}

} // namespace krater
