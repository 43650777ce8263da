// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/run_export.h"

#include "app/cli/output.h"
#include "app/cli/run_summary.h"
#include "core/config/experiment_toml.h"
#include "core/corpus/path_glob.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace krater::cli {
namespace {

// RFC 4180: quoted when a comma, a quote or a line end is in it.
std::string csvField(const std::string &text)
{
    if (text.find_first_of(",\"\r\n") == std::string::npos)
        return text;
    std::string quoted = "\"";
    for (const char c : text)
        quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
    return quoted + "\"";
}

std::string csvNumber(double value)
{
    return std::isfinite(value) ? fmt::format("{}", value) : std::string();
}

// TOML's basic string is written as JSON's.
std::string tomlString(const std::string &text)
{
    return Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
}

// Where a step stands on the other axes; points are in order of step.
class Clock {
public:
    explicit Clock(std::vector<RunReader::StepClock> steps) : m_steps(std::move(steps)) { }

    const RunReader::StepClock *at(std::uint64_t step) const
    {
        const auto found = std::lower_bound(m_steps.begin(), m_steps.end(), step,
                                            [](const auto &clock, std::uint64_t s) { return clock.step < s; });
        return found != m_steps.end() && found->step == step ? &*found : nullptr;
    }

private:
    std::vector<RunReader::StepClock> m_steps;
};

std::string domainName(const RunRecord &run, int domain)
{
    return domain >= 0 && static_cast<std::size_t>(domain) < run.domains.size()
        ? run.domains[static_cast<std::size_t>(domain)]
        : std::string();
}

// A pattern without a slash is compared with names, and one that begins with ** with whole paths: both mean the same anywhere.
std::string absolutePattern(const std::string &pattern, const std::filesystem::path &folder)
{
    const bool isRelative = pattern.find('/') != std::string::npos && !pattern.starts_with("**");
    return isRelative ? resolvePath(pattern, folder).string() : pattern;
}

// With the mixture that the run's policy came to: of one that weighs the loss, not what it draws by.
std::vector<DomainSummary> summariesWithAnswer(RunReader &reader, const RunRecord &run)
{
    std::vector<DomainSummary> domains = summarise(reader, run);
    const std::optional<StageResult> mixtures = reader.mixtures(run);
    for (std::size_t k = 0; mixtures && k < domains.size(); ++k) {
        domains[k].meanShare = mixtures->averageMixture[k];
        domains[k].lastShare = mixtures->finalMixture[k];
    }
    return domains;
}

} // namespace

std::string curvesCsv(RunReader &reader, const RunRecord &run)
{
    const Clock clock(reader.clock(run.id));
    std::string text = "run,metric,domain,step,tokens,seconds,value\n";
    for (const auto &[metric, domain] : reader.curveNames(run.id)) {
        const std::string start = fmt::format("{},{},{},", run.id, csvField(metric), csvField(domainName(run, domain)));
        for (const CurvePoint &point : reader.curve(run.id, metric, domain)) {
            const auto *time = clock.at(point.step);
            text += fmt::format("{}{},{},{},{}\n", start, point.step, time ? std::to_string(time->tokens) : "",
                                time ? csvNumber(time->seconds) : "", csvNumber(point.value));
        }
    }
    return text;
}

std::string curvesJson(RunReader &reader, const RunRecord &run)
{
    Json curves = Json::array();
    for (const auto &[metric, domain] : reader.curveNames(run.id)) {
        Json steps = Json::array();
        Json values = Json::array();
        for (const CurvePoint &point : reader.curve(run.id, metric, domain)) {
            steps.push_back(point.step);
            values.push_back(point.value);
        }
        const std::string name = domainName(run, domain);
        curves.push_back({{"metric", metric},
                          {"domain", name.empty() ? Json(nullptr) : Json(name)},
                          {"step", std::move(steps)},
                          {"value", std::move(values)}});
    }
    Json document = {{"run", run.id}, {"name", run.name}, {"curves", std::move(curves)}};
    return document.dump(-1, ' ', false, Json::error_handler_t::replace) + '\n';
}

std::string mixtureCsv(RunReader &reader, const RunRecord &run)
{
    std::string text = "domain,final,mean,realised\n";
    for (const DomainSummary &domain : summariesWithAnswer(reader, run))
        text += fmt::format("{},{},{},{}\n", csvField(domain.name), csvNumber(domain.lastShare),
                            csvNumber(domain.meanShare), csvNumber(domain.realisedShare));
    return text;
}

std::string mixtureJson(RunReader &reader, const RunRecord &run)
{
    Json last = Json::object(), mean = Json::object(), realised = Json::object();
    for (const DomainSummary &domain : summariesWithAnswer(reader, run)) {
        last[domain.name] = domain.lastShare;
        mean[domain.name] = domain.meanShare;
        realised[domain.name] = domain.realisedShare;
    }
    Json document = {{"run", run.id}, {"name", run.name}, {"final", last}, {"mean", mean}, {"realised", realised}};
    return document.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

std::string mixtureToml(RunReader &reader, const RunRecord &run)
{
    const std::vector<DomainSummary> domains = summariesWithAnswer(reader, run);
    const auto table = [&domains](const char *title, double DomainSummary::*share) {
        std::string text = fmt::format("\n[{}]\n", title);
        for (const DomainSummary &domain : domains) {
            if (std::isfinite(domain.*share)) // TOML has no null
                text += fmt::format("{} = {:#}\n", tomlString(domain.name), domain.*share);
        }
        return text;
    };
    return fmt::format("run = {}\nname = {}\n", run.id, tomlString(run.name))
        + table("final", &DomainSummary::lastShare) + table("mean", &DomainSummary::meanShare)
        + table("realised", &DomainSummary::realisedShare);
}

std::string experimentToml(const RunRecord &run, const std::filesystem::path &folder)
{
    const std::filesystem::path from = std::filesystem::path(run.experimentFile).parent_path();
    const LoadedExperiment loaded = parseExperiment(run.experimentToml, {}, from);
    if (from.empty() || from == folder || !loaded.experiment || hasErrors(loaded.issues))
        return run.experimentToml;
    Experiment experiment = *loaded.experiment;
    for (DomainConfig &domain : experiment.domains) {
        for (std::string &source : domain.sources)
            source = resolvePath(source, from).string();
        for (std::string &pattern : domain.exclude)
            pattern = absolutePattern(pattern, from);
        domain.where.path = absolutePattern(domain.where.path, from);
    }
    if (!experiment.tokenizer.model.empty())
        experiment.tokenizer.model = resolvePath(experiment.tokenizer.model, from).string();
    return experiment == *loaded.experiment ? run.experimentToml : toToml(experiment);
}

} // namespace krater::cli
