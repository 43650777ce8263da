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
Table tableOf(const Comparison &comparison, const std::vector<OnMixture> &mixtures, const char *title, const Cell &cell)
{
    std::vector<Table::Column> columns = {{title, Table::Align::Left, true}};
    for (const OnMixture &mixture : mixtures)
        columns.push_back({mixture.title, Table::Align::Right});
    Table table(std::move(columns));
    for (std::size_t group = 0; group < comparison.groups.size(); ++group) {
        std::vector<std::string> cells = {titleOf(comparison, comparison.groups[group])};
        for (const OnMixture &mixture : mixtures)
            cells.push_back(cell(mixture.groups[group]));
        table.addRow(std::move(cells));
    }
    return table;
}

} // namespace

std::vector<OnMixture> onEachMixture(const Comparison &comparison)
{
    std::vector<OnMixture> mixtures;
    const auto add = [&](std::string title, const ScoreMixture &on) { mixtures.push_back({std::move(title), on, seedGroupsOn(comparison, on)}); };
    add("natural", {ScoreMixture::Kind::Natural, {}});
    add("uniform", {ScoreMixture::Kind::Uniform, {}});
    for (const std::string &domain : comparison.runs[comparison.baseline].domains)
        add(domain, {ScoreMixture::Kind::Typed, {{domain, 1.0}}});
    return mixtures;
}

std::string seedTables(const Comparison &comparison, const std::vector<OnMixture> &mixtures, int width)
{
    const std::vector<SeedGroup> &groups = mixtures.front().groups;
    if (std::ranges::none_of(groups, hasSeeds))
        return {};
    std::string text = tableOf(comparison, mixtures, "loss over seeds", [](const SeedGroup &group) { return estimateText(group.score, "{:.3f}"); }).text(width);
    const bool compares = std::ranges::any_of(groups, [](const SeedGroup &group) { return group.againstBaseline.has_value(); });
    if (compares)
        text += '\n' + tableOf(comparison, mixtures, "difference", differenceText).text(width)
            + "\n* differs from the baseline: 0 is outside the 95 % interval of the differences, paired by seed\n";
    return text;
}

Json seedTablesJson(const Comparison &comparison, const std::vector<OnMixture> &mixtures)
{
    Json json = Json::array();
    for (const OnMixture &mixture : mixtures) {
        Json groups = Json::array();
        for (const SeedGroup &group : mixture.groups) {
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
        json.push_back({{"on", toString(mixture.on)}, {"groups", std::move(groups)}});
    }
    return json;
}

} // namespace krater::cli
