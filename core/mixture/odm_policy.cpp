// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Online Data Mixing (Albalak et al. 2023, arXiv 2312.02406): a bandit whose arms are the domains and whose reward is the training loss.
//
// Every variant but ema keeps an exploration floor eps_t = min(1/K, sqrt(ln K / (K t))), t the step of the run; eps_(t-1) is the inverse
// temperature, and both start at 1/K. The classes are those of the authors' code (megatron/data/data_sampling_utils.py):
//   smoothed_mean  R <- s R + (1 - s) exp(loss),  p = (1 - K eps_t) R / sum R + eps_t            what their README calls the method
//   smoothed_exp   the same R,                    p = (1 - K eps_t) softmax(eps_(t-1) R) + eps_t  its update of a single domain
//   exp3           R <- R + (loss / 10) / p,      p as in smoothed_exp                            cumulative, importance weighted
//   ema            w <- w + 2/(1+t) (loss - w),   p = w / sum w                                   no floor
//   paper          R <- s R + (1 - s) loss / p,   p as in smoothed_exp                            the paper's own algorithm
// So the published code is linear in an average of the perplexity: no importance weight and no exponential weights, unlike the paper.
// All favour high losses, irreducible noise included. A domain that is not in the batch keeps its R; one that was never seen has R = 0 and
// gets the floor alone. The perplexities are kept as logarithms here, so that no loss overflows.

#include "core/mixture/policy_support.h"
#include "core/mixture/state_json.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <utility>

namespace krater {

PolicyInfo odmPolicy();

namespace {

constexpr double kNever = -std::numeric_limits<double>::infinity();
constexpr double kLargestReward = 1e300;

enum class Variant { SmoothedMean, Exp3, Paper, SmoothedExp, Ema }; // in the order of the choices

class OdmPolicy final : public MixturePolicy {
public:
    OdmPolicy(const PolicyContext &context, const ParameterValues &values);

    Mixture initial() const override { return m_prior; }
    std::optional<Mixture> update(const PolicyInput &input) override;
    std::vector<PolicyTerm> diagnostics() const override { return m_terms; }
    std::string save() const override;
    void restore(const std::string &state) override;

private:
    bool isLogarithmic() const { return m_variant == Variant::SmoothedMean || m_variant == Variant::SmoothedExp; }
    void reward(std::size_t domain, double loss, double step);
    std::optional<Mixture> mixture() const;
    std::vector<double> logits() const;
    void explain(const PolicyInput &input);

    PolicyContext m_context;
    Mixture m_prior;
    Variant m_variant = Variant::SmoothedMean;
    double m_smoothing;       // s
    double m_rewardScale;     // of exp3
    double m_warmup;          // fraction of the run's steps
    std::uint64_t m_interval; // steps
    PolicyInput::Signal m_signal;

    std::vector<double>
        m_rewards; // K: log R of the smoothed variants, R of exp3 and paper, w of ema; NaN before a domain's first loss
    std::vector<double> m_probabilities; // K, of the last update
    double m_epsilon;                    // of the last update
    double m_previousEpsilon;
    std::vector<PolicyTerm> m_terms;
};

OdmPolicy::OdmPolicy(const PolicyContext &context, const ParameterValues &values)
    : m_context(context)
    , m_prior(Mixture::uniform(context.numDomains()))
    , m_rewards(context.numDomains(), kUnknown)
    , m_epsilon(1.0 / static_cast<double>(context.numDomains()))
    , m_previousEpsilon(m_epsilon)
{
    const PolicyInfo info = odmPolicy();
    m_prior = mixtureOf(values, specOf(info, "prior"), context);
    m_probabilities.assign(m_prior.weights().begin(), m_prior.weights().end());
    const ParamSpec &variant = specOf(info, "variant");
    m_variant =
        static_cast<Variant>(std::ranges::find(variant.choices, choiceOf(values, variant)) - variant.choices.begin());
    m_smoothing = numberOf(values, specOf(info, "smoothing"));
    m_rewardScale = numberOf(values, specOf(info, "reward_scale"));
    m_warmup = numberOf(values, specOf(info, "warmup"));
    m_interval = stepsOf(values, specOf(info, "interval"));
    m_signal = signalOf(values, specOf(info, "signal"));
    if (m_variant == Variant::Ema)
        m_rewards = m_probabilities;
}

std::optional<Mixture> OdmPolicy::update(const PolicyInput &input)
{
    checkInput(m_context, input);
    const double step = std::max(static_cast<double>(input.step), 1.0);
    const double warmupSteps = m_warmup * static_cast<double>(m_context.numSteps);
    const bool warm = warmupSteps == 0.0 || static_cast<double>(input.step) > warmupSteps;
    const bool due = m_signal == PolicyInput::Signal::HeldOut || input.step % m_interval == 0;
    if (input.signal != m_signal || !warm || !due || std::ranges::none_of(input.present, std::identity()))
        return std::nullopt;

    const double numDomains = static_cast<double>(m_context.numDomains());
    m_previousEpsilon =
        std::exchange(m_epsilon, std::min(1.0 / numDomains, std::sqrt(std::log(numDomains) / (numDomains * step))));
    for (std::size_t k = 0; k < m_rewards.size(); ++k)
        if (input.present[k])
            reward(k, input.losses[k], step);
    const std::optional<Mixture> updated = mixture();
    if (updated)
        m_probabilities.assign(updated->weights().begin(), updated->weights().end());
    explain(input);
    return updated;
}

void OdmPolicy::reward(std::size_t domain, double loss, double step)
{
    constexpr double kLeastProbability =
        1e-12; // a domain that is drawn although its share is 0 (set by hand) must not divide by it
    double &value = m_rewards[domain];
    const double share = std::max(m_probabilities[domain], kLeastProbability);
    const double before = std::isnan(value) ? 0.0 : value;
    if (m_variant == Variant::Ema) {
        value = std::max(2.0 / (1.0 + step) * loss + (1.0 - 2.0 / (1.0 + step)) * value, 0.0);
    } else if (isLogarithmic()) {
        const double fresh = std::log1p(-m_smoothing) + loss;
        const double kept = std::isnan(value) ? kNever : std::log(m_smoothing) + value;
        const double larger = std::max(fresh, kept);
        value = larger + std::log1p(std::exp(std::min(fresh, kept) - larger));
    } else if (m_variant == Variant::Exp3) {
        value = before + loss * m_rewardScale / share;
    } else {
        value = m_smoothing * before + (1.0 - m_smoothing) * loss / share;
    }
    value = std::clamp(value, -kLargestReward, kLargestReward);
}

// R as the weights' logarithms (smoothed_mean), or eps_(t-1) R.
std::vector<double> OdmPolicy::logits() const
{
    std::vector<double> result(m_rewards.size());
    for (std::size_t k = 0; k < result.size(); ++k) {
        const bool seen = !std::isnan(m_rewards[k]);
        if (m_variant == Variant::SmoothedMean)
            result[k] = seen ? m_rewards[k] : kNever;
        else
            result[k] = seen ? m_previousEpsilon * (isLogarithmic() ? std::exp(m_rewards[k]) : m_rewards[k]) : 0.0;
    }
    boundLogits(result);
    return result;
}

std::optional<Mixture> OdmPolicy::mixture() const
{
    if (m_variant != Variant::Ema)
        return Mixture::softmax(logits()).withFloor(m_epsilon);
    if (std::ranges::all_of(m_rewards, [](double weight) { return weight == 0.0; }))
        return std::nullopt; // losses of 0 say nothing
    return Mixture::fromWeights(m_rewards);
}

void OdmPolicy::explain(const PolicyInput &input)
{
    std::vector<double> losses = input.losses;
    for (std::size_t k = 0; k < losses.size(); ++k)
        if (!input.present[k])
            losses[k] = kUnknown;
    m_terms = {{"H", std::move(losses)}, {isLogarithmic() ? "log reward" : "reward", m_rewards}};
    if (m_variant != Variant::Ema)
        m_terms.push_back({"exploration floor", std::vector<double>(m_rewards.size(), m_epsilon)});
}

std::string OdmPolicy::save() const
{
    return nlohmann::json{{"rewards", toJson(m_rewards)},
                          {"probabilities", toJson(m_probabilities)},
                          {"epsilon", toJson(std::vector<double>{m_epsilon, m_previousEpsilon})},
                          {"terms", toJson(m_terms)}}
        .dump();
}

void OdmPolicy::restore(const std::string &state)
{
    const nlohmann::json json = parseState(state);
    const std::size_t numDomains = m_context.numDomains();
    std::vector<double> rewards = doublesFrom(json, "rewards", numDomains);
    std::vector<double> probabilities = doublesFrom(json, "probabilities", numDomains);
    const std::vector<double> epsilon = doublesFrom(json, "epsilon", 2);
    m_terms = termsFrom(json, numDomains);
    m_rewards = std::move(rewards);
    m_probabilities = std::move(probabilities);
    m_epsilon = epsilon[0];
    m_previousEpsilon = epsilon[1];
}

std::vector<ParamSpec> parameters()
{
    ParamSpec prior =
        mixtureParam("prior", "Prior", "The mixture until the warm-up is over: uniform, natural or weights.");
    prior.defaultValue = std::string("natural");
    return {
        choiceParam("variant", "Variant", {"smoothed_mean", "exp3", "paper", "smoothed_exp", "ema"},
                    "Which of the published rules: smoothed_mean is the method of the authors' code, paper that of "
                    "their paper."),
        std::move(prior),
        numberParam("smoothing", "Smoothing s", 0.9, 0.0, 0.9999, "",
                    "Weight of the past in R (smoothed_mean, smoothed_exp, paper); the authors' class has 0.9, their "
                    "scripts 0.5."),
        numberParam("reward_scale", "Reward scale", 0.1, 1e-6, 1e3, "",
                    "What exp3 multiplies losses with, so that the exponents stay small."),
        numberParam("warmup", "Warm-up", 0.05, 0.0, 1.0, "",
                    "Fraction of the run's steps that keep the prior; the authors' 2,000 of 41,700 steps are 0.05."),
        integerParam("interval", "Interval", 1, 1, 1e9, "steps",
                     "Steps between updates; losses of the steps between are not looked at. By held-out losses every "
                     "evaluation updates."),
        signalParam("Which loss is the reward: of the batches just trained on (the method), or held-out losses at each "
                    "evaluation."),
    };
}

} // namespace

PolicyInfo odmPolicy()
{
    return {
        .name = "odm",
        .label = "ODM",
        .summary = "A bandit that draws more where the loss is high: hard text gains, noise included.",
        .formula = "p_k = (1 - K \u03b5_t) R_k / sum_j R_j + \u03b5_t, R <- s R + (1-s) exp(H), \u03b5_t = min(1/K, "
                   "sqrt(ln K / (K t))) (smoothed_mean)",
        .reference = "Albalak et al. 2023, arXiv 2312.02406; rules of the authors' code, which is linear in an average "
                     "of the perplexity where the "
                     "paper has Exp3's exponential weights.",
        .adaptive = true,
        .parameters = parameters(),
        .create = [](const PolicyContext &context, const ParameterValues &values) -> std::unique_ptr<MixturePolicy> {
            return std::make_unique<OdmPolicy>(context, values);
        }};
}

} // namespace krater
