// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Aioli (Chen et al. 2025, arXiv 2411.05735), as its code has it (trainer/aioli_trainer.py). It assumes that losses fall linearly with the mixture,
// L_i(t+1) = L_i(t) - sum_j A_ij p_j, and measures A anew in every round of `interval` steps by training in earnest on one domain after the other:
//   1. G_ij = what probe j lowered the held-out loss of domain i by, mean over `rounds` random orders of the domains; a probe is `probe_steps`
//      steps on a mixture that gives domain j the share f and every other one (1-f)/(K-1);
//   2. A solves G_ij = sum_k M_jk A_ik, M the probes' mixtures; then less its smallest entry if that is negative, over the sum of all entries;
//   3. E <- (1-ema) A + ema E (the first A as it is), p ~ exp(eta sum_i E_ij); or, cumulative, p <- p exp(eta sum_i A_ij).
// The rest of the round trains on p. Probes are part of the budget, and their order matters: it is one training, not K trials.

#include "core/base/rng.h"
#include "core/mixture/policy_support.h"
#include "core/mixture/state_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace krater {

PolicyInfo aioliPolicy();

namespace {

class AioliPolicy final : public MixturePolicy {
public:
    AioliPolicy(const PolicyContext &context, const ParameterValues &values);

    Mixture initial() const override { return Mixture::uniform(m_context.numDomains()); }
    std::optional<Mixture> update(const PolicyInput &input) override;
    bool wantsEvaluation() const override { return m_evaluate; }
    std::vector<PolicyTerm> diagnostics() const override { return m_terms; }
    std::string save() const override;
    void restore(const std::string &state) override;

private:
    bool isProbing() const { return m_probe < numProbes(); }
    std::size_t numProbes() const { return m_numRounds * m_context.numDomains(); }
    std::size_t probedDomain() const;
    void countStep(std::uint64_t step);
    Mixture beginProbe();
    Mixture endRound();
    std::vector<double> lawMatrix() const;

    PolicyContext m_context;
    double m_eta;
    double m_ema; // weight of the past
    bool m_cumulative;
    double m_focus; // f
    std::uint64_t m_interval;   // steps of a round
    std::size_t m_numRounds;    // permutations in a round
    std::uint64_t m_probeSteps;

    bool m_evaluate = true;        // the held-out losses of now are needed: they end a probe or begin a round
    std::uint64_t m_round = 0;     // rounds begun
    std::uint64_t m_roundStart = 0; // step
    std::size_t m_probe;           // number in the round; numProbes(): none, the mixture found is trained on
    std::uint64_t m_stepsOfProbe = 0;
    std::vector<double> m_last;    // K, nats/token, NaN before a domain's first loss
    std::vector<double> m_before;  // K, at the start of the probe
    std::vector<double> m_drops;   // [K, K] row-major, G times the number of permutations
    std::vector<double> m_average; // [K, K], E; empty before the first round's end
    std::vector<double> m_logWeights; // K
    std::vector<PolicyTerm> m_terms;
};

AioliPolicy::AioliPolicy(const PolicyContext &context, const ParameterValues &values)
    : m_context(context), m_last(context.numDomains(), kUnknown), m_before(context.numDomains(), 0.0),
      m_drops(context.numDomains() * context.numDomains(), 0.0), m_logWeights(context.numDomains(), 0.0)
{
    const PolicyInfo info = aioliPolicy();
    m_eta = numberOf(values, specOf(info, "eta"));
    m_ema = numberOf(values, specOf(info, "ema"));
    m_cumulative = choiceOf(values, specOf(info, "memory")) == "cumulative";
    m_focus = numberOf(values, specOf(info, "focus"));
    m_interval = stepsOf(values, specOf(info, "interval"));
    m_numRounds = static_cast<std::size_t>(numberOf(values, specOf(info, "rounds")));
    m_probeSteps = stepsOf(values, specOf(info, "probe_steps"));
    m_probe = numProbes();
}

// Every permutation of every round is another one, and the same in every run.
std::size_t AioliPolicy::probedDomain() const
{
    const std::size_t numDomains = m_context.numDomains();
    std::vector<std::uint32_t> order(numDomains);
    std::iota(order.begin(), order.end(), 0U);
    Rng rng = Rng::stream(m_round * m_numRounds + m_probe / numDomains, "aioli");
    shuffle(order, rng);
    return order[m_probe % numDomains];
}

std::optional<Mixture> AioliPolicy::update(const PolicyInput &input)
{
    checkInput(m_context, input);
    if (input.signal == PolicyInput::Signal::Training) {
        countStep(input.step);
        return std::nullopt;
    }
    std::optional<std::vector<double>> losses = knownLosses(input, m_last);
    if (!m_evaluate || !losses)
        return std::nullopt;
    m_evaluate = false;
    boundLogits(*losses);
    if (!isProbing()) {
        ++m_round;
        m_roundStart = input.step;
        m_probe = 0;
        std::ranges::fill(m_drops, 0.0);
    } else {
        const std::size_t probed = probedDomain(), numDomains = m_context.numDomains();
        for (std::size_t i = 0; i < numDomains; ++i)
            m_drops[i * numDomains + probed] += m_before[i] - (*losses)[i];
        ++m_probe;
    }
    m_before = *std::move(losses);
    return isProbing() ? beginProbe() : endRound();
}

void AioliPolicy::countStep(std::uint64_t step)
{
    m_evaluate = isProbing() ? ++m_stepsOfProbe >= m_probeSteps : step >= m_roundStart + m_interval;
}

Mixture AioliPolicy::beginProbe()
{
    m_stepsOfProbe = 0;
    const std::size_t numDomains = m_context.numDomains(), probed = probedDomain();
    std::vector<double> shares(numDomains, numDomains > 1 ? (1.0 - m_focus) / double(numDomains - 1) : 1.0);
    std::vector<double> marks(numDomains, 0.0);
    shares[probed] = numDomains > 1 ? m_focus : 1.0;
    marks[probed] = 1.0;
    m_terms = {{"probe", std::move(marks)}};
    return Mixture::fromWeights(shares);
}

// A, normalised. M is (f - o) I + o 1 1^T with rows that sum to 1, so its solution needs no elimination: A_ij = (G_ij - o sum_k G_ik) / (f - o).
std::vector<double> AioliPolicy::lawMatrix() const
{
    const std::size_t numDomains = m_context.numDomains();
    std::vector<double> law = m_drops;
    const double largest = std::abs(*std::ranges::max_element(law, {}, [](double drop) { return std::abs(drop); }));
    for (double &entry : law)
        entry = largest > 0.0 ? entry / largest : 0.0; // the sum is divided out below; huge losses must not overflow
    const double other = numDomains > 1 ? (1.0 - m_focus) / double(numDomains - 1) : 0.0;
    if (numDomains > 1 && m_focus > other)
        for (std::size_t i = 0; i < numDomains; ++i) {
            const auto row = std::span(law).subspan(i * numDomains, numDomains);
            const double sum = std::accumulate(row.begin(), row.end(), 0.0);
            for (double &entry : row)
                entry = (entry - other * sum) / (m_focus - other);
        }
    const double least = std::min(0.0, *std::ranges::min_element(law));
    for (double &entry : law)
        entry -= least;
    const double sum = std::accumulate(law.begin(), law.end(), 0.0);
    for (double &entry : law) // no drop at all says nothing: all alike
        entry = sum > 0.0 ? entry / sum : 1.0 / double(law.size());
    return law;
}

Mixture AioliPolicy::endRound()
{
    const std::size_t numDomains = m_context.numDomains();
    const std::vector<double> law = lawMatrix();
    if (m_average.empty() || m_cumulative)
        m_average = law;
    else
        for (std::size_t i = 0; i < law.size(); ++i)
            m_average[i] = (1.0 - m_ema) * law[i] + m_ema * m_average[i];
    std::vector<double> gains(numDomains, 0.0);
    for (std::size_t i = 0; i < law.size(); ++i)
        gains[i % numDomains] += m_average[i];
    for (std::size_t j = 0; j < numDomains; ++j)
        m_logWeights[j] = (m_cumulative ? m_logWeights[j] : 0.0) + m_eta * gains[j];
    boundLogits(m_logWeights);
    m_terms = {{"probe", std::vector<double>(numDomains, 0.0)}, {"gain", std::move(gains)}, {"log weight", m_logWeights}};
    return Mixture::softmax(m_logWeights);
}

std::string AioliPolicy::save() const
{
    return nlohmann::json{{"evaluate", m_evaluate},
                          {"counters", toJson(std::vector<double>{double(m_round), double(m_roundStart), double(m_probe), double(m_stepsOfProbe)})},
                          {"last", toJson(m_last)},
                          {"before", toJson(m_before)},
                          {"drops", toJson(m_drops)},
                          {"average", toJson(m_average)},
                          {"log_weights", toJson(m_logWeights)},
                          {"terms", toJson(m_terms)}}
        .dump();
}

void AioliPolicy::restore(const std::string &state)
{
    const nlohmann::json json = parseState(state);
    const std::size_t numDomains = m_context.numDomains(), size = numDomains * numDomains;
    const nlohmann::json average = json.value("average", nlohmann::json::array());
    AioliPolicy restored = *this;
    const std::vector<double> counters = doublesFrom(json, "counters", 4);
    restored.m_evaluate = json.value("evaluate", nlohmann::json(false)) == true;
    restored.m_round = static_cast<std::uint64_t>(counters[0]);
    restored.m_roundStart = static_cast<std::uint64_t>(counters[1]);
    restored.m_probe = std::min(static_cast<std::size_t>(counters[2]), numProbes());
    restored.m_stepsOfProbe = static_cast<std::uint64_t>(counters[3]);
    restored.m_last = doublesFrom(json, "last", numDomains);
    restored.m_before = doublesFrom(json, "before", numDomains);
    restored.m_drops = doublesFrom(json, "drops", size);
    restored.m_average = doublesFrom(average, average.empty() ? 0 : size);
    restored.m_logWeights = doublesFrom(json, "log_weights", numDomains);
    restored.m_terms = termsFrom(json, numDomains);
    *this = std::move(restored);
}

std::vector<ParamSpec> parameters()
{
    return {
        numberParam("eta", "Step \u03b7", 1.0, 1e-6, 1e3, "", "How sharply the mixture follows the gains: they sum to 1 over the domains."),
        choiceParam("memory", "Memory", {"average", "cumulative"},
                    "average follows a moving average of the measurements, cumulative multiplies all of them."),
        numberParam("ema", "Past", 0.1, 0.0, 0.9999, "", "Weight of earlier rounds in the moving average."),
        integerParam("interval", "Interval", 200, 1, 1e9, "steps", "Steps of a round, its probes included."),
        integerParam("rounds", "Permutations", 2, 1, 1000, "", "How often every domain is probed in a round."),
        integerParam("probe_steps", "Probe", 10, 1, 1e6, "steps",
                     "Steps of a probe; each is followed by an evaluation. A round needs domains x permutations x these steps for its probes."),
        numberParam("focus", "Focus f", 0.75, 0.01, 1.0, "", "Share of the probed domain during its probe; the others share the rest alike."),
    };
}

std::vector<ParameterProblem> check(const ParameterValues &values, const std::vector<std::string> &domains)
{
    const PolicyInfo info = aioliPolicy();
    std::vector<ParameterProblem> problems;
    const auto probes = double(domains.size()) * numberOf(values, specOf(info, "rounds")) * numberOf(values, specOf(info, "probe_steps"));
    if (probes >= numberOf(values, specOf(info, "interval")))
        problems.push_back({"interval", fmt::format("the probes of a round take {:.0f} steps, and interval is {:.0f}", probes, numberOf(values, specOf(info, "interval"))),
                            "raise interval, or lower rounds or probe_steps"});
    if (domains.size() > 1 && numberOf(values, specOf(info, "focus")) <= 1.0 / double(domains.size()))
        problems.push_back({"focus", fmt::format("focus = {:g} is no more than the uniform share of {} domains: the probes would tell nothing",
                                                 numberOf(values, specOf(info, "focus")), domains.size()),
                            "set it between that and 1, such as 0.75"});
    return problems;
}

} // namespace

PolicyInfo aioliPolicy()
{
    return {.name = "aioli",
            .label = "Aioli",
            .summary = "Trains on one domain after the other for a few steps, and favours those that lower all losses most.",
            .formula = "A_ij = what a step on domain j lowers H_i by, measured by probes; p_j ~ exp(\u03b7 sum_i A_ij)",
            .reference = "Chen et al. 2025, arXiv 2411.05735; as in the authors' code. Probes are part of the budget.",
            .adaptive = true,
            .parameters = parameters(),
            .create = [](const PolicyContext &context, const ParameterValues &values) -> std::unique_ptr<MixturePolicy> {
                return std::make_unique<AioliPolicy>(context, values);
            },
            .evaluationsPerStep =
                [](const ParameterValues &values, std::size_t numDomains, std::uint64_t) {
                    const PolicyInfo info = aioliPolicy();
                    return (double(numDomains) * numberOf(values, specOf(info, "rounds")) + 1.0) / numberOf(values, specOf(info, "interval"));
                },
            .check = check};
}

} // namespace krater
