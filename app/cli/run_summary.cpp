// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/run_summary.h"

#include "core/mixture/mixture.h"

#include <fmt/format.h>

#include <limits>
#include <numeric>

namespace krater::cli {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();
constexpr MetricSummary kNothing{{}, -1, kMissing, kMissing, kMissing, kMissing, 0, 0};

const MetricSummary &find(const std::vector<MetricSummary> &summaries, std::string_view metric, std::size_t domain)
{
    for (const MetricSummary &summary : summaries) {
        if (summary.domain == static_cast<int>(domain) && summary.metric == metric)
            return summary;
    }
    return kNothing;
}

// Domains of weight 0 do not count. NaN if a loss that counts is missing.
double meanLoss(const std::vector<double> &losses, const std::vector<double> &weights)
{
    if (losses.size() != weights.size())
        return kMissing;
    double sum = 0;
    for (std::size_t domain = 0; domain < losses.size(); ++domain) {
        if (weights[domain] > 0)
            sum += weights[domain] * losses[domain];
    }
    return sum;
}

} // namespace

std::vector<double> lastValues(const std::vector<MetricSummary> &summaries, const std::string &metric,
                               std::size_t numDomains)
{
    std::vector<double> values;
    for (std::size_t domain = 0; domain < numDomains; ++domain)
        values.push_back(find(summaries, metric, domain).last);
    return values;
}

std::vector<DomainSummary> summarise(RunReader &reader, const RunRecord &run)
{
    const std::vector<MetricSummary> summaries = reader.summaries(run.id);
    std::vector<DomainSummary> domains;
    double drawnByAll = 0;
    for (std::size_t k = 0; k < run.domains.size(); ++k) {
        const MetricSummary &heldOut = find(summaries, metric::kHeldOutLoss, k);
        const MetricSummary &share = find(summaries, metric::kTarget, k);
        DomainSummary domain;
        domain.name = run.domains[k];
        domain.tokens = k < run.domainTokens.size() ? run.domainTokens[k] : kMissing;
        domain.tokensDrawn = find(summaries, metric::kTokensDrawn, k).last;
        domain.epochs = find(summaries, metric::kEpochs, k).last;
        domain.firstHeldOut = heldOut.first;
        domain.lastHeldOut = heldOut.last;
        domain.bestHeldOut = heldOut.min;
        domain.firstShare = share.first;
        domain.lastShare = share.last;
        domain.meanShare = share.mean;
        drawnByAll += domain.tokensDrawn;
        domains.push_back(std::move(domain));
    }
    for (DomainSummary &domain : domains)
        domain.realisedShare = drawnByAll > 0 ? domain.tokensDrawn / drawnByAll : kMissing;
    return domains;
}

FixedLosses fixedLosses(const RunRecord &run, const std::vector<MetricSummary> &heldOut)
{
    FixedLosses losses{kMissing, kMissing};
    if (run.domains.empty())
        return losses;
    const std::vector<double> last = lastValues(heldOut, metric::kHeldOutLoss, run.domains.size());
    losses.uniform = meanLoss(last, std::vector<double>(last.size(), 1.0 / static_cast<double>(last.size())));
    if (std::accumulate(run.domainTokens.begin(), run.domainTokens.end(), 0.0) > 0) {
        const Mixture natural = Mixture::natural(run.domainTokens);
        losses.natural = meanLoss(last, {natural.weights().begin(), natural.weights().end()});
    }
    return losses;
}

std::string stageText(const RunRecord &run)
{
    return run.plan ? fmt::format("{}/{}", run.plan->stage + 1, run.plan->numStages) : std::string();
}

void addPlanJson(Json &document, const RunRecord &run)
{
    document["role"] = toString(run.role);
    document["parent"] = run.parent ? Json(*run.parent) : Json(nullptr);
    document["plan"] = run.plan ? Json(run.plan->plan) : Json(nullptr);
    document["stage"] = run.plan ? Json(run.plan->stage + 1) : Json(nullptr);
    document["num_stages"] = run.plan ? Json(run.plan->numStages) : Json(nullptr);
    document["stage_name"] = run.plan ? Json(run.plan->name) : Json(nullptr);
}

Table domainTable(const std::vector<DomainSummary> &domains)
{
    using enum Table::Align;
    Table table({{"domain", Left, true},
                 {"tokens drawn", Right},
                 {"epochs", Right},
                 {"held-out first", Right},
                 {"last", Right},
                 {"share first", Right},
                 {"share last", Right}});
    for (const DomainSummary &domain : domains) {
        table.addRow({domain.name, countText(domain.tokensDrawn), epochsText(domain.epochs),
                      lossText(domain.firstHeldOut), lossText(domain.lastHeldOut), shareText(domain.firstShare),
                      shareText(domain.lastShare)});
    }
    return table;
}

Json domainsJson(const std::vector<DomainSummary> &domains)
{
    Json array = Json::array();
    for (const DomainSummary &domain : domains) {
        array.push_back(
            {{"name", domain.name},
             {"tokens", domain.tokens},
             {"tokens.drawn", domain.tokensDrawn},
             {"epochs", domain.epochs},
             {"loss.held_out",
              {{"first", domain.firstHeldOut}, {"last", domain.lastHeldOut}, {"min", domain.bestHeldOut}}},
             {"mixture.target", {{"first", domain.firstShare}, {"last", domain.lastShare}, {"mean", domain.meanShare}}},
             {"mixture.realised", domain.realisedShare}});
    }
    return array;
}

} // namespace krater::cli
