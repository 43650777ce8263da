// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compare/run_comparison.h"

#include "core/base/error.h"
#include "core/compare/configuration.h"
#include "core/store/run_mixtures.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>

namespace krater {

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// -1 when the run has no such domain.
int domainOf(const RunRecord &run, const std::string &name)
{
    const auto place = std::find(run.domains.begin(), run.domains.end(), name);
    return place == run.domains.end() ? -1 : int(place - run.domains.begin());
}

double valueOf(const ComparedRun &run, const char *metric, const std::string &domain, double MetricSummary::*field)
{
    const int index = domainOf(run.record, domain);
    for (const MetricSummary &summary : run.summaries) {
        if (index >= 0 && summary.domain == index && summary.metric == metric && summary.count > 0)
            return summary.*field;
    }
    return kNaN;
}

Issue note(std::string message, std::string domain = {})
{
    Issue issue;
    issue.severity = Issue::Severity::Warning;
    issue.message = std::move(message);
    issue.domain = std::move(domain);
    return issue;
}

std::string nameOf(const RunRecord &run)
{
    return fmt::format("run {} \"{}\"", run.id, run.name);
}

// Weights by domain name, sum 1; empty when the baseline does not say how large its domains are.
Weights weightsFor(const ScoreMixture &on, const RunRecord &baseline)
{
    Weights weights;
    for (std::size_t i = 0; i < baseline.domains.size() && on.kind != ScoreMixture::Kind::Typed; ++i) {
        const bool uniform = on.kind == ScoreMixture::Kind::Uniform;
        weights[baseline.domains[i]] = uniform ? 1 : i < baseline.domainTokens.size() ? baseline.domainTokens[i] : 0;
    }
    if (on.kind == ScoreMixture::Kind::Typed)
        weights = on.weights;
    const double sum = std::accumulate(weights.begin(), weights.end(), 0.0,
                                       [](double part, const auto &entry) { return part + entry.second; });
    if (!(sum > 0))
        return {};
    for (auto &[name, weight] : weights)
        weight /= sum;
    return weights;
}

std::vector<DomainComparison> domainsOf(const std::vector<ComparedRun> &runs, std::size_t baseline,
                                        const Weights &weights)
{
    std::vector<DomainComparison> domains;
    for (const ComparedRun &run : runs) {
        for (std::size_t i = 0; i < run.record.domains.size(); ++i) {
            const std::string &name = run.record.domains[i];
            const std::string colour = i < run.record.colours.size() ? run.record.colours[i] : std::string();
            const auto same = [&name](const DomainComparison &domain) { return domain.name == name; };
            const auto place = std::find_if(domains.begin(), domains.end(), same);
            DomainComparison &domain = place == domains.end() ? domains.emplace_back() : *place;
            domain.name = name;
            domain.colour = domain.colour.empty() ? colour : domain.colour;
        }
    }
    for (DomainComparison &domain : domains) {
        const auto weight = weights.find(domain.name);
        domain.weight = weight == weights.end() ? 0 : weight->second;
        for (const ComparedRun &run : runs) {
            domain.firstLoss.push_back(valueOf(run, metric::kHeldOutLoss, domain.name, &MetricSummary::first));
            domain.finalLoss.push_back(valueOf(run, metric::kHeldOutLoss, domain.name, &MetricSummary::last));
            const StageResult mixtures = runMixtures(run.summaries, run.record.domains.size());
            const int index = domainOf(run.record, domain.name);
            domain.meanShare.push_back(index < 0 ? kNaN : mixtures.averageMixture[std::size_t(index)]);
            domain.finalShare.push_back(index < 0 ? kNaN : mixtures.finalMixture[std::size_t(index)]);
            domain.epochs.push_back(valueOf(run, metric::kEpochs, domain.name, &MetricSummary::last));
        }
        for (const double loss : domain.finalLoss)
            domain.lossDifference.push_back(loss - domain.finalLoss[baseline]);
    }
    return domains;
}

// Domains that a run does not have have share 0 in it; a run without any share has no distance.
double mixtureDistance(const std::vector<DomainComparison> &domains, std::size_t run, std::size_t baseline)
{
    double distance = 0;
    bool known = false, baselineKnown = false;
    for (const DomainComparison &domain : domains) {
        const double a = domain.meanShare[run], b = domain.meanShare[baseline];
        known |= !std::isnan(a);
        baselineKnown |= !std::isnan(b);
        distance += std::abs((std::isnan(a) ? 0 : a) - (std::isnan(b) ? 0 : b));
    }
    return known && baselineKnown ? distance : kNaN;
}

// By run: its final losses under weights; NaN if none of the domains has weight, or one that has it no loss.
std::vector<double> weightedLosses(const std::vector<DomainComparison> &domains, const Weights &weights, std::size_t numRuns)
{
    std::vector<double> losses(numRuns, kNaN);
    bool isFirst = true;
    for (const DomainComparison &domain : domains) {
        const auto weight = weights.find(domain.name);
        if (weight == weights.end() || !(weight->second > 0))
            continue;
        for (std::size_t run = 0; run < numRuns; ++run)
            losses[run] = (isFirst ? 0 : losses[run]) + weight->second * domain.finalLoss[run];
        isFirst = false;
    }
    return losses;
}

std::vector<RunScore> scoresOf(const std::vector<DomainComparison> &domains, const std::vector<double> &losses, std::size_t baseline)
{
    std::vector<RunScore> scores(losses.size());
    for (std::size_t run = 0; run < losses.size(); ++run) {
        scores[run].score = losses[run];
        scores[run].scoreDifference = losses[run] - losses[baseline];
        scores[run].mixtureDistance = mixtureDistance(domains, run, baseline);
    }
    return scores;
}

// Nothing for an experiment that cannot be read: such a run is like no other.
std::vector<std::optional<Configuration>> configurationsOf(const std::vector<ComparedRun> &runs, Issues &issues)
{
    std::vector<std::optional<Configuration>> configurations;
    for (const ComparedRun &run : runs) {
        try {
            configurations.emplace_back(flattenToml(run.record.experimentToml));
        } catch (const Error &failure) {
            configurations.emplace_back();
            issues.push_back(
                note(fmt::format("the experiment of {} cannot be read: {}", nameOf(run.record), failure.what())));
        }
    }
    return configurations;
}

// What runs of one rule have in common. A stage of a plan is known by the plan: what it takes from an earlier stage is another mixture with every seed.
std::optional<Configuration> ruleOf(const ComparedRun &run, const std::optional<Configuration> &configuration)
{
    if (!configuration || !run.record.plan || run.planToml.empty())
        return configuration ? std::optional(withoutSeed(*configuration)) : std::nullopt;
    Configuration rule = withoutSeed(flattenToml(run.planToml));
    rule.emplace_back("stage", std::to_string(run.record.plan->stage));
    return rule;
}

void groupBySeed(const std::vector<ComparedRun> &runs, const std::vector<std::optional<Configuration>> &configurations, Comparison &comparison)
{
    std::map<Configuration, std::size_t> groups;
    for (std::size_t run = 0; run < comparison.runs.size(); ++run) {
        std::size_t group = comparison.groups.size();
        if (const auto rule = ruleOf(runs[run], configurations[run]))
            group = groups.try_emplace(*rule, group).first->second;
        if (group == comparison.groups.size())
            comparison.groups.emplace_back();
        comparison.groups[group].runs.push_back(run);
        comparison.groups[group].seeds.push_back(comparison.runs[run].seed);
        comparison.scores[run].group = group;
    }
}

// Two runs with one seed are one measurement.
std::map<std::uint64_t, double> lossBySeed(const SeedGroup &group, const std::vector<double> &losses)
{
    std::map<std::uint64_t, std::vector<double>> bySeed;
    for (std::size_t i = 0; i < group.runs.size(); ++i)
        bySeed[group.seeds[i]].push_back(losses[group.runs[i]]);
    std::map<std::uint64_t, double> means;
    for (const auto &[seed, values] : bySeed)
        means[seed] = estimate(values).mean;
    return means;
}

void judgeGroups(std::vector<SeedGroup> &groups, std::size_t baselineGroup, const std::vector<double> &losses)
{
    const auto baseline = lossBySeed(groups[baselineGroup], losses);
    for (std::size_t index = 0; index < groups.size(); ++index) {
        SeedGroup &group = groups[index];
        std::vector<double> all, ours, theirs;
        for (const auto &[seed, loss] : lossBySeed(group, losses)) {
            all.push_back(loss);
            const auto same = baseline.find(seed);
            if (same == baseline.end() || std::isnan(loss) || std::isnan(same->second))
                continue;
            ours.push_back(loss);
            theirs.push_back(same->second);
        }
        group.score = estimate(all);
        group.againstBaseline.reset();
        if (index != baselineGroup && ours.size() >= 2)
            group.againstBaseline = pairedTest(ours, theirs);
    }
}

void warnOfWhatDiffers(const std::vector<ComparedRun> &runs, Comparison &comparison)
{
    const RunRecord &baseline = runs[comparison.baseline].record;
    for (std::size_t i = 0; i < runs.size(); ++i) {
        const RunRecord &run = runs[i].record;
        const auto hasLoss = [i](const DomainComparison &domain) { return !std::isnan(domain.finalLoss[i]); };
        if (std::none_of(comparison.domains.begin(), comparison.domains.end(), hasLoss))
            comparison.issues.push_back(note(fmt::format("{} has no evaluation", nameOf(run))));
        else if (run.state != RunState::Done)
            comparison.issues.push_back(note(fmt::format("{} is not done (step {} of {}): its last evaluation counts",
                                                         nameOf(run), run.step, run.numSteps)));
        if (!run.corpusHash.empty() && !baseline.corpusHash.empty() && run.corpusHash != baseline.corpusHash)
            comparison.issues.push_back(note(fmt::format(
                "{} was trained on another corpus than {}: losses are not comparable", nameOf(run), nameOf(baseline))));
        if (run.tokenBudget != baseline.tokenBudget)
            comparison.issues.push_back(note(fmt::format("{} has a token budget of {}, {} one of {}", nameOf(run),
                                                         run.tokenBudget, nameOf(baseline), baseline.tokenBudget)));
    }
    for (const DomainComparison &domain : comparison.domains) {
        for (const ComparedRun &run : runs) {
            if (domainOf(run.record, domain.name) < 0)
                comparison.issues.push_back(
                    note(fmt::format("{} has no domain \"{}\"", nameOf(run.record), domain.name), domain.name));
        }
    }
}

} // namespace

Comparison compareRuns(const std::vector<ComparedRun> &runs, std::size_t baseline, const ScoreMixture &on)
{
    if (baseline >= runs.size())
        throw Error("There is no baseline to compare with", "Choose one of the runs as the baseline.");
    Comparison comparison;
    comparison.baseline = baseline;
    comparison.on = on;
    for (const ComparedRun &run : runs)
        comparison.runs.push_back(run.record);

    const Weights weights = weightsFor(on, runs[baseline].record);
    if (weights.empty())
        comparison.issues.push_back(
            note(fmt::format("{} does not know how large its domains are: there is no score on the "
                             "natural mixture",
                             nameOf(runs[baseline].record))));
    comparison.domains = domainsOf(runs, baseline, weights);
    for (const auto &[name, weight] : weights) {
        const auto same = [&name = name](const DomainComparison &domain) { return domain.name == name; };
        if (std::none_of(comparison.domains.begin(), comparison.domains.end(), same))
            throw Error(fmt::format("No run has a domain \"{}\"", name),
                        "Use the names of the runs' domains in the weights.");
    }
    const std::vector<double> losses = weightedLosses(comparison.domains, weights, runs.size());
    comparison.scores = scoresOf(comparison.domains, losses, baseline);
    const std::vector<std::optional<Configuration>> configurations = configurationsOf(runs, comparison.issues);
    std::vector<Configuration> readable;
    for (const std::optional<Configuration> &configuration : configurations)
        readable.push_back(configuration.value_or(Configuration()));
    comparison.configuration = differencesOf(readable);
    groupBySeed(runs, configurations, comparison);
    judgeGroups(comparison.groups, comparison.scores[baseline].group, losses);
    warnOfWhatDiffers(runs, comparison);
    return comparison;
}

std::vector<SeedGroup> seedGroupsOn(const Comparison &comparison, const ScoreMixture &on)
{
    std::vector<SeedGroup> groups = comparison.groups;
    const Weights weights = weightsFor(on, comparison.runs[comparison.baseline]);
    judgeGroups(groups, comparison.scores[comparison.baseline].group, weightedLosses(comparison.domains, weights, comparison.runs.size()));
    return groups;
}

} // namespace krater
