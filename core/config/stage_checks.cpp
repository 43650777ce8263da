// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/config/stage_checks.h"

#include "core/config/stages.h"
#include "core/config/text_checks.h"
#include "core/corpus/utf8.h"
#include "core/mixture/policy_registry.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <limits>
#include <set>
#include <utility>

namespace krater {

namespace {

constexpr std::size_t kMostStages = 100;
constexpr std::size_t kLongestStageName = 64; // bytes
constexpr std::size_t kLongestTitle = 200;    // bytes, as of an experiment's name

// Looks at one stage after the other.
class StageChecker {
public:
    explicit StageChecker(const Experiment &plan) : m_plan(plan), m_known(checkRun(plan)) {}

    void check(std::size_t stage);

    std::vector<Finding> findings;

private:
    void checkName();
    void checkSources();
    void checkSource(const std::string &key, const std::string &from);
    void checkSameModel();
    void checkPromptVectors();
    void checkAsRun();
    void error(const std::string &key, const std::string &message, std::string advice);
    const StageConfig &stage() const { return m_plan.stages[m_stage]; }

    const Experiment &m_plan;
    const std::vector<Finding> m_known; // reported of the experiment itself
    std::size_t m_stage = 0;
    std::set<std::string> m_names; // of the stages before
};

void StageChecker::error(const std::string &key, const std::string &message, std::string advice)
{
    Finding finding;
    finding.key = fmt::format("stage[{}]{}{}", m_stage, key.empty() ? "" : ".", key);
    const bool isNamed = !stage().name.empty() && isValidUtf8(stage().name) && !hasControlCharacters(stage().name);
    finding.issue.message = fmt::format("stage {}: {}", isNamed ? fmt::format("\"{}\"", stage().name) : std::to_string(m_stage + 1), message);
    finding.issue.advice = std::move(advice);
    findings.push_back(std::move(finding));
}

void StageChecker::check(std::size_t stage)
{
    m_stage = stage;
    checkName();
    checkSources();
    if (!m_plan.domains.empty())
        checkAsRun();
    m_names.insert(this->stage().name);
}

void StageChecker::checkName()
{
    const std::string &name = stage().name;
    if (name.find_first_not_of(" \t") == std::string::npos)
        error("name", "it has no name", "write name = \"...\"");
    else if (!isValidUtf8(name) || hasControlCharacters(name))
        error("name", "its name is no line of plain text", "use letters, digits and spaces");
    else if (name.size() > kLongestStageName)
        error("name", fmt::format("its name has {} bytes", name.size()), fmt::format("use at most {}", kLongestStageName));
    else if (stageTitle(m_plan, m_stage).size() > kLongestTitle)
        error("name", fmt::format("its run would be called by {} bytes", stageTitle(m_plan, m_stage).size()),
              fmt::format("use at most {} for the names of experiment and stage together", kLongestTitle - 2));
    if (m_names.contains(name))
        error("name", "a stage of that name is there already", "give each stage a name of its own");
    if (stage().seed > std::uint64_t(std::numeric_limits<std::int64_t>::max()))
        error("seed", fmt::format("seed is {}", *stage().seed), "use a whole number from 0 to 9223372036854775807");
}

void StageChecker::checkSources()
{
    const StageMixture &mixture = stage().mixture;
    checkSource("mixture.from", mixture.from);
    checkSource("weights.from", stage().weights.from);
    checkSource("reference.from", stage().reference.from);
    if (!mixture.from.empty() && !mixture.policy.empty())
        error("mixture.policy", "it has both mixture.from and mixture.policy", "remove one of them: the mixture comes from the earlier stage or from a policy");
    else if (!mixture.from.empty() && !mixture.parameters.empty())
        error("mixture." + mixture.parameters.begin()->first,
              fmt::format("mixture.{} is a policy's, but the mixture comes from an earlier stage", mixture.parameters.begin()->first),
              "remove it, or mixture.from");
    if (mixture.from.empty() && mixture.take != StageMixture::Take::Average)
        error("mixture.take", "mixture.take is not used without mixture.from", "name the stage by mixture.from, or remove it");
    const bool goesOn = stage().role == RunRole::FineTune || stage().role == RunRole::PromptTune;
    if (goesOn && stage().weights.from.empty())
        error("role", fmt::format("a {} stage goes on from the weights of an earlier one", toString(stage().role)), "write weights.from = \"...\"");
    checkSameModel();
    checkPromptVectors();
}

void StageChecker::checkSource(const std::string &key, const std::string &from)
{
    if (from.empty() || m_names.contains(from))
        return;
    const std::string quoted = isValidUtf8(from) ? from : std::string("...");
    if (stageNamed(m_plan, from))
        return error(key, fmt::format("{} is \"{}\", which does not come before it", key, quoted), "name a stage that is run earlier");
    const std::string nearest = nearestName(from, std::vector(m_names.begin(), m_names.end()));
    error(key, fmt::format("{} is \"{}\", and there is no such stage before it", key, quoted),
          !nearest.empty()  ? fmt::format("did you mean \"{}\"?", nearest)
          : m_names.empty() ? "the first stage has none before it"
                            : fmt::format("use {}", fmt::join(m_names, ", ")));
}

void StageChecker::checkSameModel()
{
    const std::optional<std::size_t> from = stageNamed(m_plan, stage().weights.from);
    if (from && *from < m_stage && stageModel(m_plan, *from) != stageModel(m_plan, m_stage))
        error("weights.from", fmt::format("its model is another than that of \"{}\", whose weights it takes", stage().weights.from),
              "give both stages the same [stage.model]");
}

// They are trained instead of the weights, which therefore are those of the stage that they come from.
void StageChecker::checkPromptVectors()
{
    const bool has = stageTraining(m_plan, m_stage).promptVectors > 0;
    if (stage().role == RunRole::PromptTune && !has)
        error("training.prompt_vectors", "a prompt_tune stage has no prompt vectors to train", "write training.prompt_vectors = 16");
    if (stage().role != RunRole::PromptTune && has)
        error("training.prompt_vectors", "training.prompt_vectors freezes the weights, which is for prompt_tune stages",
              "write it below that stage only, or set it to 0 here");
    for (const auto &[key, source] : {std::pair("weights.from", &stage().weights), std::pair("reference.from", &stage().reference)}) {
        const std::optional<std::size_t> from = stageNamed(m_plan, source->from);
        if (from && *from < m_stage && m_plan.stages[*from].role == RunRole::PromptTune)
            error(key, fmt::format("\"{}\" trains prompt vectors, not weights", source->from),
                  fmt::format("write {} = \"{}\", whose weights it has", key, m_plan.stages[*from].weights.from));
    }
}

// As the run that it will be; what is as the experiment says is reported there.
void StageChecker::checkAsRun()
{
    const std::vector<double> uniform(m_plan.domains.size(), 1.0); // any mixture will do
    Experiment plan = m_plan;
    if (StageMixture &mixture = plan.stages[m_stage].mixture; !m_names.contains(mixture.from))
        mixture.from.clear(); // that is reported already
    const Experiment run = stageExperiment(plan, m_stage, StageResults(m_stage, {uniform, uniform}));
    if (const PolicyInfo *policy = findPolicy(run.mixture.policy);
        policy && stage().reference.from.empty() && needsReference(*policy, run.mixture.parameters))
        error("mixture.policy", fmt::format("the policy {} compares with a reference model, and there is none", policy->name),
              fmt::format("name the stage that trains it: reference.from = \"...\"{}{}", policy->insteadOfReference.empty() ? "" : "; or ", policy->insteadOfReference));
    for (Finding &finding : checkRun(run)) {
        const auto isSame = [&](const Finding &other) { return other.key == finding.key && other.issue == finding.issue; };
        if (finding.issue.severity == Issue::Severity::Error && std::ranges::none_of(m_known, isSame))
            error(finding.key, finding.issue.message, std::move(finding.issue.advice));
    }
}

} // namespace

std::vector<Finding> checkStages(const Experiment &plan)
{
    if (plan.stages.empty())
        return {};
    if (plan.stages.size() > kMostStages) {
        Issue issue;
        issue.message = fmt::format("the experiment has {} stages", plan.stages.size());
        issue.advice = fmt::format("use at most {}", kMostStages);
        return {{"stage", std::move(issue)}};
    }
    StageChecker checker(plan);
    for (std::size_t i = 0; i < plan.stages.size(); ++i)
        checker.check(i);
    return std::move(checker.findings);
}

} // namespace krater
