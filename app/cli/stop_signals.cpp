// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/stop_signals.h"

#include "app/cli/exit_code.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <ctime>

namespace krater::cli {
namespace {

// timeout(1) and some supervisors send one signal twice, to the process and to its group: two within this time are one.
constexpr std::int64_t kSameSignalMs = 100;

constexpr std::array<int, 3> kStopSignals = {SIGINT, SIGTERM, SIGHUP};

// Signal handlers can reach globals only. Lock-free atomics are safe both in a handler and between threads.
std::atomic<bool> g_requested = false;
std::atomic<std::int64_t> g_firstMs = 0;
static_assert(std::atomic<bool>::is_always_lock_free && std::atomic<std::int64_t>::is_always_lock_free);
int g_descriptor = -1;

std::int64_t monotonicMs()
{
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    return std::int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000;
}

// Only async-signal-safe calls from here on.
void onStopSignal(int)
{
    const int savedErrno = errno;
    if (!g_requested) {
        g_firstMs = monotonicMs();
        g_requested = true;
        const std::uint64_t one = 1;
        [[maybe_unused]] const ssize_t written = ::write(g_descriptor, &one, sizeof one);
    } else if (monotonicMs() - g_firstMs > kSameSignalMs) {
        // Nothing of the terminal's state was changed; only leave the line that progress stands on.
        if (::isatty(STDERR_FILENO)) {
            [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, "\n", 1);
        }
        ::_exit(kInterrupted);
    }
    errno = savedErrno;
}

int makeEventDescriptor()
{
    const int descriptor = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (descriptor < 0)
        throw Error("Signals cannot be watched: no file descriptor is left.",
                    "Close other programs or raise the limit (ulimit -n).");
    return descriptor;
}

} // namespace

StopSignals::StopSignals()
{
    g_requested = false;
    g_descriptor = makeEventDescriptor();
    struct sigaction action { };
    action.sa_handler = onStopSignal;
    action.sa_flags = SA_RESTART;
    for (const int signal : kStopSignals)
        sigaddset(&action.sa_mask, signal);
    for (const int signal : kStopSignals) {
        struct sigaction previous { };
        ::sigaction(signal, &action, &previous);
        // nohup: whoever started the program wants it to outlive the terminal.
        if (signal == SIGHUP && previous.sa_handler == SIG_IGN)
            ::sigaction(signal, &previous, nullptr);
    }
    struct sigaction ignore { };
    ignore.sa_handler = SIG_IGN;
    ::sigaction(SIGPIPE, &ignore, nullptr);
}

bool StopSignals::requested() const
{
    return g_requested;
}

int StopSignals::descriptor() const
{
    return g_descriptor;
}

void StopSignals::ignore()
{
    for (const int signal : kStopSignals)
        ::signal(signal, SIG_IGN);
}

void StopSignals::acknowledge()
{
    std::uint64_t count = 0;
    [[maybe_unused]] const ssize_t size = ::read(g_descriptor, &count, sizeof count);
}

StopWatch::StopWatch(const StopSignals &signals) : m_ended(makeEventDescriptor())
{
    m_thread = std::jthread([this, &signals] {
        pollfd events[] = {{signals.descriptor(), POLLIN, 0}, {m_ended, POLLIN, 0}};
        while (::poll(events, 2, -1) < 0 && errno == EINTR) { }
        if (signals.requested())
            m_stop.request_stop();
    });
}

StopWatch::~StopWatch()
{
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t written = ::write(m_ended, &one, sizeof one);
    m_thread.join();
    ::close(m_ended);
}

} // namespace krater::cli
