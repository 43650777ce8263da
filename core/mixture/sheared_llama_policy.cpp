// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Sheared-LLaMA's dynamic batch loading (Xia et al. 2024, arXiv 2310.06694), as its code has it
// (llmshearing/callbacks/dynamic_loading_callback.py), after every evaluation:
//   d = held-out loss - target loss;  p <- (1-c) softmax(log p + eta d) + c/K  (doremi),  (1-c) softmax(p + eta d) + c/K  (bandit), p (constant).
// The paper clips d at 0, the code does not (its issue 42): a domain below its target is taken down. Domains that lag behind the target gain;
// the targets (losses of a model of the wanted size, predicted by a scaling law) take the irreducible part out. In the doremi type a shift of
// all d changes nothing. With target_from = law the targets are predicted from the run's own held-out losses (loss_forecast.h): where each domain
// will stand at the end of the budget if it goes on as it does, so that those gain that have furthest to go; until LossForecast::kFewestLosses
// evaluations after the first step the mixture stays. A domain without held-out text keeps its last d, one that never had any is taken at the mean of the others.

#include "core/base/error.h"
#include "core/mixture/loss_forecast.h"
#include "core/mixture/policy_support.h"
#include "core/mixture/state_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace krater {

PolicyInfo shearedLlamaPolicy();

namespace {

constexpr const char *kFromLaw = "law";

class ShearedLlamaPolicy final : public MixturePolicy {
public:
    ShearedLlamaPolicy(const PolicyContext &context, const ParameterValues &values);

    Mixture initial() const override { return m_prior; }
    std::optional<Mixture> update(const PolicyInput &input) override;
    std::vector<PolicyTerm> diagnostics() const override { return m_terms; }
    std::string save() const override;
    void restore(const std::string &state) override;

private:
    double target(const PolicyInput &input, std::size_t domain) const;

    PolicyContext m_context;
    Mixture m_prior;
    std::string m_type;
    double m_eta;
    double m_smoothing;                     // c
    std::vector<double> m_targets;          // K, nats/token, NaN where none was typed
    std::optional<LossForecast> m_forecast; // instead of those, with target_from = law

    std::vector<double> m_mixture; // K, of the last update
    std::vector<double> m_excess;  // K, d, NaN before a domain's first loss
    std::vector<PolicyTerm> m_terms;
};

ShearedLlamaPolicy::ShearedLlamaPolicy(const PolicyContext &context, const ParameterValues &values)
    : m_context(context)
    , m_prior(Mixture::uniform(context.numDomains()))
    , m_excess(context.numDomains(), kUnknown)
{
    const PolicyInfo info = shearedLlamaPolicy();
    m_prior = mixtureOf(values, specOf(info, "prior"), context);
    m_type = choiceOf(values, specOf(info, "type"));
    m_eta = numberOf(values, specOf(info, "eta"));
    m_smoothing = numberOf(values, specOf(info, "smoothing"));
    m_targets = numbersOf(values, specOf(info, "targets"), context);
    if (choiceOf(values, specOf(info, "target_from")) == kFromLaw)
        m_forecast.emplace(context.numDomains(), context.tokenBudget);
    m_mixture.assign(m_prior.weights().begin(), m_prior.weights().end());
}

// A reference run's loss on the same text stands for a typed one. NaN while a law cannot be fitted.
double ShearedLlamaPolicy::target(const PolicyInput &input, std::size_t domain) const
{
    if (m_forecast)
        return m_forecast->losses()[domain];
    if (domain < input.referenceLosses.size() && std::isfinite(input.referenceLosses[domain]))
        return input.referenceLosses[domain];
    if (std::isnan(m_targets[domain]))
        throw Error(
            fmt::format("The policy sheared_llama has no target loss for domain \"{}\".", m_context.domains[domain]),
            "Give every domain one, as in targets = { a = 2.1, b = 1.7 }: what a model of the wanted quality reaches, "
            "in nats/token.");
    return m_targets[domain];
}

std::optional<Mixture> ShearedLlamaPolicy::update(const PolicyInput &input)
{
    checkInput(m_context, input);
    if (input.signal != PolicyInput::Signal::HeldOut)
        return std::nullopt;
    if (m_forecast)
        m_forecast->add(input);
    for (std::size_t k = 0; k < m_excess.size(); ++k)
        if (input.present[k])
            m_excess[k] = input.losses[k] - target(input, k);
    if (std::ranges::all_of(m_excess, [](double excess) { return std::isnan(excess); }))
        return std::nullopt;
    const std::vector<double> excess = withMeanForUnknown(m_excess);
    m_terms = {{"excess loss", excess}};
    if (m_forecast)
        m_terms.push_back({"target loss", m_forecast->losses()});
    if (m_type == "constant")
        return m_prior; // so that the terms are stored

    std::vector<double> logits(excess.size());
    for (std::size_t k = 0; k < logits.size(); ++k)
        logits[k] = (m_type == "doremi" ? std::log(m_mixture[k]) : m_mixture[k]) + m_eta * excess[k];
    boundLogits(logits);
    const double numDomains = static_cast<double>(logits.size());
    const Mixture mixture = Mixture::softmax(logits).withFloor(m_smoothing / numDomains);
    m_mixture.assign(mixture.weights().begin(), mixture.weights().end());
    m_terms.push_back({"log weight", std::move(logits)});
    return mixture;
}

std::string ShearedLlamaPolicy::save() const
{
    nlohmann::json state{{"mixture", toJson(m_mixture)}, {"excess", toJson(m_excess)}, {"terms", toJson(m_terms)}};
    if (m_forecast)
        state["forecast"] = m_forecast->save();
    return state.dump();
}

void ShearedLlamaPolicy::restore(const std::string &state)
{
    const nlohmann::json json = parseState(state);
    const std::size_t numDomains = m_context.numDomains();
    std::vector<double> mixture = doublesFrom(json, "mixture", numDomains);
    std::vector<double> excess = doublesFrom(json, "excess", numDomains);
    if (m_forecast)
        m_forecast->restore(stringFrom(json, "forecast"));
    m_terms = termsFrom(json, numDomains);
    m_mixture = std::move(mixture);
    m_excess = std::move(excess);
}

std::vector<ParamSpec> parameters()
{
    ParamSpec prior =
        mixtureParam("prior", "Prior", "The mixture that the rule starts from: uniform, natural or weights.");
    prior.defaultValue = std::string("natural");
    return {
        choiceParam("type", "Type", {"doremi", "bandit", "constant"},
                    "doremi adds to the log of the last mixture, bandit to the mixture itself, constant only shows the "
                    "excess losses."),
        numbersParam("targets", "Target losses", 0.0, 1e3, "nats/token",
                     "The held-out loss that every domain should reach; a reference run's losses stand for them where "
                     "there is one."),
        choiceParam("target_from", "Targets from", {"given", kFromLaw},
                    fmt::format("given: targets, or a reference run; law: the losses that a power law, fitted to those of the "
                                "run, foretells for its end. It starts at evaluation {}.",
                                LossForecast::kFewestLosses)),
        std::move(prior),
        numberParam("eta", "Step \u03b7", 1.0, 1e-6, 1e3, "",
                    "How strongly a nat of excess loss moves the log weight at each evaluation."),
        numberParam("smoothing", "Smoothing c", 1e-4, 0.0, 1.0, "",
                    "Share that is spread evenly, so that no domain is lost."),
    };
}

bool hasTargets(const ParameterValues &values)
{
    const auto *targets = std::get_if<Weights>(&values.at("targets"));
    return targets && !targets->empty();
}

bool isFromLaw(const ParameterValues &values)
{
    return choiceOf(values, specOf(shearedLlamaPolicy(), "target_from")) == kFromLaw;
}

std::vector<ParameterProblem> check(const ParameterValues &values, const std::vector<std::string> &)
{
    if (!isFromLaw(values) || !hasTargets(values))
        return {};
    return {{"target_from", "target_from = \"law\" leaves no use for targets", "remove one of the two"}};
}

} // namespace

PolicyInfo shearedLlamaPolicy()
{
    return {
        .name = "sheared_llama",
        .label = "Sheared-LLaMA",
        .summary = "Domains whose held-out loss lags behind a target gain; those that have reached it lose.",
        .formula = "p <- (1-c) softmax(log p + \u03b7 (H - target)) + c/K at every evaluation (doremi)",
        .reference = "Xia et al. 2024, arXiv 2310.06694; the excess is not clipped at 0, as in the authors' code and "
                     "unlike their paper.",
        .adaptive = true,
        .parameters = parameters(),
        .create = [](const PolicyContext &context, const ParameterValues &values) -> std::unique_ptr<MixturePolicy> {
            return std::make_unique<ShearedLlamaPolicy>(context, values);
        },
        .check = check,
        .lacksReference = [](const ParameterValues &values) { return !isFromLaw(values) && !hasTargets(values); },
        .insteadOfReference = "give every domain a target, as in targets = { a = 2.1, b = 1.7 }, or write target_from = \"law\""};
}

} // namespace krater
