// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later

// DoGE (Fan, Pagliardini and Jaggi 2024, arXiv 2310.15393): the proxy run. It samples uniformly, weighs the gradient of each domain by how well it agrees
// with those of the target domains (doge_rule.h), and is run for the mean of those weights. Every step has a backward pass for each domain.

#include "core/mixture/doge_rule.h"
#include "core/mixture/policy_support.h"
#include "core/mixture/state_json.h"

#include <cmath>

namespace krater {

PolicyInfo dogePolicy();

namespace {

std::vector<std::size_t> domainsIn(const Mixture &mixture)
{
    std::vector<std::size_t> domains;
    for (std::size_t k = 0; k < mixture.numDomains(); ++k)
        if (mixture[k] > 0.0)
            domains.push_back(k);
    return domains;
}

class DogePolicy final : public MixturePolicy {
public:
    DogePolicy(const PolicyContext &context, const ParameterValues &values);

    Mixture initial() const override { return m_sampling; }
    std::vector<double> weighGradients(const DomainProducts &products) override;
    double gradientClip() const override { return m_clip; }
    std::optional<Mixture> objective() const override { return Mixture::fromWeights(m_state.weights); }
    std::optional<Mixture> update(const PolicyInput &input) override;
    std::vector<PolicyTerm> diagnostics() const override { return m_terms; }
    std::string save() const override;
    void restore(const std::string &state) override;

private:
    PolicyContext m_context;
    DogeSettings m_settings;
    double m_clip; // L2 norm
    Mixture m_sampling;
    DogeState m_state;
    std::vector<PolicyTerm> m_terms;
};

DogePolicy::DogePolicy(const PolicyContext &context, const ParameterValues &values)
    : m_context(context), m_sampling(Mixture::uniform(context.numDomains()))
{
    const PolicyInfo info = dogePolicy();
    m_settings.trained = domainsIn(mixtureOf(values, specOf(info, "trained"), context));
    m_settings.targets = domainsIn(mixtureOf(values, specOf(info, "targets"), context));
    m_settings.mu = numberOf(values, specOf(info, "mu"));
    m_settings.smoothing = numberOf(values, specOf(info, "smoothing"));
    m_clip = numberOf(values, specOf(info, "clip"));
    // Targets have to be in the batch to have a gradient, even where nothing is to be learnt from them.
    std::vector<double> sampled(context.numDomains(), 0.0);
    for (const std::size_t domain : m_settings.trained)
        sampled[domain] = 1.0;
    for (const std::size_t domain : m_settings.targets)
        sampled[domain] = 1.0;
    m_sampling = Mixture::fromWeights(sampled);
    m_state = dogeStart(context.numDomains(), m_settings);
}

std::vector<double> DogePolicy::weighGradients(const DomainProducts &products)
{
    const std::size_t numDomains = m_context.numDomains();
    std::vector<std::vector<double>> rows;
    std::vector<double> norms, alignments(numDomains, 0.0);
    for (std::size_t k = 0; k < numDomains; ++k) {
        const auto row = products.products.subspan(k * numDomains, numDomains);
        rows.emplace_back(row.begin(), row.end());
        norms.push_back(std::sqrt(row[k]));
        for (const std::size_t target : m_settings.targets)
            alignments[k] += row[target];
    }
    m_state = dogeUpdate(std::move(m_state), m_settings, rows, products.learningRate);
    m_terms = {{"alignment", std::move(alignments)}, {"gradient norm", std::move(norms)}, {"average", m_state.average()}};
    return m_state.weights;
}

// The mixture stays; what explains it moved in weighGradients().
std::optional<Mixture> DogePolicy::update(const PolicyInput &input)
{
    checkInput(m_context, input);
    return input.signal == PolicyInput::Signal::Training ? std::optional(m_sampling) : std::nullopt;
}

std::string DogePolicy::save() const
{
    return nlohmann::json{{"weights", toJson(m_state.weights)},
                          {"sum", toJson(m_state.sum)},
                          {"count", toJson(std::vector<double>{static_cast<double>(m_state.numUpdates)})},
                          {"terms", toJson(m_terms)}}
        .dump();
}

void DogePolicy::restore(const std::string &state)
{
    const nlohmann::json json = parseState(state);
    const std::size_t numDomains = m_context.numDomains();
    DogeState restored{doublesFrom(json, "weights", numDomains), doublesFrom(json, "sum", numDomains),
                       static_cast<std::uint64_t>(doublesFrom(json, "count", 1)[0])};
    m_terms = termsFrom(json, numDomains);
    m_state = std::move(restored);
}

std::vector<ParamSpec> parameters()
{
    return {
        mixtureParam("trained", "Trained on", "Domains that are weighted, all alike at first: uniform for all, or those with a weight."),
        mixtureParam("targets", "Targets", "Domains whose loss shall fall: uniform for all, or those with a weight."),
        numberParam("mu", "Step \u03bc", 0.05, 1e-6, 1e3, "", "The smaller, the faster the weights move; the authors take 0.01 for all domains, 0.05 for targets of their own."),
        withZero(numberParam("clip", "Clip", 1.0, 0.0, 1e6, "", "Longest gradient of a domain (L2 norm); 0: any."), "no limit"),
        numberParam("smoothing", "Smoothing \u03b5", 0.0, 0.0, 1.0, "", "Share of the weights that is spread evenly."),
    };
}

} // namespace

PolicyInfo dogePolicy()
{
    return {.name = "doge",
            .label = "DoGE",
            .summary = "A proxy run that weighs domains by how well their gradients agree with those of the targets; its mean weights are the result.",
            .formula = "log p_k += lr sum_target <g_k, g_target> / mean norm / \u03bc, clipped; the step is sum_k p_k g_k",
            .reference = "Fan, Pagliardini and Jaggi 2024, arXiv 2310.15393, as in the authors' code. A backward pass for each domain.",
            .adaptive = true,
            .parameters = parameters(),
            .create = [](const PolicyContext &context, const ParameterValues &values) -> std::unique_ptr<MixturePolicy> {
                return std::make_unique<DogePolicy>(context, values);
            },
            .needs = PolicyNeeds::DomainGradients};
}

} // namespace krater
