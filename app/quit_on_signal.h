// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QSocketNotifier>

namespace krater {

// Turns SIGINT and SIGTERM (Ctrl-C in the terminal, the end of the session) into quitRequested(), so that a run that is being trained is stopped with a
// checkpoint. A second signal ends the program at once. At most one at a time; UI thread.
class QuitOnSignal : public QObject {
    Q_OBJECT

public:
    explicit QuitOnSignal(QObject *parent = nullptr);
    ~QuitOnSignal() override;

signals:
    void quitRequested();

private:
    int m_ends[2] = {-1, -1}; // a signal handler may only write: it writes into [0], the event loop reads [1]
    QSocketNotifier *m_notifier = nullptr;
};

} // namespace krater
