// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Skill-It (Chen et al. 2023, arXiv 2307.14430), as its code has it (trainer/mw_trainer.py): multiplicative weights along a graph of skills,
// A_ij = how much training on domain i lowers the loss of domain j. It starts at w = prior exp(eta A 1), and after every evaluation
//   w = prior exp(eta A s),  s = sum of the last `window` losses,  p = w / sum w.
// It is not cumulative: what left the window is forgotten. With the identity it is softmax(+eta s), which favours high losses, irreducible
// noise included; only the off-diagonal entries make it the method. A domain without held-out text keeps its last loss, one that never had
// any is taken at the mean of the others.
// With graph = probes the graph is measured at the start of the run, `probe_steps` steps on each domain alone, one after the other:
//   A_ij = (L_j before - L_j after) / L_j before, for the probe on domain i;  w = prior exp(eta A 1) from then on.
// The authors train a model from the start on each domain and compare with its first loss. Here the probes follow one another on the model
// that is trained and are steps of its budget: each finds what those before it have left to learn, and an entry is negative where training on i
// made the model forget j.

#include "core/base/error.h"
#include "core/mixture/policy_support.h"
#include "core/mixture/state_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <deque>

namespace krater {

PolicyInfo skillItPolicy();

namespace {

constexpr double kLargestLoss = 1e280;        // so that sums along the graph stay numbers
constexpr double kLargestEffect = 1e3;        // as of what may be typed
constexpr std::size_t kMostDomainsShown = 16; // each has a term of its own, with a value for each

bool isProbed(const ParameterValues &values)
{
    return choiceOf(values, specOf(skillItPolicy(), "graph")) == kProbedGraph;
}

class SkillItPolicy final : public MixturePolicy {
public:
    SkillItPolicy(const PolicyContext &context, const ParameterValues &values);

    Mixture initial() const override { return m_probes ? m_prior : mixtureOfGraph(); }
    std::optional<Mixture> update(const PolicyInput &input) override;
    bool wantsEvaluation() const override { return m_probes && m_probes->evaluate; }
    std::vector<PolicyTerm> diagnostics() const override { return m_terms; }
    std::vector<std::string> warnings() const override;
    std::string save() const override;
    void restore(const std::string &state) override;

private:
    // How far the measurement of the graph has come.
    struct Probes {
        bool evaluate = true;            // the held-out losses of now are needed: they end a probe or begin the first
        std::size_t numBegun = 0;        // the last one is running, unless isDone
        bool isDone = false;             // the graph is known
        std::uint64_t stepsOfLast = 0;
        std::vector<double> before = {}; // K, nats/token, at the start of the last
    };

    std::vector<double> alongGraph(const std::vector<double> &values) const; // A v
    Mixture mixture(const std::vector<double> &gains) const;
    Mixture mixtureOfGraph() const { return mixture(alongGraph(std::vector<double>(m_context.numDomains(), 1.0))); }
    std::optional<Mixture> probe(const std::vector<double> &losses);
    std::vector<double> endProbe(const std::vector<double> &losses);
    nlohmann::json savedProbes() const;
    void restoreProbes(const nlohmann::json &json);

    PolicyContext m_context;
    Mixture m_prior;
    std::vector<std::vector<double>> m_graph; // [K, K]
    double m_eta;
    std::size_t m_window; // evaluations
    std::uint64_t m_probeSteps;

    std::optional<Probes> m_probes;           // where the graph is measured
    std::vector<double> m_last;               // K, nats/token, NaN before a domain's first loss
    std::deque<std::vector<double>> m_losses; // of the window, oldest first
    std::vector<PolicyTerm> m_terms;
};

SkillItPolicy::SkillItPolicy(const PolicyContext &context, const ParameterValues &values)
    : m_context(context)
    , m_prior(Mixture::uniform(context.numDomains()))
    , m_last(context.numDomains(), kUnknown)
{
    const PolicyInfo info = skillItPolicy();
    m_prior = mixtureOf(values, specOf(info, "prior"), context);
    m_graph = graphOf(values, specOf(info, "graph"), context);
    m_eta = numberOf(values, specOf(info, "eta"));
    m_window = static_cast<std::size_t>(numberOf(values, specOf(info, "window")));
    m_probeSteps = stepsOf(values, specOf(info, "probe_steps"));
    if (isProbed(values)) {
        m_probes.emplace();
        for (std::vector<double> &row : m_graph)
            std::ranges::fill(row, 0.0);
    }
}

std::vector<double> SkillItPolicy::alongGraph(const std::vector<double> &values) const
{
    std::vector<double> result(values.size(), 0.0);
    for (std::size_t i = 0; i < result.size(); ++i)
        for (std::size_t j = 0; j < values.size(); ++j)
            if (m_graph[i][j] != 0.0)
                result[i] += m_graph[i][j] * values[j];
    boundLogits(result); // else the difference of two overflows could be no number
    return result;
}

Mixture SkillItPolicy::mixture(const std::vector<double> &gains) const
{
    std::vector<double> logits(gains.size());
    for (std::size_t k = 0; k < logits.size(); ++k)
        logits[k] = std::log(m_prior[k]) + m_eta * gains[k];
    boundLogits(logits);
    return Mixture::softmax(logits);
}

std::optional<Mixture> SkillItPolicy::update(const PolicyInput &input)
{
    checkInput(m_context, input);
    if (input.signal != PolicyInput::Signal::HeldOut) {
        if (m_probes && !m_probes->isDone)
            m_probes->evaluate = ++m_probes->stepsOfLast >= m_probeSteps;
        return std::nullopt;
    }
    std::optional<std::vector<double>> losses = knownLosses(input, m_last);
    if (!losses)
        return std::nullopt;
    for (double &loss : *losses)
        loss = std::clamp(loss, -kLargestLoss, kLargestLoss);
    if (m_probes && !m_probes->isDone)
        return probe(*losses);
    m_losses.push_back(std::move(*losses));
    if (m_losses.size() > m_window)
        m_losses.pop_front();

    std::vector<double> sum(m_context.numDomains(), 0.0);
    for (const std::vector<double> &of : m_losses)
        for (std::size_t k = 0; k < sum.size(); ++k)
            sum[k] += of[k];
    std::vector<double> gains = alongGraph(sum);
    const Mixture updated = mixture(gains);
    m_terms = {{"H", m_last}, {"H summed", std::move(sum)}, {"gain along graph", std::move(gains)}};
    return updated;
}

// Ends a probe and begins the next one, if it is time.
std::optional<Mixture> SkillItPolicy::probe(const std::vector<double> &losses)
{
    if (!m_probes->evaluate)
        return std::nullopt;
    const std::size_t numDomains = m_context.numDomains(), last = m_probes->numBegun;
    m_terms = {{"probe", std::vector<double>(numDomains, 0.0)}};
    if (last > 0) {
        m_graph[last - 1] = endProbe(losses);
        if (numDomains <= kMostDomainsShown)
            m_terms.push_back({"effect of " + m_context.domains[last - 1], m_graph[last - 1]});
    }
    m_probes->evaluate = false;
    m_probes->isDone = last == numDomains;
    if (m_probes->isDone) {
        m_terms.push_back({"gain along graph", alongGraph(std::vector<double>(numDomains, 1.0))});
        return mixtureOfGraph();
    }
    m_probes->numBegun = last + 1;
    m_probes->stepsOfLast = 0;
    m_probes->before = losses;
    std::vector<double> &onlyNext = m_terms.front().values;
    onlyNext[last] = 1.0;
    return Mixture::fromWeights(onlyNext);
}

// The row of the graph that the last probe gives. A loss of 0 cannot be lowered.
std::vector<double> SkillItPolicy::endProbe(const std::vector<double> &losses)
{
    std::vector<double> effects(losses.size(), 0.0);
    for (std::size_t j = 0; j < effects.size(); ++j)
        if (const double before = m_probes->before[j]; before > 0.0)
            effects[j] = std::clamp((before - losses[j]) / before, -kLargestEffect, kLargestEffect);
    return effects;
}

std::vector<std::string> SkillItPolicy::warnings() const
{
    const std::uint64_t numSteps = m_probeSteps * m_context.numDomains();
    if (!m_probes || m_context.numSteps == 0 || numSteps < m_context.numSteps)
        return {};
    return {fmt::format("Skill-It's probes take {} steps, and the run has {}: it never trains on the mixture that they find. Lower "
                        "probe_steps, or raise training.token_budget.",
                        numSteps, m_context.numSteps)};
}

nlohmann::json SkillItPolicy::savedProbes() const
{
    nlohmann::json graph = nlohmann::json::array();
    for (const std::vector<double> &row : m_graph)
        graph.push_back(toJson(row));
    return {{"evaluate", m_probes->evaluate},
            {"done", m_probes->isDone},
            {"counters", toJson(std::vector<double>{double(m_probes->numBegun), double(m_probes->stepsOfLast)})},
            {"before", toJson(m_probes->before)},
            {"graph", std::move(graph)}};
}

void SkillItPolicy::restoreProbes(const nlohmann::json &json)
{
    const std::size_t numDomains = m_context.numDomains();
    const nlohmann::json before = json.value("before", nlohmann::json()), graph = json.value("graph", nlohmann::json());
    const std::vector<double> counters = doublesFrom(json, "counters", 2);
    Probes probes;
    probes.evaluate = json.value("evaluate", nlohmann::json(false)) == true;
    probes.isDone = json.value("done", nlohmann::json(false)) == true;
    probes.numBegun = static_cast<std::size_t>(counters[0]);
    probes.stepsOfLast = static_cast<std::uint64_t>(counters[1]);
    probes.before = doublesFrom(before, before.is_array() && before.empty() ? 0 : numDomains);
    if (!graph.is_array() || graph.size() != numDomains || probes.numBegun > numDomains
        || (probes.numBegun > 0 && probes.before.empty()))
        throw Error("The saved policy state cannot be read: its graph does not fit.",
                    "Resume from another checkpoint, or start the run again.");
    std::vector<std::vector<double>> rows;
    for (const nlohmann::json &row : graph)
        rows.push_back(doublesFrom(row, numDomains));
    m_graph = std::move(rows);
    m_probes = std::move(probes);
}

std::string SkillItPolicy::save() const
{
    nlohmann::json losses = nlohmann::json::array();
    for (const std::vector<double> &of : m_losses)
        losses.push_back(toJson(of));
    nlohmann::json state{{"last", toJson(m_last)}, {"losses", std::move(losses)}, {"terms", toJson(m_terms)}};
    if (m_probes)
        state["probes"] = savedProbes();
    return state.dump();
}

void SkillItPolicy::restore(const std::string &state)
{
    const nlohmann::json json = parseState(state);
    const std::size_t numDomains = m_context.numDomains();
    std::vector<double> last = doublesFrom(json, "last", numDomains);
    std::deque<std::vector<double>> losses;
    for (const nlohmann::json &of : json.value("losses", nlohmann::json::array()))
        losses.push_back(doublesFrom(of, numDomains));
    std::vector<PolicyTerm> terms = termsFrom(json, numDomains);
    if (m_probes)
        restoreProbes(json.value("probes", nlohmann::json::object()));
    m_terms = std::move(terms);
    m_last = std::move(last);
    m_losses = std::move(losses);
}

std::vector<ParamSpec> parameters()
{
    return {
        graphParam("graph", "Skills graph", -1e3, 1e3,
                   "How much training on a domain lowers the loss of another: { a = { b = 0.5 } }; a domain teaches "
                   "itself 1 unless you say otherwise. \"skills.csv\": in a file. \"probes\": measured at the start of the run."),
        mixtureParam("prior", "Prior",
                     "What the weights start from and are multiplied with: uniform (the method), natural or weights."),
        numberParam("eta", "Step \u03b7", 0.2, 1e-6, 1e3, "",
                    "How strongly losses move the log weights; the authors use 0.1 to 0.8, and 0.2 on natural text."),
        integerParam("window", "Window", 3, 1, 1000, "evaluations", "How many of the last evaluations are summed."),
        integerParam("probe_steps", "Probe", 10, 1, 1e6, "steps",
                     "With graph = \"probes\": the run begins with so many steps on each domain alone, each followed by an evaluation."),
    };
}

} // namespace

PolicyInfo skillItPolicy()
{
    return {
        .name = "skill_it",
        .label = "Skill-It",
        .summary = "Domains gain whose training helps where the loss is high, along a graph of what teaches what.",
        .formula = "p_k ~ prior_k exp(\u03b7 sum_j A_kj s_j), s the sum of the last losses, A_kj the effect of training on k "
                   "on the loss of j",
        .reference = "Chen et al. 2023, arXiv 2307.14430, as in the authors' code; with the identity graph it is "
                     "softmax(+\u03b7 sum H), hard text first.",
        .adaptive = true,
        .parameters = parameters(),
        .create = [](const PolicyContext &context, const ParameterValues &values) -> std::unique_ptr<MixturePolicy> {
            return std::make_unique<SkillItPolicy>(context, values);
        },
        .evaluationsPerStep =
            [](const ParameterValues &values, std::size_t numDomains, std::uint64_t numSteps) {
                return isProbed(values) && numSteps > 0 ? double(numDomains) / double(numSteps) : 0.0;
            }};
}

} // namespace krater
