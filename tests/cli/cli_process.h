// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QJsonArray>
#include <QJsonObject>
#include <QProcess>
#include <QStringList>

#include <functional>

namespace krater::test {

// What a call of krater-cli came to.
struct CliResult {
    int exitCode = -1; // -1: killed by a signal, or did not end in time
    QByteArray out;
    QByteArray err;

    const QJsonArray array() const;   // of one JSON document; const, so that ["key"] reads and does not insert
    const QJsonObject object() const;
    QList<QJsonObject> lines() const; // of a stream of JSON lines
};

// Runs the real program as a user does, in the test's own XDG folders.
CliResult runCli(const QStringList &arguments);

// Runs `train` or `resume` with --json and calls `onLine` for each line as it comes; what it answers is done to the process.
enum class Deed { Nothing, Interrupt, Kill };
CliResult runCliStreaming(const QStringList &arguments,
                          const std::function<Deed(const QJsonObject &line, QProcess &process)> &onLine);

QString cliProgram();

} // namespace krater::test
