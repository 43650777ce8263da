// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Skill-It (Chen et al. 2023, arXiv 2307.14430), as its code has it (trainer/mw_trainer.py): multiplicative weights along a graph of skills,
// A_ij = how much training on domain i lowers the loss of domain j. It starts at w = prior exp(eta A 1), and after every evaluation
//   w = prior exp(eta A s),  s = sum of the last `window` losses,  p = w / sum w.
// It is not cumulative: what left the window is forgotten. With the identity it is softmax(+eta s), which favours high losses, irreducible
// noise included; only the off-diagonal entries make it the method. A domain without held-out text keeps its last loss, one that never had
// any is taken at the mean of the others.

#include "core/mixture/policy_support.h"
#include "core/mixture/state_json.h"

#include <algorithm>
#include <cmath>
#include <deque>

namespace krater {

PolicyInfo skillItPolicy();

namespace {

class SkillItPolicy final : public MixturePolicy {
public:
    SkillItPolicy(const PolicyContext &context, const ParameterValues &values);

    Mixture initial() const override { return mixture(alongGraph(std::vector<double>(m_context.numDomains(), 1.0))); }
    std::optional<Mixture> update(const PolicyInput &input) override;
    std::vector<PolicyTerm> diagnostics() const override { return m_terms; }
    std::string save() const override;
    void restore(const std::string &state) override;

private:
    std::vector<double> alongGraph(const std::vector<double> &values) const; // A v
    Mixture mixture(const std::vector<double> &gains) const;

    PolicyContext m_context;
    Mixture m_prior;
    std::vector<std::vector<double>> m_graph; // [K, K]
    double m_eta;
    std::size_t m_window; // evaluations

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
    if (input.signal != PolicyInput::Signal::HeldOut)
        return std::nullopt;
    std::optional<std::vector<double>> losses = knownLosses(input, m_last);
    if (!losses)
        return std::nullopt;
    constexpr double kLargestLoss = 1e280; // so that sums along the graph stay numbers
    for (double &loss : *losses)
        loss = std::clamp(loss, -kLargestLoss, kLargestLoss);
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

std::string SkillItPolicy::save() const
{
    nlohmann::json losses = nlohmann::json::array();
    for (const std::vector<double> &of : m_losses)
        losses.push_back(toJson(of));
    return nlohmann::json{{"last", toJson(m_last)}, {"losses", std::move(losses)}, {"terms", toJson(m_terms)}}.dump();
}

void SkillItPolicy::restore(const std::string &state)
{
    const nlohmann::json json = parseState(state);
    const std::size_t numDomains = m_context.numDomains();
    std::vector<double> last = doublesFrom(json, "last", numDomains);
    std::deque<std::vector<double>> losses;
    for (const nlohmann::json &of : json.value("losses", nlohmann::json::array()))
        losses.push_back(doublesFrom(of, numDomains));
    m_terms = termsFrom(json, numDomains);
    m_last = std::move(last);
    m_losses = std::move(losses);
}

std::vector<ParamSpec> parameters()
{
    return {
        graphParam("graph", "Skills graph", -1e3, 1e3,
                   "How much training on a domain lowers the loss of another: { a = { b = 0.5 } }; a domain teaches "
                   "itself 1 unless you say otherwise."),
        mixtureParam("prior", "Prior",
                     "What the weights start from and are multiplied with: uniform (the method), natural or weights."),
        numberParam("eta", "Step \u03b7", 0.2, 1e-6, 1e3, "",
                    "How strongly losses move the log weights; the authors use 0.1 to 0.8, and 0.2 on natural text."),
        integerParam("window", "Window", 3, 1, 1000, "evaluations", "How many of the last evaluations are summed."),
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
        }};
}

} // namespace krater
