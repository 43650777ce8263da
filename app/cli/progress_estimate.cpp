// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/progress_estimate.h"

#include <algorithm>
#include <limits>

namespace krater::cli {

void ProgressEstimate::advance(std::uint64_t step)
{
    m_lastTime = Clock::now();
    m_step = step;
    if (!m_begun) {
        m_begun = true;
        m_firstStep = step;
        m_firstTime = m_lastTime;
    }
}

double ProgressEstimate::fraction() const
{
    if (m_numSteps == 0)
        return 0;
    return std::min(1.0, static_cast<double>(m_step) / static_cast<double>(m_numSteps));
}

double ProgressEstimate::secondsLeft() const
{
    if (m_step <= m_firstStep)
        return std::numeric_limits<double>::quiet_NaN();
    const double elapsed = std::chrono::duration<double>(m_lastTime - m_firstTime).count();
    const double perStep = elapsed / static_cast<double>(m_step - m_firstStep);
    return perStep * static_cast<double>(m_numSteps - std::min(m_step, m_numSteps));
}

} // namespace krater::cli
