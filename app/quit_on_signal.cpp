// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/quit_on_signal.h"

#include <array>
#include <csignal>

#include <sys/socket.h>
#include <unistd.h>

namespace krater {

namespace {

constexpr std::array kSignals{SIGINT, SIGTERM};

volatile std::sig_atomic_t writeEnd = -1;

void onSignal(int number)
{
    std::signal(number, SIG_DFL); // the second one ends the program
    const char byte = 1;
    [[maybe_unused]] const ssize_t written = write(writeEnd, &byte, 1);
}

} // namespace

QuitOnSignal::QuitOnSignal(QObject *parent) : QObject(parent)
{
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, m_ends) != 0)
        return; // then signals keep their default: the store is safe, the last checkpoint is older
    m_notifier = new QSocketNotifier(m_ends[1], QSocketNotifier::Read, this);
    connect(m_notifier, &QSocketNotifier::activated, this, [this] {
        char byte = 0;
        if (read(m_ends[1], &byte, 1) == 1)
            emit quitRequested();
    });
    writeEnd = m_ends[0];
    for (const int number : kSignals)
        std::signal(number, onSignal);
}

QuitOnSignal::~QuitOnSignal()
{
    for (const int number : kSignals)
        std::signal(number, SIG_DFL);
    writeEnd = -1;
    delete m_notifier;
    for (const int end : m_ends)
        if (end >= 0)
            close(end);
}

} // namespace krater
