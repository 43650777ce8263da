// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/weighted_curve.h"

#include <algorithm>

namespace krater {

void WeightedCurve::setSource(const RunView *run, const QString &metric, const ScoreWeights &weights)
{
    m_parts.clear();
    m_curve.clear();
    if (!run)
        return;
    const std::vector<std::string> &domains = run->record().domains;
    for (const auto &[name, weight] : weights) {
        if (weight <= 0)
            continue;
        const auto domain = std::find(domains.begin(), domains.end(), name);
        if (domain == domains.end()) {
            m_parts.clear();
            return;
        }
        m_parts.push_back({&run->curve(metric, int(domain - domains.begin())), weight, 0});
    }
    update();
}

// The steps are merged as in a join: whoever is behind moves on.
void WeightedCurve::update()
{
    if (m_parts.empty())
        return;
    while (
        std::all_of(m_parts.begin(), m_parts.end(), [](const Part &part) { return part.next < part.curve->size(); })) {
        std::uint64_t step = 0;
        for (const Part &part : m_parts)
            step = std::max(step, (*part.curve)[part.next].step);
        double sum = 0;
        bool complete = true;
        for (Part &part : m_parts) {
            while (part.next < part.curve->size() && (*part.curve)[part.next].step < step)
                ++part.next;
            complete = complete && part.next < part.curve->size() && (*part.curve)[part.next].step == step;
            if (complete)
                sum += part.weight * (*part.curve)[part.next].value;
        }
        if (!complete)
            continue;
        m_curve.push_back({step, sum});
        for (Part &part : m_parts)
            ++part.next;
    }
}

} // namespace krater
