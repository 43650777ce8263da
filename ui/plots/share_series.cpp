// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/share_series.h"

#include <algorithm>
#include <limits>

namespace krater {

void ShareSeries::setRun(const RunView *run)
{
    m_run = run;
    m_target.clear();
    m_drawn.clear();
    m_steps.clear();
    m_sums.clear();
    update();
}

void ShareSeries::update()
{
    if (!m_run)
        return;
    const std::size_t k = std::size_t(m_run->numDomains());
    m_target.resize(k);
    m_drawn.resize(k);
    std::size_t known = std::numeric_limits<std::size_t>::max();
    for (std::size_t domain = 0; domain < k; ++domain) {
        m_target[domain] = &m_run->curve(QString::fromLatin1(metric::kTarget), int(domain));
        m_drawn[domain] = &m_run->curve(QString::fromLatin1(metric::kTokensDrawn), int(domain));
        known = std::min(known, m_target[domain]->size());
    }
    if (k == 0)
        return;
    if (known < m_steps.size()) {
        m_steps.clear();
        m_sums.clear();
    }
    if (m_sums.empty())
        m_sums.assign(k, 0.0);
    m_steps.reserve(known);
    m_sums.reserve((known + 1) * k);
    for (std::size_t i = m_steps.size(); i < known; ++i) {
        m_steps.push_back((*m_target[0])[i].step);
        for (std::size_t domain = 0; domain < k; ++domain)
            m_sums.push_back(m_sums[i * k + domain] + (*m_target[domain])[i].value);
    }
}

std::size_t ShareSeries::lowerBound(std::uint64_t step) const
{
    return std::size_t(std::lower_bound(m_steps.begin(), m_steps.end(), step) - m_steps.begin());
}

std::vector<double> ShareSeries::meanTarget(std::size_t first, std::size_t last) const
{
    const std::size_t k = numDomains();
    std::vector<double> mean(k);
    double sum = 0;
    for (std::size_t domain = 0; domain < k; ++domain) {
        mean[domain] = std::max(0.0, m_sums[last * k + domain] - m_sums[first * k + domain]);
        sum += mean[domain];
    }
    for (double &share : mean)
        share = sum > 0 ? share / sum : 0;
    return mean;
}

double ShareSeries::drawn(std::size_t domain, std::uint64_t step) const
{
    const Curve &curve = *m_drawn[domain];
    const auto after =
        std::upper_bound(curve.begin(), curve.end(), step,
                         [](std::uint64_t wanted, const CurvePoint &point) { return wanted < point.step; });
    return after == curve.begin() ? 0.0 : std::prev(after)->value;
}

std::vector<double> ShareSeries::realised(std::uint64_t from, std::uint64_t to) const
{
    std::vector<double> shares(numDomains());
    double sum = 0;
    for (std::size_t domain = 0; domain < shares.size(); ++domain) {
        shares[domain] = drawn(domain, to) - drawn(domain, from);
        sum += shares[domain];
    }
    if (!(sum > 0))
        return {};
    for (double &share : shares)
        share /= sum;
    return shares;
}

std::uint64_t ShareSeries::lastDrawnStep() const
{
    return m_drawn.empty() || m_drawn[0]->empty() ? 0 : m_drawn[0]->back().step;
}

} // namespace krater
