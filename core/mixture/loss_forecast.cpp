// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/mixture/loss_forecast.h"

#include "core/base/error.h"
#include "core/fit/power_law.h"
#include "core/mixture/policy_support.h"
#include "core/mixture/state_json.h"

#include <algorithm>
#include <cmath>

namespace krater {

namespace {

constexpr std::size_t kMostPoints = 256; // of a domain; beyond it every second one is forgotten

// In units of its own the law has the same form. These keep off the fit's penalties, which are for losses of some nats at hundreds of samples
// (ado_policy.cpp): the least loss is exp(1.5), so that E may be as low as exp(-1) of it, and the last n is 1,000.
constexpr double kLeastLoss = 4.4816890703380645;
constexpr double kLastN = 1000.0;

std::optional<double> lossAt(double tokens, std::vector<double> n, std::vector<double> losses)
{
    const double scale = kLeastLoss / *std::ranges::min_element(losses), perToken = kLastN / n.back();
    for (double &value : n)
        value *= perToken;
    for (double &loss : losses)
        loss *= scale;
    const std::optional<PowerLaw> law = fitPowerLaw(n, losses);
    if (!law)
        return std::nullopt;
    const double loss = law->lossAt(tokens * perToken) / scale;
    return std::isfinite(loss) ? std::optional(loss) : std::nullopt;
}

void keepEverySecond(std::vector<double> &values)
{
    std::size_t kept = 0;
    for (std::size_t i = 0; i < values.size(); i += 2)
        values[kept++] = values[i];
    values.resize(kept);
}

} // namespace

LossForecast::LossForecast(std::size_t numDomains, std::uint64_t tokenBudget)
    : m_tokenBudget(static_cast<double>(tokenBudget))
    , m_series(numDomains)
    , m_forecasts(numDomains, kUnknown)
{
}

void LossForecast::add(const PolicyInput &heldOut)
{
    const auto tokens = static_cast<double>(heldOut.tokensDone);
    for (std::size_t k = 0; k < m_series.size(); ++k) {
        Series &series = m_series[k];
        if (!heldOut.present[k] || tokens == 0.0 || !(heldOut.losses[k] > 0.0))
            continue;
        series.tokens.push_back(tokens);
        series.losses.push_back(heldOut.losses[k]);
        if (series.tokens.size() > kMostPoints) {
            keepEverySecond(series.tokens);
            keepEverySecond(series.losses);
        }
        if (series.tokens.size() >= kFewestLosses) // a law that cannot be fitted leaves the last forecast
            m_forecasts[k] = lossAt(std::max(m_tokenBudget, tokens), series.tokens, series.losses).value_or(m_forecasts[k]);
    }
}

std::string LossForecast::save() const
{
    nlohmann::json series = nlohmann::json::array();
    for (const Series &of : m_series)
        series.push_back({toJson(of.tokens), toJson(of.losses)});
    return nlohmann::json{{"series", std::move(series)}, {"forecasts", toJson(m_forecasts)}}.dump();
}

void LossForecast::restore(const std::string &state)
{
    const nlohmann::json json = parseState(state);
    const nlohmann::json all = json.value("series", nlohmann::json());
    std::vector<double> forecasts = doublesFrom(json, "forecasts", m_series.size());
    std::vector<Series> series;
    for (const nlohmann::json &of : all)
        if (of.is_array() && of.size() == 2 && of[0].is_array())
            series.push_back({doublesFrom(of[0], of[0].size()), doublesFrom(of[1], of[0].size())});
    if (series.size() != m_series.size())
        throw Error("The saved policy state cannot be read: its losses do not fit.",
                    "Resume from another checkpoint, or start the run again.");
    m_series = std::move(series);
    m_forecasts = std::move(forecasts);
}

} // namespace krater
