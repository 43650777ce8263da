// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Adaptive Data Optimization (Jiang et al. 2025, arXiv 2410.11820), as its code has it (src/data_selectors/ado.py). After every step:
//   h <- 0.9 h + 0.1 c,  c the shares of the batch, h starting at the prior mu;
//   the training losses are kept; a domain that is not in the batch is given its last loss, at first the batch's mean;
//   every `interval` steps each domain's losses are fitted with L(n) = exp(e) + exp(a) n^-alpha (core/fit/power_law.h);
//   slope_k = max(alpha_k, 0.05) (L_k(n_k) - exp(e_k)) / n_k,  rho ~ mu_k sqrt(h_k) slope_k,  rho <- max(rho, 0.01) / sum;
//   p = 0.9 p_avg + 0.1 rho,  then p_avg <- (1 - 1/(t+1)) p_avg + rho/(t+1).
// It favours what can still be learnt fastest, and not what is merely hard. n_k counts samples of 1,024 tokens: in other units the grid and
// the penalties of the fit do not suit. With counts = total (the default) every domain's n grows by the whole batch. The losses are those of
// training, so a small domain that is repeated looks learnable. The fit sees losses smoothed by Savitzky-Golay and every tenth of them; smoothed
// losses that can no longer change replace the raw ones, so that the state grows by a tenth of the steps.

#include "core/base/error.h"
#include "core/fit/power_law.h"
#include "core/mixture/ado_rule.h"
#include "core/mixture/loss_history.h"
#include "core/mixture/policy_support.h"
#include "core/mixture/state_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <numeric>

namespace krater {

PolicyInfo adoPolicy();

namespace {

constexpr double kSampleTokens = 1024.0;

class AdoPolicy final : public MixturePolicy {
public:
    AdoPolicy(const PolicyContext &context, const ParameterValues &values);

    Mixture initial() const override { return m_prior; }
    std::optional<Mixture> update(const PolicyInput &input) override;
    std::vector<PolicyTerm> diagnostics() const override { return m_terms; }
    std::vector<std::string> warnings() const override;
    std::string save() const override;
    void restore(const std::string &state) override;

private:
    void remember(const PolicyInput &input);
    void fit();

    PolicyContext m_context;
    Mixture m_prior;          // mu
    std::uint64_t m_start;    // step
    std::uint64_t m_interval; // steps between fits
    double m_historyDecay;
    double m_historyPower;
    double m_leastAlpha;
    double m_leastShare;
    double m_averaging;
    bool m_countsTotal;

    LossHistory m_history;
    std::vector<double> m_last;    // K, nats/token, imputed where absent; empty before the first step
    std::vector<double> m_shares;  // K, h
    std::vector<double> m_seen;    // K, samples
    std::vector<double> m_average; // K, p_avg
    std::vector<PowerLaw> m_laws;  // K, empty before the first fit
    std::vector<PolicyTerm> m_terms;
};

// A number of steps that is 0 is the reference's, or this part of a shorter run's.
std::uint64_t stepsOrAutomatic(const ParameterValues &values, const char *name, std::uint64_t reference,
                               std::uint64_t part, std::uint64_t numSteps)
{
    const std::uint64_t steps = stepsOf(values, specOf(adoPolicy(), name));
    if (steps > 0)
        return steps;
    return numSteps > 0 ? std::min(reference, numSteps / part) : reference;
}

LossHistory historyOf(const PolicyContext &context, const ParameterValues &values)
{
    const PolicyInfo info = adoPolicy();
    const std::uint64_t ignore = stepsOrAutomatic(values, "ignore", 500, 20, context.numSteps);
    return {ignore, stepsOf(values, specOf(info, "window")) | 1, stepsOf(values, specOf(info, "stride"))};
}

AdoPolicy::AdoPolicy(const PolicyContext &context, const ParameterValues &values)
    : m_context(context)
    , m_prior(Mixture::uniform(context.numDomains()))
    , m_history(historyOf(context, values))
    , m_seen(context.numDomains(), 0.0)
{
    const PolicyInfo info = adoPolicy();
    m_prior = mixtureOf(values, specOf(info, "prior"), context);
    m_start = stepsOrAutomatic(values, "start", 1000, 10, context.numSteps);
    m_interval = std::max<std::uint64_t>(stepsOrAutomatic(values, "interval", 1000, 10, context.numSteps), 1);
    m_historyDecay = numberOf(values, specOf(info, "history_decay"));
    m_historyPower = numberOf(values, specOf(info, "history_power"));
    m_leastAlpha = numberOf(values, specOf(info, "least_alpha"));
    m_leastShare = numberOf(values, specOf(info, "least_share"));
    m_averaging = numberOf(values, specOf(info, "averaging"));
    m_countsTotal = choiceOf(values, specOf(info, "counts")) == "total";
    m_shares.assign(m_prior.weights().begin(), m_prior.weights().end());
    m_average = m_shares;
}

std::optional<Mixture> AdoPolicy::update(const PolicyInput &input)
{
    checkInput(m_context, input);
    if (input.signal != PolicyInput::Signal::Training || std::ranges::none_of(input.present, std::identity()))
        return std::nullopt;
    remember(input);
    if (input.step >= m_start && input.step % m_interval == 0)
        fit();
    if (input.step < m_start || m_laws.empty())
        return std::nullopt;

    AdoPreference preference = adoPreference(m_laws, m_prior.weights(), m_shares, m_seen, m_historyPower, m_leastAlpha);
    std::vector<double> shares = clippedShares(preference.shares, m_leastShare);
    std::vector<double> weights(shares.size()), irreducible(shares.size()), alpha(shares.size());
    const double fresh = 1.0 / (static_cast<double>(input.step) + 1.0);
    for (std::size_t k = 0; k < shares.size(); ++k) {
        weights[k] = m_averaging * m_average[k] + (1.0 - m_averaging) * shares[k];
        m_average[k] = (1.0 - fresh) * m_average[k] + fresh * shares[k];
        irreducible[k] = m_laws[k].irreducible();
        alpha[k] = m_laws[k].alpha;
    }
    m_terms = {{"irreducible loss", std::move(irreducible)},
               {"law exponent", std::move(alpha)},
               {"slope", std::move(preference.slopes)},
               {"history share", m_shares},
               {"preference", std::move(shares)}};
    return Mixture::fromWeights(weights);
}

void AdoPolicy::remember(const PolicyInput &input)
{
    const std::size_t numDomains = m_context.numDomains();
    std::vector<double> samples(numDomains, 0.0);
    for (std::size_t k = 0; k < numDomains; ++k)
        if (input.present[k])
            samples[k] = k < input.tokens.size() && input.tokens[k] > 0.0 ? input.tokens[k] / kSampleTokens : 1.0;
    const double all = std::accumulate(samples.begin(), samples.end(), 0.0);
    double mean = 0.0; // of the batch
    for (std::size_t k = 0; k < numDomains; ++k)
        if (input.present[k])
            mean += samples[k] / all * input.losses[k];
    if (m_last.empty())
        m_last.assign(numDomains, mean);
    for (std::size_t k = 0; k < numDomains; ++k) {
        if (input.present[k])
            m_last[k] = input.losses[k];
        m_shares[k] = m_historyDecay * m_shares[k] + (1.0 - m_historyDecay) * samples[k] / all;
        m_seen[k] += m_countsTotal ? all : samples[k];
    }
    m_history.add(m_last, m_seen);
}

// A domain whose losses cannot be fitted keeps its law; before every domain has one, there is none.
void AdoPolicy::fit()
{
    std::vector<PowerLaw> laws = m_laws;
    laws.resize(m_context.numDomains());
    for (std::size_t k = 0; k < laws.size(); ++k) {
        const LossHistory::Series series = m_history.series(k);
        if (const std::optional<PowerLaw> law = fitPowerLaw(series.n, series.losses))
            laws[k] = *law;
        else if (m_laws.empty())
            return;
    }
    m_laws = std::move(laws);
}

std::vector<std::string> AdoPolicy::warnings() const
{
    if (m_context.numSteps == 0 || m_start <= m_context.numSteps)
        return {};
    return {fmt::format("ADO starts at step {}, and the run has {} steps: it never moves the mixture. Lower start, or "
                        "raise training.token_budget.",
                        m_start, m_context.numSteps)};
}

std::string AdoPolicy::save() const
{
    nlohmann::json laws = nlohmann::json::array();
    for (const PowerLaw &law : m_laws)
        laws.push_back(toJson(std::vector<double>{law.a, law.e, law.alpha}));
    return nlohmann::json{{"history", nlohmann::json::parse(m_history.save())},
                          {"last", toJson(m_last)},
                          {"shares", toJson(m_shares)},
                          {"seen", toJson(m_seen)},
                          {"average", toJson(m_average)},
                          {"laws", std::move(laws)},
                          {"terms", toJson(m_terms)}}
        .dump();
}

void AdoPolicy::restore(const std::string &state)
{
    const nlohmann::json json = parseState(state);
    const std::size_t numDomains = m_context.numDomains();
    const auto perDomain = [&](const char *name) {
        return doublesFrom(json, name, numDomains);
    };
    const std::vector<double> shares = perDomain("shares"), seen = perDomain("seen"), average = perDomain("average");
    const nlohmann::json last = json.value("last", nlohmann::json());
    const nlohmann::json laws = json.value("laws", nlohmann::json());
    std::vector<PowerLaw> fitted;
    if (!laws.is_array() || (!laws.empty() && laws.size() != numDomains))
        throw Error("The saved policy state cannot be read: its laws do not fit.",
                    "Resume from another checkpoint, or start the run again.");
    for (const nlohmann::json &law : laws) {
        const std::vector<double> numbers = doublesFrom(law, 3);
        fitted.push_back({numbers[0], numbers[1], numbers[2]});
    }
    m_terms = termsFrom(json, numDomains);
    m_history.restore(json.value("history", nlohmann::json()).dump(), numDomains);
    m_last = last.is_array() && last.empty() ? std::vector<double>() : doublesFrom(last, numDomains);
    m_shares = shares;
    m_seen = seen;
    m_average = average;
    m_laws = std::move(fitted);
}

std::vector<ParamSpec> parameters()
{
    ParamSpec prior =
        mixtureParam("prior", "Prior \u03bc",
                     "The mixture at the start, and what each slope is weighted with: uniform, natural or weights.");
    prior.defaultValue = std::string("natural");
    constexpr const char *kByTheRun = "by the run";
    return {
        std::move(prior),
        withZero(integerParam("start", "Start", 0, 0, 1e9, "steps",
                              "The step from which the rule moves the mixture; 0: 1,000, or a tenth of a shorter run."), kByTheRun),
        withZero(integerParam("interval", "Interval", 0, 0, 1e9, "steps",
                              "Steps between fits of the laws; 0: 1,000, or a tenth of a shorter run."), kByTheRun),
        withZero(integerParam("ignore", "Ignore", 0, 0, 1e9, "steps",
                              "Steps at the start that the fit does not see; 0: 500, or a twentieth of a shorter run."), kByTheRun),
        integerParam("window", "Smoothing window", 101, 5, 10'001, "steps",
                     "Losses are smoothed over so many steps (Savitzky-Golay, order 3; made odd)."),
        integerParam("stride", "Stride", 10, 1, 1e6, "steps",
                     "Every so many steps a smoothed loss is a point of the fit."),
        choiceParam("counts", "Counts", {"total", "own"},
                    "total: a domain's n grows by the whole batch, as in the authors' runs; own: by its own samples."),
        numberParam("history_decay", "History decay", 0.9, 0.0, 0.9999, "",
                    "Weight of the past in the moving average h of the batches' shares."),
        numberParam("history_power", "History power", 0.5, 0.0, 10.0, "",
                    "Power of h: above 0 domains that are drawn little gain little."),
        numberParam("least_alpha", "Least exponent", 0.05, 0.0, 1.0, "", "An exponent below it counts as this."),
        numberParam("least_share", "Least share", 0.01, 0.0, 1.0, "",
                    "Preferences are raised to it before their sum is divided out."),
        numberParam("averaging", "Averaging", 0.9, 0.0, 1.0, "",
                    "Part of the running mean of all preferences in the mixture; the rest is the new one."),
    };
}

} // namespace

PolicyInfo adoPolicy()
{
    return {
        .name = "ado",
        .label = "ADO",
        .summary =
            "Follows what can still be learnt fastest: the slope of a scaling law fitted to every domain's losses.",
        .formula = "p = 0.9 mean(\u03c1) + 0.1 \u03c1, \u03c1_k ~ \u03bc_k sqrt(h_k) \u03b1_k (L_k - L_k(\u221e)) / "
                   "n_k, L_k(n) = exp(e_k) + exp(a_k) n^-\u03b1_k",
        .reference = "Jiang et al. 2025, arXiv 2410.11820, as in the authors' code: n counts samples of 1,024 tokens, "
                     "absent domains keep their last loss.",
        .adaptive = true,
        .parameters = parameters(),
        .create = [](const PolicyContext &context, const ParameterValues &values) -> std::unique_ptr<MixturePolicy> {
            return std::make_unique<AdoPolicy>(context, values);
        }};
}

} // namespace krater
