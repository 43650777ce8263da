// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/mixture/mixture_design.h"

#include "core/base/error.h"
#include "core/config/graph_file.h"
#include "core/mixture/policy_registry.h"
#include "core/mixture/policy_support.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <numeric>

namespace krater {

namespace {

constexpr double kRepetitionHalfLife = 15.387756; // R*_D of the data-constrained law
constexpr const char *kTemperatureParameter = "temperature";

std::string priorParameterOf(const PolicyInfo &policy)
{
    const auto found = std::ranges::find(policy.parameters, ParamSpec::Kind::Mixture, &ParamSpec::kind);
    return found == policy.parameters.end() ? std::string() : found->name;
}

Weights weightsByName(const Mixture &mixture, const std::vector<std::string> &domains)
{
    Weights weights;
    for (std::size_t k = 0; k < domains.size(); ++k)
        weights[domains[k]] = mixture[k];
    return weights;
}

std::vector<double> withEveryDomain(std::vector<double> tokens, std::size_t numDomains)
{
    tokens.resize(numDomains, 0.0);
    return tokens;
}

// The prior that keeps the design's mixture: by name where it has one.
ParameterValue priorLike(const MixtureDesign &design, const std::vector<std::string> &domains)
{
    if (design.preset() == MixtureDesign::Preset::Uniform)
        return std::string("uniform");
    if (design.preset() == MixtureDesign::Preset::Natural)
        return std::string("natural");
    return weightsByName(*design.mixture(), domains);
}

std::string_view trimmed(std::string_view text, std::string_view unwanted)
{
    const auto first = text.find_first_not_of(unwanted);
    if (first == std::string_view::npos)
        return {};
    return text.substr(first, text.find_last_not_of(unwanted) - first + 1);
}

// "name <separator> number", where the separator is the last one that a number follows.
std::pair<std::string, double> parseWeight(std::string_view entry)
{
    const auto separator = entry.find_last_of("=:,\t;");
    if (separator == std::string_view::npos)
        throw Error(fmt::format("\"{}\" is not a domain with a weight", entry), "Write one domain a line: code = 0.4");
    const auto name = trimmed(entry.substr(0, separator), " \t\"'");
    const auto number = trimmed(entry.substr(separator + 1), " \t\"'%");
    double weight = 0;
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), weight);
    if (error != std::errc() || end != number.data() + number.size() || !std::isfinite(weight) || weight < 0)
        throw Error(fmt::format("\"{}\" is not a weight for {}", number, name), "Weights are numbers of at least 0.");
    return {std::string(name), weight};
}

} // namespace

MixtureDesign::MixtureDesign(const Experiment &experiment, std::vector<double> tokens)
    : m_experiment(experiment)
    , m_tokens(withEveryDomain(std::move(tokens), experiment.domains.size()))
{
    const PolicyInfo *policy = findPolicy(experiment.mixture.policy);
    if (!policy || experiment.domains.empty()) {
        m_problem =
            policy ? "There is no domain yet." : fmt::format("There is no policy \"{}\".", experiment.mixture.policy);
        return;
    }
    m_priorParameter = priorParameterOf(*policy);
    PolicyContext context;
    context.domains = experiment.domainNames();
    context.tokens = m_tokens;
    context.tokenBudget = experiment.training.tokenBudget;
    context.numSteps = experiment.numSteps();
    try {
        m_mixture = createPolicy(policy->name, context, withGraphsRead(experiment).mixture.parameters)->initial();
    } catch (const Error &error) {
        m_problem = tokensKnown() ? error.what() : "The tokens of the domains are not counted yet.";
    }
}

bool MixtureDesign::tokensKnown() const
{
    return m_tokens.size() == m_experiment.domains.size()
        && std::ranges::all_of(m_tokens, [](double n) { return n > 0; });
}

std::optional<MixtureDesign::Preset> MixtureDesign::preset() const
{
    std::string name = m_experiment.mixture.policy;
    if (editsPrior()) {
        const auto &parameters = m_experiment.mixture.parameters;
        const auto given = parameters.find(m_priorParameter);
        const ParameterValue &prior = given != parameters.end()
            ? given->second
            : specOf(*findPolicy(name), m_priorParameter).defaultValue;
        if (const auto *text = std::get_if<std::string>(&prior))
            name = *text;
        else
            return std::nullopt;
    }
    if (name == "natural")
        return Preset::Natural;
    if (name == "uniform")
        return Preset::Uniform;
    if (name == "temperature")
        return Preset::Temperature;
    return std::nullopt;
}

double MixtureDesign::temperature() const
{
    const auto &parameters = m_experiment.mixture.parameters;
    const auto found = parameters.find(kTemperatureParameter);
    if (m_experiment.mixture.policy == "temperature" && found != parameters.end())
        if (const auto *value = std::get_if<double>(&found->second))
            return *value;
    return 2;
}

Experiment MixtureDesign::withMixture(const Mixture &mixture) const
{
    Experiment changed = m_experiment;
    if (!editsPrior()) {
        changed.mixture.policy = "manual";
        changed.mixture.parameters.clear();
    }
    changed.mixture.parameters[editsPrior() ? m_priorParameter : "weights"] =
        weightsByName(mixture, m_experiment.domainNames());
    return changed;
}

Experiment MixtureDesign::withPreset(Preset preset, double temperature) const
{
    if (editsPrior() && preset == Preset::Temperature)
        return withMixture(Mixture::temperature(m_tokens, temperature));
    Experiment changed = m_experiment;
    const std::string name = preset == Preset::Natural ? "natural"
        : preset == Preset::Uniform                    ? "uniform"
                                                       : "temperature";
    if (editsPrior()) {
        changed.mixture.parameters[m_priorParameter] = name;
        return changed;
    }
    changed.mixture.policy = name;
    changed.mixture.parameters.clear();
    if (preset == Preset::Temperature)
        changed.mixture.parameters[kTemperatureParameter] = temperature;
    return changed;
}

Experiment MixtureDesign::withPolicy(const std::string &policy) const
{
    Experiment changed = m_experiment;
    changed.mixture.policy = policy;
    changed.mixture.parameters.clear();
    const PolicyInfo *info = findPolicy(policy);
    if (!info)
        return changed;
    for (const ParamSpec &spec : info->parameters) {
        if (spec.kind == ParamSpec::Kind::Weights && m_mixture)
            changed.mixture.parameters[spec.name] = weightsByName(*m_mixture, m_experiment.domainNames());
        if (spec.kind == ParamSpec::Kind::Mixture && m_mixture)
            changed.mixture.parameters[spec.name] = priorLike(*this, m_experiment.domainNames());
    }
    return changed;
}

std::vector<double> MixtureDesign::tokensToDraw() const
{
    std::vector<double> drawn(m_experiment.domains.size(), std::numeric_limits<double>::quiet_NaN());
    for (std::size_t k = 0; m_mixture && k < drawn.size(); ++k)
        drawn[k] = (*m_mixture)[k] * double(m_experiment.training.tokenBudget);
    return drawn;
}

std::vector<double> MixtureDesign::epochs() const
{
    std::vector<double> epochs = tokensToDraw();
    for (std::size_t k = 0; k < epochs.size(); ++k)
        epochs[k] =
            k < m_tokens.size() && m_tokens[k] > 0 ? epochs[k] / m_tokens[k] : std::numeric_limits<double>::quiet_NaN();
    return epochs;
}

std::vector<double> MixtureDesign::sequencesPerStep() const
{
    std::vector<double> sequences(m_experiment.domains.size(), std::numeric_limits<double>::quiet_NaN());
    for (std::size_t k = 0; m_mixture && k < sequences.size(); ++k)
        sequences[k] = (*m_mixture)[k] * m_experiment.training.sequencesPerStep;
    return sequences;
}

std::optional<double> MixtureDesign::worthOfTokens() const
{
    if (!m_mixture || !tokensKnown())
        return std::nullopt;
    const std::vector<double> times = epochs();
    double worth = 0;
    for (std::size_t k = 0; k < times.size(); ++k)
        worth += (*m_mixture)[k] * worthOfEpochs(times[k]);
    return worth;
}

double worthOfEpochs(double epochs)
{
    if (!(epochs > 1))
        return 1;
    return (1 + kRepetitionHalfLife * (1 - std::exp(-(epochs - 1) / kRepetitionHalfLife))) / epochs;
}

Mixture parseMixture(std::string_view text, const std::vector<std::string> &domains)
{
    constexpr std::size_t kMaxText = 1 << 20;
    if (text.size() > kMaxText)
        throw Error("The text is too long for a mixture.", "Paste one line a domain.");
    // JSON objects and TOML inline tables separate entries by commas, everything else by lines.
    std::string_view body = trimmed(text, " \t\r\n");
    const bool inlineTable = body.starts_with('{') && body.ends_with('}');
    if (inlineTable)
        body = body.substr(1, body.size() - 2);
    std::vector<double> weights(domains.size(), 0.0);
    while (!body.empty()) {
        const auto end = std::min(body.find_first_of(inlineTable ? ",\n" : "\n"), body.size());
        const auto entry = trimmed(body.substr(0, end), " \t\r\n");
        body.remove_prefix(std::min(end + 1, body.size()));
        if (entry.empty() || entry.starts_with('#') || entry.starts_with('['))
            continue;
        const auto [name, weight] = parseWeight(entry);
        const auto domain = std::ranges::find(domains, name);
        if (domain == domains.end()) {
            const std::string nearest = nearestName(name, domains);
            throw Error(fmt::format("There is no domain \"{}\".", name),
                        nearest.empty() ? "" : fmt::format("Did you mean \"{}\"?", nearest));
        }
        weights[std::size_t(domain - domains.begin())] = weight;
    }
    return Mixture::fromWeights(weights);
}

} // namespace krater
