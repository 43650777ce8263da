// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/throughput.h"

namespace krater {

void Throughput::add(double seconds, std::uint64_t tokens)
{
    m_steps.push_back({seconds, static_cast<double>(tokens)});
    m_seconds += seconds;
    m_tokens += static_cast<double>(tokens);
    while (m_steps.size() > 1 && m_seconds - m_steps.front().seconds >= 1.0) {
        m_seconds -= m_steps.front().seconds;
        m_tokens -= m_steps.front().tokens;
        m_steps.pop_front();
    }
}

double Throughput::tokensPerSecond() const
{
    return m_seconds > 0.0 ? m_tokens / m_seconds : 0.0;
}

} // namespace krater
