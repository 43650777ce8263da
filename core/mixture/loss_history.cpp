// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/mixture/loss_history.h"

#include "core/base/error.h"
#include "core/fit/savitzky_golay.h"
#include "core/mixture/state_json.h"

#include <algorithm>
#include <utility>

namespace krater {

double LossHistory::smoothed(std::size_t domain, std::size_t first, const std::vector<double> &weights) const
{
    double sum = 0.0;
    for (std::size_t i = 0; i < weights.size(); ++i)
        sum += weights[i] * row(first + i).losses[domain];
    return sum;
}

void LossHistory::add(std::vector<double> losses, std::vector<double> seen)
{
    m_recent.push_back({std::move(losses), std::move(seen)});
    if (m_recent.size() > m_window)
        m_recent.pop_front();
    ++m_numSteps;
    if (m_numSteps < m_window)
        return;
    // A point in the middle of the window, or before that of the first one, is as it will stay.
    const std::size_t first = m_numSteps - m_window;
    for (std::size_t step = nextPoint(); step <= first + m_window / 2; step = nextPoint()) {
        const std::vector<double> weights = savitzkyGolayWeights(m_window, step - first);
        Row point{std::vector<double>(m_recent.back().losses.size()), row(step).seen};
        for (std::size_t k = 0; k < point.losses.size(); ++k)
            point.losses[k] = smoothed(k, first, weights);
        m_points.push_back(std::move(point));
    }
}

LossHistory::Series LossHistory::series(std::size_t domain) const
{
    Series series;
    for (const Row &point : m_points) {
        series.n.push_back(point.seen[domain]);
        series.losses.push_back(point.losses[domain]);
    }
    const std::size_t window = std::min(m_window, m_numSteps - (m_numSteps % 2 == 0 && m_numSteps > 0 ? 1 : 0)); // odd
    for (std::size_t step = nextPoint(); step < m_numSteps; step += m_stride) {
        const std::size_t first = std::min(step - std::min(step, window / 2), m_numSteps - window);
        series.n.push_back(row(step).seen[domain]);
        series.losses.push_back(smoothed(domain, first, savitzkyGolayWeights(window, step - first)));
    }
    return series;
}

std::string LossHistory::save() const
{
    const auto rows = [](const auto &from) {
        nlohmann::json array = nlohmann::json::array();
        for (const Row &row : from)
            array.push_back({toJson(row.losses), toJson(row.seen)});
        return array;
    };
    return nlohmann::json{{"steps", m_numSteps}, {"recent", rows(m_recent)}, {"points", rows(m_points)}}.dump();
}

void LossHistory::restore(const std::string &state, std::size_t numDomains)
{
    const nlohmann::json json = parseState(state);
    const auto rows = [&](const char *name) {
        std::vector<Row> result;
        for (const nlohmann::json &pair : json.value(name, nlohmann::json::array())) {
            if (!pair.is_array() || pair.size() != 2)
                throw Error("The saved policy state cannot be read: a step's losses are missing.",
                            "Resume from another checkpoint, or start the run again.");
            result.push_back({doublesFrom(pair[0], numDomains), doublesFrom(pair[1], numDomains)});
        }
        return result;
    };
    std::vector<Row> recent = rows("recent");
    std::vector<Row> points = rows("points");
    const nlohmann::json steps = json.value("steps", nlohmann::json());
    if (!steps.is_number_unsigned() || recent.size() != std::min<std::size_t>(steps.get<std::size_t>(), m_window))
        throw Error("The saved policy state cannot be read: its steps do not fit.",
                    "Resume from another checkpoint, or start the run again.");
    m_numSteps = steps.get<std::size_t>();
    m_recent.assign(std::make_move_iterator(recent.begin()), std::make_move_iterator(recent.end()));
    m_points = std::move(points);
}

} // namespace krater
