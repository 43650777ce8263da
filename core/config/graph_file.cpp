// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/config/graph_file.h"

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/paths.h"
#include "core/config/csv_graph.h"
#include "core/config/experiment_reader.h"
#include "core/config/parameter_text.h"
#include "core/config/text_checks.h"
#include "core/config/toml_text.h"
#include "core/corpus/utf8.h"
#include "core/mixture/parameter_checks.h"
#include "core/mixture/policy_registry.h"

#include <fmt/format.h>

#include <algorithm>

namespace krater {

namespace {

constexpr std::uintmax_t kMostBytes = 4 << 20; // of a file
constexpr std::size_t kMostText = 512 << 10;   // bytes of all graphs, written out: a frozen experiment has at most 1 MiB

Issue issueAt(const std::string &file, int line, std::string message, std::string advice)
{
    Issue issue;
    issue.file = file;
    issue.line = line;
    issue.message = std::move(message);
    issue.advice = std::move(advice);
    return issue;
}

Graph graphOfToml(const std::string &text, const std::string &file, const ParamSpec &spec, const std::vector<std::string> &domains,
                  Issues &issues)
{
    const std::optional<toml::table> root = parseToml(text, file, issues);
    if (!root)
        return {};
    const Overrides none;
    ExperimentReader reader(file, none);
    ParameterValue value;
    reader.readParameter(*root, spec.name, value);
    const auto *graph = std::get_if<Graph>(&value);
    const auto report = [&](const std::string &key, const ParameterValue &part) {
        for (Issue &issue : checkParameter(spec, part, domains))
            reader.report({key, std::move(issue)});
    };
    if (!graph)
        report(spec.name, value);
    for (const auto &[from, row] : graph ? *graph : Graph{})
        for (const auto &[to, number] : row) // one by one, each with its line
            report(fmt::format("{}.{}.{}", spec.name, from, to), Graph{{from, {{to, number}}}});
    std::ranges::move(reader.takeIssues(), std::back_inserter(issues));
    return graph ? *graph : Graph{};
}

// Goes through the graphs of an experiment and its stages that are in files.
class GraphFiles {
public:
    explicit GraphFiles(Experiment &experiment)
        : m_experiment(experiment)
        , m_domains(experiment.domainNames())
    {
    }

    std::vector<Finding> read()
    {
        readAll("mixture", m_experiment.mixture.policy, m_experiment.mixture.parameters);
        for (std::size_t i = 0; i < m_experiment.stages.size(); ++i) {
            StageMixture &own = m_experiment.stages[i].mixture;
            readAll(fmt::format("stage[{}].mixture", i), own.policy.empty() ? m_experiment.mixture.policy : own.policy, own.parameters);
        }
        return std::move(m_findings);
    }

private:
    void readAll(const std::string &section, const std::string &policy, ParameterValues &parameters)
    {
        const PolicyInfo *info = findPolicy(policy);
        if (!info)
            return;
        for (const ParamSpec &spec : info->parameters)
            if (const auto value = parameters.find(spec.name);
                value != parameters.end() && spec.kind == ParamSpec::Kind::Graph && namesGraphFile(value->second))
                readOne(section + '.' + spec.name, spec, value->second);
    }

    void readOne(const std::string &key, const ParamSpec &spec, ParameterValue &value)
    {
        const auto name = std::get<std::string>(value);
        if (!isValidUtf8(name) || hasControlCharacters(name))
            return add(key, issueAt({}, 0, fmt::format("{} is no line of plain text", key), "name a .csv or .toml file"));
        const std::filesystem::path file = resolvePath(name, m_experiment.folder);
        std::error_code error;
        if (!std::filesystem::is_regular_file(file, error))
            return add(key, issueAt({}, 0, fmt::format("{} is \"{}\", and there is no such file", key, name),
                                    "name a .csv or .toml file, relative to the experiment file"));
        Issues issues;
        Graph graph = readGraphFile(file, spec, m_domains, issues);
        m_textBytes += parameterText(graph).size();
        if (m_textBytes > kMostText)
            issues.push_back(issueAt({}, 0, fmt::format("{} is \"{}\", whose graph is too large for an experiment", key, name),
                                     fmt::format("leave out what is 0: at most {} KiB are kept with a run", kMostText >> 10)));
        for (Issue &issue : issues)
            add(key, std::move(issue));
        value = std::move(graph);
    }

    void add(const std::string &key, Issue issue) { m_findings.push_back({key, std::move(issue)}); }

    Experiment &m_experiment;
    const std::vector<std::string> m_domains;
    std::vector<Finding> m_findings;
    std::size_t m_textBytes = 0;
};

} // namespace

Graph readGraphFile(const std::filesystem::path &file, const ParamSpec &spec, const std::vector<std::string> &domains, Issues &issues)
{
    try {
        const std::string text = readFile(file, kMostBytes);
        return file.extension() == ".toml" ? graphOfToml(text, file.string(), spec, domains, issues)
                                           : graphOfCsv(text, file.string(), spec, domains, issues);
    } catch (const Error &error) {
        issues.push_back(issueAt(file.string(), 0, error.what(), error.advice()));
        return {};
    }
}

std::vector<std::string *> graphFileNames(Experiment &experiment)
{
    std::vector<std::string *> names;
    const auto add = [&names](ParameterValues &parameters) {
        for (auto &[name, value] : parameters)
            if (namesGraphFile(value))
                names.push_back(&std::get<std::string>(value));
    };
    add(experiment.mixture.parameters);
    for (StageConfig &stage : experiment.stages)
        add(stage.mixture.parameters);
    return names;
}

std::vector<Finding> checkGraphFiles(const Experiment &experiment)
{
    Experiment copy = experiment;
    return GraphFiles(copy).read();
}

Experiment withGraphsRead(Experiment experiment)
{
    const std::vector<Finding> findings = GraphFiles(experiment).read();
    if (!findings.empty())
        throw Error(toString(findings.front().issue), findings.front().issue.advice);
    return experiment;
}

} // namespace krater
