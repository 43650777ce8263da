// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The Gibbs rule: p_k = prior_k exp(-H_k / tau) / Z, H in nats/token.
//
// It is the exact minimiser of <p, H> + tau KL(p || prior) over the simplex, whose minimum is -tau ln Z (the Gibbs variational principle;
// Cover and Thomas, Elements of Information Theory, chapter 12, treat the same exponential family). So it lowers the average loss that it
// reports by choosing data whose loss is low already: short, repetitive, templated or memorised text gains, hard text loses, whether or not
// the model learns from it. Sampling a domain lowers its loss, which raises its share again; with the training loss of a small domain that
// rewards memorising, so prefer held-out losses and judge runs on a fixed mixture, never on p itself. tau -> infinity gives the prior,
// tau -> 0 the single easiest domain. direction = hard_first is +H: it favours text with a high loss, irreducible noise included.
// Without smoothing the rule has no memory: the ratio of two shares is at most exp((H_max - H_min) / tau) times that of the prior.

#include "core/mixture/policy_support.h"
#include "core/mixture/state_json.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace krater {

PolicyInfo gibbsPolicy();

namespace {

constexpr double kNever = -std::numeric_limits<double>::infinity();

// A domain that is missing from what was measured keeps its last loss; one that was never measured is taken at the mean of those that were
// (its "H" is then NaN, "H smoothed" holds the mean).
class GibbsPolicy final : public MixturePolicy {
public:
    GibbsPolicy(const PolicyContext &context, const ParameterValues &values);

    Mixture initial() const override { return m_prior.withFloor(m_floor); }
    std::optional<Mixture> update(const PolicyInput &input) override;
    std::vector<PolicyTerm> diagnostics() const override { return m_terms; }
    std::string save() const override;
    void restore(const std::string &state) override;

private:
    void remember(const PolicyInput &input);
    std::vector<double> logits(const std::vector<double> &losses) const;

    PolicyContext m_context;
    Mixture m_prior;
    double m_temperature; // tau, nats/token
    double m_floor;
    double m_smoothing;   // weight of the past in the moving average
    std::uint64_t m_interval; // steps
    PolicyInput::Signal m_signal;
    bool m_hardFirst;

    std::vector<double> m_last;     // K, nats/token, NaN before a domain's first loss
    std::vector<double> m_smoothed; // K, likewise
    std::optional<std::uint64_t> m_updatedAt; // step of the last update
    std::vector<PolicyTerm> m_terms;
};

GibbsPolicy::GibbsPolicy(const PolicyContext &context, const ParameterValues &values)
    : m_context(context), m_prior(Mixture::uniform(context.numDomains())), m_last(context.numDomains(), kUnknown),
      m_smoothed(context.numDomains(), kUnknown)
{
    const PolicyInfo info = gibbsPolicy();
    m_prior = mixtureOf(values, specOf(info, "prior"), context);
    m_temperature = numberOf(values, specOf(info, "temperature"));
    m_floor = numberOf(values, specOf(info, "floor"));
    m_smoothing = numberOf(values, specOf(info, "smoothing"));
    m_interval = stepsOf(values, specOf(info, "interval"));
    m_signal = signalOf(values, specOf(info, "signal"));
    m_hardFirst = choiceOf(values, specOf(info, "direction")) == "hard_first";
}

std::optional<Mixture> GibbsPolicy::update(const PolicyInput &input)
{
    checkInput(m_context, input);
    if (input.signal != m_signal)
        return std::nullopt;
    remember(input);
    const bool due = m_signal == PolicyInput::Signal::HeldOut ? !m_updatedAt || input.step >= *m_updatedAt + m_interval
                                                              : input.step % m_interval == 0;
    const bool measured = std::ranges::any_of(m_last, [](double loss) { return !std::isnan(loss); });
    if (!due || !measured)
        return std::nullopt;

    m_updatedAt = input.step;
    const std::vector<double> losses = withMeanForUnknown(m_smoothed);
    std::vector<double> logWeights = logits(losses);
    const Mixture mixture = Mixture::softmax(logWeights);
    const double largest = std::ranges::max(logWeights);
    double sum = 0.0;
    for (const double logWeight : logWeights)
        sum += std::exp(logWeight - largest);
    for (double &logWeight : logWeights)
        logWeight = logWeight == kNever ? kUnknown : logWeight - largest - std::log(sum);
    m_terms = {{"H", m_last}, {"H smoothed", losses}, {"log weight", std::move(logWeights)}};
    return mixture.withFloor(m_floor);
}

void GibbsPolicy::remember(const PolicyInput &input)
{
    for (std::size_t k = 0; k < m_last.size(); ++k) {
        if (!input.present[k])
            continue;
        m_last[k] = input.losses[k];
        m_smoothed[k] = std::isnan(m_smoothed[k]) ? m_last[k] : m_smoothing * m_smoothed[k] + (1.0 - m_smoothing) * m_last[k];
    }
}

// log prior_k -+ H_k / tau, less the best domain's loss: that shifts all alike and keeps huge losses from overflowing.
std::vector<double> GibbsPolicy::logits(const std::vector<double> &losses) const
{
    double best = m_hardFirst ? kNever : -kNever;
    for (std::size_t k = 0; k < losses.size(); ++k)
        if (m_prior[k] > 0.0)
            best = m_hardFirst ? std::max(best, losses[k]) : std::min(best, losses[k]);
    std::vector<double> result(losses.size(), kNever);
    for (std::size_t k = 0; k < losses.size(); ++k)
        if (m_prior[k] > 0.0)
            result[k] = std::log(m_prior[k]) - std::abs(losses[k] - best) / m_temperature;
    return result;
}

std::string GibbsPolicy::save() const
{
    nlohmann::json state{{"last", toJson(m_last)}, {"smoothed", toJson(m_smoothed)}, {"terms", toJson(m_terms)}};
    if (m_updatedAt)
        state["updated_at"] = *m_updatedAt;
    return state.dump();
}

void GibbsPolicy::restore(const std::string &state)
{
    const nlohmann::json json = parseState(state);
    const std::size_t numDomains = m_context.numDomains();
    std::vector<double> last = doublesFrom(json, "last", numDomains);
    std::vector<double> smoothed = doublesFrom(json, "smoothed", numDomains);
    std::vector<PolicyTerm> terms = termsFrom(json, numDomains);
    const nlohmann::json updatedAt = json.value("updated_at", nlohmann::json());
    m_updatedAt = updatedAt.is_number_unsigned() ? std::optional(updatedAt.get<std::uint64_t>()) : std::nullopt;
    m_last = std::move(last);
    m_smoothed = std::move(smoothed);
    m_terms = std::move(terms);
}

std::vector<ParamSpec> parameters()
{
    return {
        numberParam("temperature", "Temperature \u03c4", 1.0, 1e-3, 1e6, "nats/token",
                    "Low follows the losses sharply, high stays near the prior; 1 is the plain rule softmax(-H)."),
        mixtureParam("prior", "Prior", "The mixture that the rule starts from and is pulled towards: uniform, natural or weights."),
        floorParam("The share that every domain keeps: p becomes (1 - K floor) p + floor."),
        numberParam("smoothing", "Smoothing", 0.0, 0.0, 0.9999, "", "Weight of the past in a moving average of H; 0 uses the last loss alone."),
        integerParam("interval", "Interval", 1, 1, 1e9, "steps",
                     "Steps between updates; by held-out losses, the first evaluation at or after so many steps updates."),
        signalParam("Which loss H is: of the batches just trained on, or of held-out text at each evaluation."),
        choiceParam("direction", "Direction", {"easy_first", "hard_first"},
                    "easy_first gives more to low losses (-H), hard_first to high ones (+H), noise included."),
    };
}

} // namespace

PolicyInfo gibbsPolicy()
{
    return {.name = "gibbs",
            .label = "Gibbs",
            .summary = "Shares follow the losses: exp(-H) of every domain, so easy text gains and hard text loses.",
            .formula = "p_k = prior_k exp(-H_k / \u03c4) / Z: minimises <p, H> + \u03c4 KL(p || prior), minimum -\u03c4 ln Z",
            .reference = "Gibbs variational principle (Cover and Thomas, Elements of Information Theory, ch. 12). Favours data that is easy already, "
                         "learnt or not: compare runs on a fixed mixture.",
            .adaptive = true,
            .parameters = parameters(),
            .create = [](const PolicyContext &context, const ParameterValues &values) -> std::unique_ptr<MixturePolicy> {
                return std::make_unique<GibbsPolicy>(context, values);
            }};
}

} // namespace krater
