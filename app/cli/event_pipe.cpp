// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/event_pipe.h"

#include "core/base/error.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

namespace krater::cli {

EventPipe::EventPipe()
{
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0)
        throw Error("Events cannot be followed: no file descriptor is left.",
                    "Close other programs or raise the limit (ulimit -n).");
    m_readEnd = ends[0];
    m_writeEnd = ends[1];
    ::fcntl(m_readEnd, F_SETFL, O_NONBLOCK);
}

EventPipe::~EventPipe()
{
    ::close(m_writeEnd);
    while (next())
        continue;
    ::close(m_readEnd);
}

void EventPipe::onRunEvent(const RunEvent &event)
{
    if (std::holds_alternative<CheckpointEvent>(event))
        return; // holds the whole model; a CheckpointSavedEvent follows
    auto copy = std::make_unique<const RunEvent>(event);
    const RunEvent *pointer = copy.get();
    ssize_t written = 0;
    do {
        written = ::write(m_writeEnd, &pointer, sizeof pointer); // smaller than PIPE_BUF: all or nothing
    } while (written < 0 && errno == EINTR);
    if (written == sizeof pointer)
        copy.release(); // next() owns it
}

std::unique_ptr<const RunEvent> EventPipe::next()
{
    const RunEvent *pointer = nullptr;
    ssize_t size = 0;
    do {
        size = ::read(m_readEnd, &pointer, sizeof pointer);
    } while (size < 0 && errno == EINTR);
    return std::unique_ptr<const RunEvent>(size == sizeof pointer ? pointer : nullptr);
}

} // namespace krater::cli
