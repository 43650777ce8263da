// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/store/run_record.h"

#include <QObject>

#include <filesystem>
#include <functional>
#include <thread>
#include <vector>

namespace krater {

// Writes every stored point of some runs as comma-separated values (run, name, metric, domain, step, tokens, seconds, value) on a thread of its own,
// from the store: long runs have tens of millions of points. One export at a time; a new one replaces one that is running. UI thread only.
class CurveExport : public QObject {
    Q_OBJECT

public:
    explicit CurveExport(QObject *parent = nullptr);
    ~CurveExport() override; // cancels and joins

    void start(const std::filesystem::path &store, const std::vector<RunId> &runs, const std::filesystem::path &target);
    void cancel();
    bool isRunning() const { return m_running; }

signals:
    void progressChanged(int done, int total); // curves
    void finished(const QString &file, qint64 numPoints);
    void cancelled();
    void failed(const QString &message, const QString &advice);

private:
    void post(int number,
              std::function<void()> call); // onto the UI thread; dropped there if another export is wanted by then

    bool m_running = false;
    int m_number = 0;      // of the export that is wanted
    std::jthread m_thread; // last: joined before the rest goes
};

} // namespace krater
