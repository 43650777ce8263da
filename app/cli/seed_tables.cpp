// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/seed_tables.h"

#include "app/cli/table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace krater::cli {
namespace {

constexpr double kSignificance = 0.05;

bool hasSeeds(const SeedGroup &group)
{
    return group.seeds.size() > 1;
}

// "2.503 ±0.012"
std::string estimateText(const Estimate &estimate, const char *format)
{
    const double halfWidth = estimate.high - estimate.mean;
    std::string text = fmt::format(fmt::runtime(format), estimate.mean);
    return std::isfinite(halfWidth) ? text + fmt::format(" \u00b1{:.3f}", halfWidth) : text;
}

std::string differenceText(const SeedGroup &group)
{
    if (!group.againstBaseline)
        return "-";
    return estimateText(group.againstBaseline->difference, "{:+.3f}") + (group.againstBaseline->pValue < kSignificance ? " *" : "  ");
}

std::string titleOf(const Comparison &comparison, const SeedGroup &group)
{
    const RunRecord &first = comparison.runs[group.runs.front()];
    const bool isBaseline = std::ranges::find(group.runs, comparison.baseline) != group.runs.end();
    return fmt::format("{}, {} seed{}{}", first.name, group.seeds.size(), group.seeds.size() == 1 ? "" : "s", isBaseline ? " (baseline)" : "");
}

template<typename Cell>
Table tableOf(const std::vector<OnMixture> &mixtures, const char *title, const Cell &cell)
{
    std::vector<Table::Column> columns = {{title, Table::Align::Left, true}};
    for (const OnMixture &mixture : mixtures)
        columns.push_back({mixture.title, Table::Align::Right});
    Table table(std::move(columns));
    const Comparison &first = mixtures.front().comparison;
    for (std::size_t group = 0; group < first.groups.size(); ++group) {
        std::vector<std::string> cells = {titleOf(first, first.groups[group])};
        for (const OnMixture &mixture : mixtures)
            cells.push_back(cell(mixture.comparison.groups[group]));
        table.addRow(std::move(cells));
    }
    return table;
}

} // namespace

std::vector<OnMixture> onEachMixture(const std::vector<ComparedRun> &runs, std::size_t baseline)
{
    std::vector<OnMixture> mixtures;
    const auto add = [&](std::string title, const ScoreMixture &on) { mixtures.push_back({std::move(title), compareRuns(runs, baseline, on)}); };
    add("natural", {ScoreMixture::Kind::Natural, {}});
    add("uniform", {ScoreMixture::Kind::Uniform, {}});
    for (const std::string &domain : runs[baseline].record.domains)
        add(domain, {ScoreMixture::Kind::Typed, {{domain, 1.0}}});
    return mixtures;
}

std::string seedTables(const std::vector<OnMixture> &mixtures, int width)
{
    const std::vector<SeedGroup> &groups = mixtures.front().comparison.groups;
    if (std::ranges::none_of(groups, hasSeeds))
        return {};
    std::string text = tableOf(mixtures, "loss over seeds", [](const SeedGroup &group) { return estimateText(group.score, "{:.3f}"); }).text(width);
    const bool compares = std::ranges::any_of(groups, [](const SeedGroup &group) { return group.againstBaseline.has_value(); });
    if (compares)
        text += '\n' + tableOf(mixtures, "difference", differenceText).text(width)
            + "\n* differs from the baseline: 0 is outside the 95 % interval of the differences, paired by seed\n";
    return text;
}

Json seedTablesJson(const std::vector<OnMixture> &mixtures)
{
    Json json = Json::array();
    for (const OnMixture &mixture : mixtures) {
        const Comparison &comparison = mixture.comparison;
        Json groups = Json::array();
        for (const SeedGroup &group : comparison.groups) {
            Json object = {{"name", comparison.runs[group.runs.front()].name},
                           {"seeds", group.seeds},
                           {"mean", group.score.mean},
                           {"low", group.score.low},
                           {"high", group.score.high}};
            if (group.againstBaseline) {
                const PairedTest &test = *group.againstBaseline;
                object["difference"] = test.difference.mean;
                object["difference_low"] = test.difference.low;
                object["difference_high"] = test.difference.high;
                object["p_value"] = test.pValue;
            }
            groups.push_back(std::move(object));
        }
        json.push_back({{"on", toString(comparison.on)}, {"groups", std::move(groups)}});
    }
    return json;
}

} // namespace krater::cli
