// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/run_event_buffer.h"

#include <utility>

namespace krater {

RunRecord RunEventBuffer::Facts::addedTo(RunRecord record) const
{
    if (!record.device.empty())
        return record; // resumed: those of its first steps stay
    record.engine = model.engine;
    record.device = model.device;
    record.precision = model.precision;
    record.parameters = model.parameters;
    addCorpusFacts(record, corpus);
    return record;
}

void RunEventBuffer::onRunEvent(const RunEvent &event)
{
    if (std::holds_alternative<CheckpointEvent>(event))
        return; // holds the whole model
    const std::lock_guard lock(m_mutex);
    m_contents.events.push_back(event);
}

void RunEventBuffer::setProgress(const CorpusProgress &progress)
{
    const std::lock_guard lock(m_mutex);
    m_contents.progress = progress;
}

void RunEventBuffer::setFacts(const Facts &facts)
{
    const std::lock_guard lock(m_mutex);
    m_contents.facts = facts;
}

RunEventBuffer::Contents RunEventBuffer::take()
{
    const std::lock_guard lock(m_mutex);
    return std::exchange(m_contents, {});
}

} // namespace krater
