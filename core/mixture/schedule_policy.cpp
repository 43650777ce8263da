// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Mixtures over the token budget, set beforehand: `points` says which mixture holds at which fraction of the budget. Between two points the
// shares move in a straight line (linear) or stay until the next point (step); before the first point its mixture holds, after the last one
// that of the last. A curriculum is a schedule; so is an annealing phase at the end of a run.

#include "core/mixture/policy_support.h"
#include "core/mixture/state_json.h"

#include <algorithm>

namespace krater {

PolicyInfo schedulePolicy();

namespace {

class SchedulePolicy final : public MixturePolicy {
public:
    SchedulePolicy(const PolicyContext &context, const ParameterValues &values);

    Mixture initial() const override { return at(0.0); }
    std::optional<Mixture> update(const PolicyInput &input) override;
    std::vector<PolicyTerm> diagnostics() const override { return m_terms; }
    std::string save() const override;
    void restore(const std::string &state) override;

private:
    struct Point {
        double at; // fraction of the budget
        Mixture mixture;
    };

    double progress(const PolicyInput &input) const;
    Mixture at(double progress) const;

    PolicyContext m_context;
    std::vector<Point> m_points;
    bool m_isLinear;

    Mixture m_mixture; // the last that was given
    std::vector<PolicyTerm> m_terms;
};

SchedulePolicy::SchedulePolicy(const PolicyContext &context, const ParameterValues &values)
    : m_context(context)
    , m_isLinear(choiceOf(values, specOf(schedulePolicy(), "interpolation")) == "linear")
    , m_mixture(Mixture::uniform(context.numDomains()))
{
    for (const MixturePoint &point : std::get<Schedule>(values.at("points")))
        m_points.push_back({point.at, mixtureOf(point, context)});
    m_mixture = at(0.0);
}

// Without a budget (a preview) the steps count, and without either the run is at its start.
double SchedulePolicy::progress(const PolicyInput &input) const
{
    if (m_context.tokenBudget > 0)
        return static_cast<double>(input.tokensDone) / static_cast<double>(m_context.tokenBudget);
    return m_context.numSteps > 0 ? static_cast<double>(input.step) / static_cast<double>(m_context.numSteps) : 0.0;
}

Mixture SchedulePolicy::at(double progress) const
{
    const auto next = std::ranges::find_if(m_points, [=](const Point &point) { return point.at > progress; });
    if (next == m_points.begin())
        return next->mixture;
    const auto last = std::prev(next);
    if (next == m_points.end() || !m_isLinear)
        return last->mixture;
    const double part = (progress - last->at) / (next->at - last->at);
    std::vector<double> weights(m_context.numDomains());
    for (std::size_t k = 0; k < weights.size(); ++k)
        weights[k] = (1.0 - part) * last->mixture[k] + part * next->mixture[k];
    return Mixture::fromWeights(weights);
}

std::optional<Mixture> SchedulePolicy::update(const PolicyInput &input)
{
    checkInput(m_context, input);
    Mixture mixture = at(progress(input));
    if (input.signal != PolicyInput::Signal::Training || mixture == m_mixture)
        return std::nullopt;
    m_mixture = std::move(mixture);
    m_terms = {{"scheduled share", {m_mixture.weights().begin(), m_mixture.weights().end()}}};
    return m_mixture;
}

std::string SchedulePolicy::save() const
{
    const std::vector<double> weights(m_mixture.weights().begin(), m_mixture.weights().end());
    return nlohmann::json{{"mixture", toJson(weights)}, {"terms", toJson(m_terms)}}.dump();
}

void SchedulePolicy::restore(const std::string &state)
{
    const nlohmann::json json = parseState(state);
    const Mixture mixture =
        Mixture::fromWeights(doublesFrom(json, "mixture", m_context.numDomains()));
    m_terms = termsFrom(json, m_context.numDomains());
    m_mixture = mixture;
}

} // namespace

PolicyInfo schedulePolicy()
{
    return {
        .name = "schedule",
        .label = "Schedule",
        .summary = "Mixtures that you set for points of the run, with straight lines or steps between them.",
        .formula =
            "p(x) = (1-s) p_i + s p_(i+1), s = (x - x_i) / (x_(i+1) - x_i), x the fraction of the token budget done",
        .reference = "Your own design: a curriculum, or an annealing phase at the end.",
        .adaptive = true,
        .parameters = {scheduleParam("points", "Points", {{0.0, "uniform"}, {1.0, "natural"}},
                                     "Which mixture holds at which fraction of the token budget, in order: { at = 0.5, "
                                     "mixture = { a = 0.7, b = 0.3 } }."),
                       choiceParam(
                           "interpolation", "Between points", {"linear", "step"},
                           "linear moves the shares in a straight line to the next point, step keeps them until it.")},
        .create = [](const PolicyContext &context, const ParameterValues &values) -> std::unique_ptr<MixturePolicy> {
            return std::make_unique<SchedulePolicy>(context, values);
        }};
}

} // namespace krater
