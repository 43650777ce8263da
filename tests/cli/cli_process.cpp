// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/cli/cli_process.h"

#include <QJsonDocument>

#include <csignal>

namespace krater::test {

namespace {

constexpr int kTimeoutMs = 100'000; // only ends a test that hangs

void finish(QProcess &process, CliResult &result)
{
    // It may have ended already while its output was read.
    if (process.state() != QProcess::NotRunning && !process.waitForFinished(kTimeoutMs)) {
        process.kill();
        process.waitForFinished();
    } else if (process.exitStatus() == QProcess::NormalExit) {
        result.exitCode = process.exitCode();
    }
    result.out += process.readAllStandardOutput();
    result.err += process.readAllStandardError();
}

} // namespace

const QJsonArray CliResult::array() const
{
    return QJsonDocument::fromJson(out).array();
}

const QJsonObject CliResult::object() const
{
    return QJsonDocument::fromJson(out).object();
}

QList<QJsonObject> CliResult::lines() const
{
    QList<QJsonObject> objects;
    const QList<QByteArray> texts = out.split('\n');
    for (const QByteArray &line : texts)
        if (!line.isEmpty())
            objects.append(QJsonDocument::fromJson(line).object());
    return objects;
}

QString cliProgram()
{
    return QStringLiteral(KRATER_BIN_DIR "/krater-cli");
}

CliResult runCli(const QStringList &arguments)
{
    QProcess process;
    process.start(cliProgram(), arguments, QIODevice::ReadOnly);
    CliResult result;
    finish(process, result);
    return result;
}

CliResult runCliStreaming(const QStringList &arguments,
                          const std::function<Deed(const QJsonObject &, QProcess &)> &onLine)
{
    QProcess process;
    process.start(cliProgram(), arguments + QStringList{QStringLiteral("--json")}, QIODevice::ReadOnly);
    CliResult result;
    bool readable = true;
    while (readable) {
        readable = process.canReadLine() || process.waitForReadyRead(kTimeoutMs);
        while (process.canReadLine()) {
            const QByteArray line = process.readLine();
            result.out += line;
            switch (onLine(QJsonDocument::fromJson(line).object(), process)) {
            case Deed::Nothing:
                break;
            case Deed::Interrupt:
                ::kill(static_cast<pid_t>(process.processId()), SIGINT);
                break;
            case Deed::Kill:
                ::kill(static_cast<pid_t>(process.processId()), SIGKILL);
                break;
            }
        }
    }
    finish(process, result);
    return result;
}

} // namespace krater::test
