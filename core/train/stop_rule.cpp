// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/stop_rule.h"

#include "core/base/error.h"
#include "core/mixture/state_json.h"
#include "core/train/domain_losses.h"

#include <fmt/format.h>

#include <cmath>
#include <utility>

namespace krater {

StopRule::StopRule(const StopConfig &config, const std::vector<double> &tokens)
    : m_config(config), m_weights(config.on == "natural" ? tokens : std::vector<double>(tokens.size(), 1.0))
{
}

void StopRule::evaluated(const std::vector<double> &losses, const Mixture &mixture)
{
    if (m_config.rule == StopConfig::Rule::Plateau) {
        const double loss = weightedMean(losses, m_weights);
        const bool progress = !std::isnan(loss) && (!m_best || loss < *m_best - m_config.minDelta);
        m_stale = progress ? 0 : m_stale + 1;
        if (progress)
            m_best = loss;
    } else if (m_config.rule == StopConfig::Rule::SettledMixture && m_previous && m_updated) {
        const bool moved = mixture.l1Distance(Mixture::fromWeights(*m_previous)) >= m_config.minDelta;
        m_stale = moved ? 0 : m_stale + 1;
    }
    if (m_updated || !m_previous)
        m_previous.emplace(mixture.weights().begin(), mixture.weights().end());
    m_updated = false;
}

bool StopRule::isReached() const
{
    return m_config.rule != StopConfig::Rule::Budget && m_stale >= m_config.patience;
}

std::string StopRule::reason() const
{
    if (m_config.rule == StopConfig::Rule::SettledMixture)
        return fmt::format("the mixture has moved less than {:g} in each of {} evaluations", m_config.minDelta, m_stale);
    return fmt::format("the held-out loss on the {} mixture has not fallen by {:g} nats/token in {} evaluations", m_config.on, m_config.minDelta, m_stale);
}

std::string StopRule::save() const
{
    nlohmann::json state{{"stale", m_stale}, {"updated", m_updated}};
    if (m_best)
        state["best"] = *m_best;
    if (m_previous)
        state["previous"] = toJson(*m_previous);
    return state.dump();
}

void StopRule::restore(const std::string &text)
{
    const nlohmann::json state = parseState(text);
    const nlohmann::json stale = state.value("stale", nlohmann::json());
    const nlohmann::json best = state.value("best", nlohmann::json());
    const nlohmann::json updated = state.value("updated", nlohmann::json(false));
    if (!stale.is_number_integer() || !(best.is_null() || best.is_number()) || !updated.is_boolean())
        throw Error("The saved state of the stop rule cannot be read.", "Resume from another checkpoint, or start the run again.");
    std::vector<double> previous; // empty: no update yet
    if (state.contains("previous"))
        previous = doublesFrom(state["previous"], m_weights.size());
    m_updated = updated.get<bool>();
    m_stale = stale.get<int>();
    m_best = best.is_null() ? std::nullopt : std::optional(best.get<double>());
    m_previous.reset();
    if (!previous.empty())
        m_previous = std::move(previous);
}

} // namespace krater
