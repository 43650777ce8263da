// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/config/experiment_checks.h"

#include "core/base/error.h"
#include "core/config/stage_checks.h"
#include "core/config/text_checks.h"
#include "core/corpus/corpus_reader.h"
#include "core/corpus/document_filter.h"
#include "core/corpus/regex_splitter.h"
#include "core/corpus/utf8.h"
#include "core/mixture/policy_registry.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <re2/re2.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

namespace krater {

namespace {

constexpr std::size_t kMostDomains = 1000;
constexpr std::size_t kLongestName = 200;         // bytes
constexpr std::size_t kLongestDomainName = 64;    // bytes
constexpr std::size_t kLongestPattern = 4096;     // bytes
constexpr std::size_t kLongestNotes = 64 * 1024;  // bytes
constexpr std::size_t kLongestPrompt = 64 * 1024; // bytes
constexpr double kMostTokensPerStep = double(1 << 30);

// Collects what is wrong; `domain` is set while a domain is looked at.
class Checker {
public:
    void error(std::string key, std::string message, std::string advice) { add(Issue::Severity::Error, std::move(key), std::move(message), std::move(advice)); }
    void warning(std::string key, std::string message, std::string advice) { add(Issue::Severity::Warning, std::move(key), std::move(message), std::move(advice)); }

    // `key` is the full one; people read it less the "domain[i]." of the domain that the issue names anyway.
    void within(const std::string &key, double value, double min, double max, const char *unit = "")
    {
        if (!(value >= min && value <= max))
            error(key, fmt::format("{} is {:g}", shown(key), value), fmt::format("use a number from {:.7g} to {:.7g}{}", min, max, unit));
    }

    std::string shown(const std::string &key) const { return key.substr(prefix.size()); }

    std::vector<Finding> findings;
    std::string domain; // name
    std::string prefix; // "domain[2]."

private:
    void add(Issue::Severity severity, std::string key, std::string message, std::string advice)
    {
        Issue issue;
        issue.severity = severity;
        issue.domain = domain;
        issue.message = std::move(message);
        issue.advice = std::move(advice);
        findings.push_back({std::move(key), std::move(issue)});
    }
};

void checkText(Checker &check, const std::string &key, const std::string &text, std::size_t longest, bool multiline = false)
{
    if (!isValidUtf8(text))
        check.error(key, check.shown(key) + " is not valid UTF-8", "write it again as UTF-8");
    else if (text.size() > longest)
        check.error(key, fmt::format("{} has {} bytes", check.shown(key), text.size()), fmt::format("use at most {}", longest));
    else if (!multiline && hasControlCharacters(text))
        check.error(key, check.shown(key) + " holds a control character", "use one line of plain text");
}

void checkSeed(Checker &check, const std::string &key, std::uint64_t seed)
{
    if (seed > std::uint64_t(std::numeric_limits<std::int64_t>::max()))
        check.error(key, fmt::format("{} is {}", key, seed), "use a whole number from 0 to 9223372036854775807");
}

void checkInfo(Checker &check, const ExperimentInfo &info)
{
    if (info.name.find_first_not_of(" \t") == std::string::npos)
        check.error("experiment.name", "the experiment has no name", "write name = \"...\" under [experiment]");
    checkText(check, "experiment.name", info.name, kLongestName);
    checkSeed(check, "experiment.seed", info.seed);
    checkSeed(check, "experiment.split_seed", info.splitSeed);
    checkText(check, "experiment.notes", info.notes, kLongestNotes, true);
    for (const std::string &tag : info.tags) {
        if (tag.empty())
            check.error("experiment.tags", "a tag is empty", "remove it");
        checkText(check, "experiment.tags", tag, kLongestName);
    }
}

void checkTokenizer(Checker &check, const TokenizerConfig &tokenizer)
{
    checkText(check, "tokenizer.model", tokenizer.model, kLongestPattern);
    if (tokenizer.kind == TokenizerConfig::Kind::SentencePiece && tokenizer.model.empty())
        check.within("tokenizer.vocabulary", tokenizer.vocabulary, 300, 65'536, " pieces");
    if (tokenizer.kind == TokenizerConfig::Kind::Bytes && !tokenizer.model.empty())
        check.warning("tokenizer.model", "tokenizer.model is not used by bytes", "write kind = \"sentencepiece\", or remove model");
}

// Tries what the corpus will do with a value; what that throws is the problem.
template <typename Action>
void attempt(Checker &check, const std::string &key, Action action)
{
    try {
        action();
    } catch (const Error &error) {
        check.error(key, fmt::format("{} cannot be used: {}", check.shown(key), error.what()), error.advice());
    }
}

void checkFilter(Checker &check, const std::string &prefix, const DomainConfig &domain)
{
    const DomainFilter &where = domain.where;
    if (const std::string problem = where.path.empty() ? std::string() : problemOfGlob(where.path); !problem.empty())
        check.error(prefix + "where.path", "where.path cannot be used: " + problem, "use a glob such as \"**/*.py\"");
    checkText(check, prefix + "where.text", where.text, kLongestPattern, true);
    checkText(check, prefix + "where.field", where.field, kLongestPattern);
    if (!where.text.empty() && isValidUtf8(where.text))
        attempt(check, prefix + "where.text", [&] { compileRegex(where.text); });
    if (!where.field.empty() && isValidUtf8(where.field))
        attempt(check, prefix + "where.field", [&] { FieldComparison comparison(where.field); });
    if (!where.field.empty() && domain.format != "auto" && domain.format != "jsonl")
        check.error(prefix + "where.field", fmt::format("where.field needs JSON Lines, but the format is {}", domain.format),
                    "remove it, or write format = \"jsonl\"");
    if (where.maxLength && *where.maxLength < where.minLength)
        check.error(prefix + "where.max_length", fmt::format("where.max_length is {}, below where.min_length of {}", *where.maxLength, where.minLength),
                    "no document can be both; exchange them");
}

void checkFormat(Checker &check, const std::string &prefix, const DomainConfig &domain)
{
    std::vector<std::string> formats{"auto"};
    std::ranges::transform(readers(), std::back_inserter(formats), &ReaderInfo::name);
    if (std::ranges::find(formats, domain.format) == formats.end())
        check.error(prefix + "format", fmt::format("format is \"{}\"", isValidUtf8(domain.format) ? domain.format : "..."),
                    fmt::format("use {}", fmt::join(formats, ", ")));
    if (domain.textField.empty())
        check.error(prefix + "text_field", "text_field is empty", "name the JSON field that holds the text, such as \"text\"");
    checkText(check, prefix + "text_field", domain.textField, kLongestName);
    checkText(check, prefix + "split", domain.split, kLongestPattern, true);
    if (!domain.split.empty() && isValidUtf8(domain.split))
        attempt(check, prefix + "split", [&] { RegexSplitter splitter(domain.split); });
    if (!domain.split.empty() && domain.format == "jsonl")
        check.error(prefix + "split", "split divides text and HTML, but the format is jsonl", "remove it: a document is a line");
}

void checkSources(Checker &check, const std::string &prefix, const DomainConfig &domain)
{
    if (domain.sources.empty())
        check.error(prefix + "sources", "it has no sources", "write sources = [\"folder/**/*.txt\"]");
    for (const auto &[name, globs] : {std::pair<const char *, const std::vector<std::string> &>{"sources", domain.sources}, {"exclude", domain.exclude}})
        for (const std::string &glob : globs)
            if (const std::string problem = problemOfGlob(glob); !problem.empty())
                check.error(prefix + name, fmt::format("{} holds \"{}\", which cannot be used: {}", name, isValidUtf8(glob) ? glob : "...", problem),
                            "use a file, a folder, or a glob such as \"texts/**/*.txt\"");
}

bool isColour(const std::string &text)
{
    return text.size() == 7 && text[0] == '#' && text.find_first_not_of("0123456789abcdefABCDEF", 1) == std::string::npos;
}

void checkDomainName(Checker &check, const std::string &key, const std::string &name)
{
    if (name.empty())
        check.error(key, "it has no name", "write name = \"...\" under [[domain]]");
    else if (name.find_first_of(",=\"") != std::string::npos || name.front() == ' ' || name.back() == ' ')
        check.error(key, fmt::format("its name is \"{}\"", name), "use a name without commas, equals signs, quotes and spaces around it");
    checkText(check, key, name, kLongestDomainName);
}

void checkDomain(Checker &check, std::size_t index, const DomainConfig &domain)
{
    const std::string prefix = fmt::format("domain[{}].", index);
    check.prefix = prefix;
    check.domain = isValidUtf8(domain.name) && !domain.name.empty() ? domain.name : fmt::format("number {}", index + 1);
    checkDomainName(check, prefix + "name", domain.name);
    checkSources(check, prefix, domain);
    checkFormat(check, prefix, domain);
    checkFilter(check, prefix, domain);
    if (domain.maxDocuments == std::uint64_t{0})
        check.error(prefix + "max_documents", "max_documents is 0", "use a number from 1, or remove it");
    if (domain.maxBytes == std::uint64_t{0})
        check.error(prefix + "max_bytes", "max_bytes is 0", "use a number from 1, or remove it");
    check.within(prefix + "held_out", domain.heldOut, 0.0, 0.5, ", a fraction of the documents");
    if (domain.heldOut == 0.0)
        check.error(prefix + "held_out", "held_out is 0: its held-out loss cannot be measured", "use a fraction such as 0.05");
    if (!domain.colour.empty() && !isColour(domain.colour))
        check.error(prefix + "colour", fmt::format("colour is \"{}\"", isValidUtf8(domain.colour) ? domain.colour : "..."), "write it like \"#3366CC\"");
}

void checkDomains(Checker &check, const std::vector<DomainConfig> &domains)
{
    if (domains.empty())
        check.error("domain", "the experiment has no domain", "add [[domain]] with name and sources");
    if (domains.size() > kMostDomains)
        check.error("domain", fmt::format("the experiment has {} domains", domains.size()), fmt::format("use at most {}", kMostDomains));
    std::set<std::string> names;
    for (std::size_t i = 0; i < std::min(domains.size(), kMostDomains); ++i) {
        checkDomain(check, i, domains[i]);
        if (!domains[i].name.empty() && !names.insert(domains[i].name).second)
            check.error(fmt::format("domain[{}].name", i), "a domain of that name is there already", "give each domain a name of its own");
    }
    check.domain.clear();
    check.prefix.clear();
}

void checkModel(Checker &check, const ModelConfig &model)
{
    if (model.architecture != "gpt2")
        check.error("model.architecture", fmt::format("model.architecture is \"{}\"", isValidUtf8(model.architecture) ? model.architecture : "..."),
                    "use \"gpt2\"");
    check.within("model.layers", model.layers, 1, 512);
    check.within("model.width", model.width, 1, 32'768);
    check.within("model.heads", model.heads, 1, 1024);
    check.within("model.context", model.context, 2, 131'072, " tokens");
    if (model.width >= 1 && model.heads >= 1 && model.width % model.heads != 0)
        check.error("model.heads", fmt::format("model.heads is {}, which does not divide model.width of {}", model.heads, model.width),
                    fmt::format("use a width of {}, or heads that divide {}", (model.width / model.heads + 1) * model.heads, model.width));
}

bool isDevice(const std::string &device)
{
    if (device == "auto" || device == "cpu" || device == "cuda")
        return true;
    const std::string number = device.starts_with("cuda:") ? device.substr(5) : std::string();
    return !number.empty() && number.size() <= 3 && number.find_first_not_of("0123456789") == std::string::npos;
}

void checkStop(Checker &check, const StopConfig &stop)
{
    check.within("training.stop.patience", stop.patience, 1, 1e6, " evaluations");
    check.within("training.stop.min_delta", stop.minDelta, 0.0, 100.0);
    if (stop.on != "uniform" && stop.on != "natural")
        check.error("training.stop.on", fmt::format("training.stop.on is \"{}\"", isValidUtf8(stop.on) ? stop.on : "..."), "use uniform or natural");
}

void checkSample(Checker &check, const SampleConfig &sample)
{
    check.within("training.sample.tokens", sample.tokens, 0, 10'000, "; 0 is no sample");
    check.within("training.sample.temperature", sample.temperature, 0.0, 100.0);
    checkText(check, "training.sample.prompt", sample.prompt, kLongestPrompt, true);
}

void checkOptimiser(Checker &check, const TrainingConfig &training)
{
    if (!(training.learningRate > 0.0) || training.learningRate > 10.0)
        check.error("training.learning_rate", fmt::format("training.learning_rate is {:g}", training.learningRate),
                    "use a number above 0 and up to 10, such as 1e-3");
    check.within("training.min_learning_rate", training.minLearningRate, 0.0, 1.0, ", a fraction of learning_rate");
    check.within("training.warmup", training.warmup, 0.0, 1.0, ", a fraction of the steps");
    check.within("training.weight_decay", training.weightDecay, 0.0, 10.0);
    for (const double beta : {training.beta1, training.beta2})
        if (!(beta >= 0.0 && beta < 1.0))
            check.error("training.betas", fmt::format("training.betas holds {:g}", beta), "use two numbers from 0 to under 1, such as [0.9, 0.95]");
    check.within("training.clip", training.clip, 0.0, 1e6, "; 0 is no clipping");
}

void checkTraining(Checker &check, const Experiment &experiment)
{
    const TrainingConfig &training = experiment.training;
    if (!isDevice(training.device))
        check.error("training.device", fmt::format("training.device is \"{}\"", isValidUtf8(training.device) ? training.device : "..."),
                    "use auto, cpu, cuda or cuda:0");
    check.within("training.threads", training.threads, 0, 1024, "; 0 is all cores");
    check.within("training.sequences_per_step", training.sequencesPerStep, 1, 1e6);
    if (training.tokenBudget == 0)
        check.error("training.token_budget", "training.token_budget is 0", "use the number of tokens to train on, such as 4_000_000");
    else
        check.within("training.token_budget", double(training.tokenBudget), 1, 1e18, " tokens");
    if (double(training.sequencesPerStep) * experiment.model.context > kMostTokensPerStep)
        check.error("training.sequences_per_step", fmt::format("a step has {} sequences of {} tokens", training.sequencesPerStep, experiment.model.context),
                    "use fewer sequences, or a smaller model.context");
    checkOptimiser(check, training);
    check.within("training.eval_interval", training.evalInterval, 1, 1e9, " steps");
    check.within("training.eval_tokens", double(training.evalTokens), 1, 1e12, " tokens");
    check.within("training.checkpoint_interval", training.checkpointInterval, 1, 1e9, " steps");
    check.within("training.keep_checkpoints", training.keepCheckpoints, 1, 1000);
    check.within("training.prompt_vectors", training.promptVectors, 0, 10'000, "; 0 trains the weights");
    checkStop(check, training.stop);
    checkSample(check, training.sample);
}

void checkMixture(Checker &check, const Experiment &experiment)
{
    const PolicyInfo *info = findPolicy(experiment.mixture.policy);
    if (!info) {
        std::vector<std::string> known;
        std::ranges::transform(policies(), std::back_inserter(known), &PolicyInfo::name);
        const std::string nearest = nearestName(experiment.mixture.policy, known);
        check.error("mixture.policy", fmt::format("there is no policy \"{}\"", isValidUtf8(experiment.mixture.policy) ? experiment.mixture.policy : "..."),
                    nearest.empty() ? fmt::format("use {}", fmt::join(known, ", ")) : fmt::format("did you mean \"{}\"?", nearest));
        return;
    }
    const ParameterValues values = completedParameters(*info, experiment.mixture.parameters);
    const std::vector<std::string> domains = experiment.domainNames();
    if (!info->adaptive && experiment.training.stop.rule == StopConfig::Rule::SettledMixture)
        check.error("training.stop.rule", fmt::format("the policy {} never moves the mixture, so it is settled from the start", info->name),
                    "use rule = \"plateau\", or an adaptive policy such as gibbs");
    bool valid = true;
    for (const auto &[name, value] : values)
        for (Issue &issue : validateParameter(*info, name, value, domains)) {
            valid = false;
            check.error("mixture." + name, "mixture: " + issue.message, std::move(issue.advice));
        }
    if (valid && info->check)
        for (ParameterProblem &problem : info->check(values, domains))
            check.error("mixture." + problem.parameter, "mixture: " + problem.message, std::move(problem.advice));
}

} // namespace

std::vector<Finding> checkRun(const Experiment &experiment)
{
    Checker check;
    checkModel(check, experiment.model);
    checkTraining(check, experiment);
    checkMixture(check, experiment);
    return std::move(check.findings);
}

std::optional<Finding> missingStage(const Experiment &experiment)
{
    if (!experiment.stages.empty())
        return std::nullopt;
    Finding finding;
    Issue &issue = finding.issue;
    const PolicyInfo *info = findPolicy(experiment.mixture.policy);
    if (info && needsReference(*info, experiment.mixture.parameters)) {
        finding.key = "mixture.policy";
        issue.message = fmt::format("The policy {} compares with a reference model, and this experiment trains none.", info->name);
        issue.advice = "Make it a plan: a [[stage]] that trains the reference, and one with this policy and reference.from, as in "
                       "experiments/reference-proxy-main.toml.";
        if (!info->insteadOfReference.empty())
            issue.advice += fmt::format(" Or {}.", info->insteadOfReference);
        return finding;
    }
    if (experiment.training.promptVectors > 0) {
        finding.key = "training.prompt_vectors";
        issue.message = "training.prompt_vectors freezes the model's weights, and this experiment trains none before.";
        issue.advice = "Make it a plan: a [[stage]] that trains the weights, and one with role = \"prompt_tune\", weights.from and training.prompt_vectors.";
        return finding;
    }
    return std::nullopt;
}

std::vector<Finding> checkExperiment(const Experiment &experiment)
{
    Checker check;
    checkInfo(check, experiment.info);
    checkTokenizer(check, experiment.tokenizer);
    checkDomains(check, experiment.domains);
    std::vector<Finding> findings = std::move(check.findings);
    for (auto *more : {&checkRun, &checkStages})
        std::ranges::move((*more)(experiment), std::back_inserter(findings));
    return findings;
}

} // namespace krater
