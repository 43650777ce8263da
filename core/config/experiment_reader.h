// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/issue.h"
#include "core/config/experiment.h"
#include "core/config/experiment_checks.h"
#include "core/config/experiment_toml.h"

#include <toml++/toml.h>

#include <map>
#include <set>
#include <string>
#include <utility>

namespace krater {

// An override that stands in place of a key: "--set key=value" for messages, and the value as it was typed.
struct Override {
    std::string shown;
    std::string value;
};
using Overrides = std::map<std::string, Override>; // by key: "training.token_budget", "domain[2].held_out"

// Turns a parsed file into an Experiment: every unknown key and wrong type becomes an issue with its place, and reading goes on with the
// default. Remembers where each key stands. For .cpp files of config only (it shows toml++).
class ExperimentReader {
public:
    ExperimentReader(std::string fileName, const Overrides &overrides);

    Experiment read(const toml::table &root);
    void readParameter(const toml::node &node, const std::string &key, ParameterValue &value);

    // The finding as an issue at the place of its key, or of the nearest table around it. Nothing if the key, or one below it, was refused already.
    void report(Finding finding);
    Issues takeIssues() { return std::exchange(m_issues, {}); }
    // Of the key, or of the nearest table around it.
    LoadedExperiment::Place placeOf(const std::string &key) const;

private:
    using Place = LoadedExperiment::Place;

    template <typename Config>
    class Fields;

    template <typename Config>
    void readTable(const toml::node &node, const std::string &key, Config &config);
    template <typename Config>
    void readSection(const toml::table &root, const char *name, Config &config);
    void readDomains(const toml::table &root, std::vector<DomainConfig> &domains);
    void readMixture(const toml::table &root, MixtureConfig &mixture);
    void readStages(const toml::table &root, Experiment &experiment);
    void readStage(const toml::table &table, const std::string &key, StageConfig &stage);
    template <typename Config>
    void readOverrides(const toml::node &node, const std::string &key, SectionOverrides<Config> &overrides);
    void readStageMixture(const toml::node &node, const std::string &key, StageMixture &mixture);
    void readParameters(const toml::table &table, const std::string &key, const std::vector<std::string> &ownKeys, const std::string &policy,
                        ParameterValues &parameters);
    static void completeParameters(const std::string &policy, ParameterValues &parameters);
    Weights readWeights(const toml::table &table, const std::string &key);
    void readPoint(const toml::node &node, const std::string &key, MixturePoint &point);
    void checkSections(const toml::table &root);

    void readValue(const toml::node &node, const std::string &key, std::string &value);
    void readValue(const toml::node &node, const std::string &key, double &value);
    void readValue(const toml::node &node, const std::string &key, int &value);
    void readValue(const toml::node &node, const std::string &key, std::uint64_t &value);
    void readValue(const toml::node &node, const std::string &key, std::optional<std::uint64_t> &value);
    void readValue(const toml::node &node, const std::string &key, std::vector<std::string> &value);
    std::optional<double> wholeNumber(const toml::node &node, const std::string &key, double max);

    void remember(const std::string &key, const toml::source_region &source);
    void unknown(const std::string &key, std::string_view name, const toml::source_region &source, const std::vector<std::string> &known,
                 const std::string &what);
    void refuse(const std::string &key, const std::string &message, const std::string &advice);
    void refuseType(const toml::node &node, const std::string &key, const char *wanted, const char *example);

    std::string m_file;
    const Overrides &m_overrides;
    std::map<std::string, Place> m_places;
    std::set<std::string> m_refused;
    std::string m_domain; // name of the domain being read
    std::string m_stage;  // of the stage being read
    std::string m_policy; // of [mixture]: that of a stage which names none
    Issues m_issues;
};

} // namespace krater
