// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later

// DoReMi (Xie et al. 2023, arXiv 2305.10429): the proxy run. It samples by a mixture that stays, weighs the loss by domain weights that grow where the
// proxy lags behind a reference model on the same tokens (doremi_rule.h), and is run for the mean of those weights, which a main run then samples by.
// The proxy itself is not the result: a reweighted loss is not a resampled one.

#include "core/mixture/doremi_rule.h"
#include "core/mixture/policy_support.h"
#include "core/mixture/state_json.h"

#include <cmath>

namespace krater {

PolicyInfo doremiPolicy();

namespace {

class DoremiPolicy final : public MixturePolicy {
public:
    DoremiPolicy(const PolicyContext &context, const ParameterValues &values);

    Mixture initial() const override { return m_sampling; }
    std::vector<double> weighSequences(const BatchLosses &batch) override;
    std::optional<Mixture> objective() const override { return Mixture::fromWeights(m_state.weights); }
    std::optional<Mixture> update(const PolicyInput &input) override;
    std::vector<PolicyTerm> diagnostics() const override;
    std::string save() const override;
    void restore(const std::string &state) override;

private:
    PolicyContext m_context;
    Mixture m_sampling;
    double m_eta;
    double m_smoothing; // c
    DoremiNormalisation m_normalisation;
    DoremiState m_state;
};

DoremiPolicy::DoremiPolicy(const PolicyContext &context, const ParameterValues &values)
    : m_context(context), m_sampling(Mixture::uniform(context.numDomains()))
{
    const PolicyInfo info = doremiPolicy();
    m_sampling = mixtureOf(values, specOf(info, "sampling"), context);
    m_eta = numberOf(values, specOf(info, "eta"));
    m_smoothing = numberOf(values, specOf(info, "smoothing"));
    m_normalisation =
        choiceOf(values, specOf(info, "normalisation")) == "domain" ? DoremiNormalisation::Domain : DoremiNormalisation::Batch;
    m_state = doremiStart(mixtureOf(values, specOf(info, "prior"), context).weights(), context.vocabulary);
}

std::vector<double> DoremiPolicy::weighSequences(const BatchLosses &batch)
{
    DoremiBatch tokens;
    for (const std::uint32_t domain : batch.domains)
        tokens.domains.insert(tokens.domains.end(), batch.context, domain);
    tokens.proxyLosses.assign(batch.losses.begin(), batch.losses.end());
    tokens.referenceLosses.assign(batch.referenceLosses.begin(), batch.referenceLosses.end());
    tokens.counts.assign(tokens.domains.size(), true);
    m_state = doremiUpdate(std::move(m_state), tokens, m_eta, m_smoothing);
    const std::vector<double> perToken = doremiTokenWeights(tokens, m_state.weights, batch.samplingShares, m_normalisation);
    std::vector<double> weights;
    for (std::size_t row = 0; row < batch.domains.size(); ++row)
        weights.push_back(perToken[row * batch.context] * static_cast<double>(batch.context));
    return weights;
}

// The mixture stays; what explains it moved in weighSequences().
std::optional<Mixture> DoremiPolicy::update(const PolicyInput &input)
{
    checkInput(m_context, input);
    return input.signal == PolicyInput::Signal::Training ? std::optional(m_sampling) : std::nullopt;
}

std::vector<PolicyTerm> DoremiPolicy::diagnostics() const
{
    std::vector<double> logWeights;
    for (const double weight : m_state.weights)
        logWeights.push_back(weight > 0.0 ? std::log(weight) : kUnknown);
    return {{"excess loss", m_state.scores}, {"log weight", std::move(logWeights)}, {"average", m_state.average}};
}

std::string DoremiPolicy::save() const
{
    return nlohmann::json{{"weights", toJson(m_state.weights)},
                          {"scores", toJson(m_state.scores)},
                          {"average", toJson(m_state.average)},
                          {"count", toJson(std::vector<double>{static_cast<double>(m_state.numWeights)})}}
        .dump();
}

void DoremiPolicy::restore(const std::string &state)
{
    const nlohmann::json json = parseState(state);
    const std::size_t numDomains = m_context.numDomains();
    DoremiState restored;
    restored.weights = doublesFrom(json, "weights", numDomains);
    restored.scores = doublesFrom(json, "scores", numDomains);
    restored.average = doublesFrom(json, "average", numDomains);
    restored.numWeights = static_cast<std::uint64_t>(doublesFrom(json, "count", 1)[0]);
    m_state = std::move(restored);
}

std::vector<ParamSpec> parameters()
{
    return {
        numberParam("eta", "Step \u03b7", 1.0, 1e-6, 1e3, "", "How strongly a nat of excess loss moves the log weight at each step."),
        numberParam("smoothing", "Smoothing c", 1e-3, 0.0, 1.0, "", "Share of the weights that is spread evenly, so that no domain is lost."),
        choiceParam("normalisation", "Normalisation", {"batch", "domain"},
                    "batch divides the weighted loss by all tokens' weights, as the authors' code does; domain weighs the mean loss of each domain, as "
                    "their paper says."),
        mixtureParam("sampling", "Sampling", "The mixture that the run samples by from start to end: uniform, natural or weights."),
        mixtureParam("prior", "Prior", "The weights that the loss starts with: uniform, natural or weights."),
    };
}

} // namespace

PolicyInfo doremiPolicy()
{
    return {.name = "doremi",
            .label = "DoReMi",
            .summary = "A proxy run that weighs the loss of domains on which it lags behind a reference model; its mean weights are the result.",
            .formula = "log p_k += \u03b7 mean max(l - l_reference, 0), p = (1-c) softmax(log p) + c/K; the loss is weighted by p, not the draw",
            .reference = "Xie et al. 2023, arXiv 2305.10429, as in the authors' code. Needs a reference model.",
            .adaptive = true,
            .parameters = parameters(),
            .create = [](const PolicyContext &context, const ParameterValues &values) -> std::unique_ptr<MixturePolicy> {
                return std::make_unique<DoremiPolicy>(context, values);
            },
            .needs = PolicyNeeds::ReferenceLosses};
}

} // namespace krater
