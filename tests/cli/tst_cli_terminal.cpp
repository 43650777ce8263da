// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/cli/cli_process.h"
#include "tests/support/tiny_corpus.h"

#include <QTemporaryDir>
#include <QRegularExpression>
#include <QTest>

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <functional>
#include <memory>

using namespace krater::test;

namespace {

// The few things that krater-cli asks of a terminal: text, line ends, cursor up, erase to the end of screen or line. Lines that are longer
// than the screen is wide are counted, because a block of such lines could not be redrawn in place.
class Screen {
public:
    explicit Screen(int columns) : m_columns(columns) { }

    void write(const QString &text)
    {
        for (int i = 0; i < text.size(); ++i) {
            const QChar c = text[i];
            if (c == u'\x1b')
                i = control(text, i);
            else if (c == u'\r')
                m_column = 0;
            else if (c == u'\n')
                ++m_row;
            else
                put(c);
            while (m_rows.size() <= m_row)
                m_rows.append(QString());
        }
    }

    QStringList rows() const { return m_rows; }
    QString text() const { return m_rows.join(u'\n'); }
    int numRedraws() const { return m_redraws; }
    int numOverflows() const { return m_overflows; }
    int numUnknown() const { return m_unknown; }

private:
    void put(QChar c)
    {
        QString &row = m_rows[m_row];
        row = row.leftJustified(m_column + 1);
        row[m_column++] = c;
        if (m_column > m_columns)
            ++m_overflows;
    }

    int control(const QString &text, int start) // returns the position of the sequence's last character
    {
        int end = start + 2;
        while (end < text.size() && !text[end].isLetter())
            ++end;
        const int number = text.mid(start + 2, end - start - 2).toInt();
        switch (end < text.size() ? text[end].unicode() : 0) {
        case u'A':
            m_row = std::max(0, m_row - number);
            ++m_redraws;
            break;
        case u'J':
            m_rows = m_rows.mid(0, m_row + 1);
            m_rows[m_row].truncate(m_column);
            break;
        case u'K':
            m_rows[m_row].truncate(m_column);
            break;
        default:
            ++m_unknown;
        }
        return end;
    }

    int m_columns;
    QStringList m_rows{QString()};
    int m_row = 0, m_column = 0;
    int m_redraws = 0, m_overflows = 0, m_unknown = 0;
};

struct TerminalResult {
    int exitCode = -1;
    Screen screen;
    QByteArray raw;
};

// Runs krater-cli on a pseudo terminal; `onOutput` sees everything so far and may write keys to it.
TerminalResult runOnTerminal(const QStringList &arguments, unsigned short columns, const char *terminalType,
                             const std::function<void(const QByteArray &, int)> &onOutput = {})
{
    std::vector<QByteArray> words{cliProgram().toLocal8Bit()};
    for (const QString &argument : arguments)
        words.push_back(argument.toLocal8Bit());
    std::vector<char *> argv;
    for (QByteArray &word : words)
        argv.push_back(word.data());
    argv.push_back(nullptr);
    const winsize size{24, columns, 0, 0};
    int terminal = -1;
    const pid_t child = ::forkpty(&terminal, nullptr, nullptr, &size);
    if (child == 0) {
        ::setenv("TERM", terminalType, 1);
        ::execv(argv[0], argv.data());
        ::_exit(127);
    }
    TerminalResult result{-1, Screen(columns), {}};
    char buffer[4096];
    for (ssize_t read = 0; (read = ::read(terminal, buffer, sizeof buffer)) > 0;) {
        result.raw.append(buffer, static_cast<int>(read));
        if (onOutput)
            onOutput(result.raw, terminal);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    ::close(terminal);
    if (WIFEXITED(status))
        result.exitCode = WEXITSTATUS(status);
    result.screen.write(QString::fromUtf8(result.raw));
    return result;
}

} // namespace

// What a person sees: the real program on a pseudo terminal.
class CliTerminalTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase();

    void liveBlockIsRedrawnInPlace_data();
    void liveBlockIsRedrawnInPlace();
    void controlCStopsWithACheckpoint();
    void dumbTerminalGetsPlainLines();
    void tablesFitTheTerminal();
    void comparisonShowsEveryRun();

private:
    QStringList train(const QString &store, const QString &budget) const;

    std::unique_ptr<QTemporaryDir> m_folder;
    QString m_experiment;
};

void CliTerminalTest::initTestCase()
{
    m_folder = std::make_unique<QTemporaryDir>();
    m_experiment = QString::fromStdString(writeTinyExperiment(m_folder->path().toStdString()));
}

QStringList CliTerminalTest::train(const QString &store, const QString &budget) const
{
    return {"train", m_experiment, "--store", m_folder->filePath(store), "--set", "training.token_budget=" + budget};
}

void CliTerminalTest::liveBlockIsRedrawnInPlace_data()
{
    QTest::addColumn<int>("columns");
    QTest::newRow("wide") << 100;
    QTest::newRow("narrow") << 44;
}

void CliTerminalTest::liveBlockIsRedrawnInPlace()
{
    QFETCH(const int, columns);
    const auto result = runOnTerminal(train(QStringLiteral("live %1").arg(columns), "200_000"),
                                      static_cast<unsigned short>(columns), "xterm");
    QCOMPARE(result.exitCode, 0);
    QVERIFY2(result.raw.contains("step "), result.raw.constData());
    QVERIFY(result.screen.numRedraws() > 2);
    QCOMPARE(result.screen.numUnknown(), 0);
    // The block is gone, the table stands, and each domain is there once.
    const QString text = result.screen.text();
    QVERIFY2(!text.contains("tokens/s"), qPrintable(text));
    QVERIFY2(text.contains("is done"), qPrintable(text));
    const QRegularExpression row(QStringLiteral("^verses +\\d"), QRegularExpression::MultilineOption); // warnings name domains, too
    QCOMPARE(text.count(row), 1);
    QVERIFY2(text.contains("krater-cli show 1"), qPrintable(text));
}

void CliTerminalTest::controlCStopsWithACheckpoint()
{
    bool pressed = false;
    const auto result =
        runOnTerminal(train("stopped", "1e9"), 90, "xterm", [&pressed](const QByteArray &raw, int terminal) {
            if (!pressed && raw.contains(" tokens/s")) {
                pressed = true;
                const char controlC = 3;
                QCOMPARE(::write(terminal, &controlC, 1), ssize_t{1});
            }
        });
    QCOMPARE(result.exitCode, 3);
    const QString text = result.screen.text();
    QVERIFY2(text.contains("Ctrl-C again quits at once"), qPrintable(text));
    QVERIFY2(text.contains("was stopped at step"), qPrintable(text));
    QVERIFY2(text.contains("krater-cli resume 1"), qPrintable(text));
}

void CliTerminalTest::dumbTerminalGetsPlainLines()
{
    const auto result = runOnTerminal(train("dumb", "512"), 80, "dumb");
    QCOMPARE(result.exitCode, 0);
    QVERIFY(!result.raw.contains('\x1b'));
    QVERIFY(result.raw.contains("step 2/2"));
}

void CliTerminalTest::tablesFitTheTerminal()
{
    const QString store = m_folder->filePath("wide.krater");
    const QString name = QString("a run with a name that is much longer than it should be ").repeated(3);
    QCOMPARE(runCli({"train", m_experiment, "--quiet", "--store", store, "--set", "training.token_budget=512", "--set",
                     "experiment.name=" + name})
                 .exitCode,
             0);
    const auto result = runOnTerminal({"list", "--store", store}, 90, "xterm");
    QCOMPARE(result.exitCode, 0);
    QCOMPARE(result.screen.numOverflows(), 0);
    QVERIFY(result.screen.text().contains("Done"));
}

void CliTerminalTest::comparisonShowsEveryRun()
{
    const QString store = m_folder->filePath("compared.krater");
    for (const char *seed : {"1", "2"})
        QCOMPARE(runCli(train("compared.krater", "512") << "--quiet"
                                                        << "--seed" << seed)
                     .exitCode,
                 0);
    const auto result = runOnTerminal({"compare", "1", "2", "--store", store}, 44, "xterm");
    QCOMPARE(result.exitCode, 0);
    QCOMPARE(result.screen.numOverflows(), 0);
    const QString text = result.screen.text();
    QCOMPARE(text.count("brackets"),
             3); // losses in two tables, since the runs do not fit beside each other, and shares
    QVERIFY2(text.contains("1 (baseline)"), qPrintable(text));
    QVERIFY2(text.contains("experiment.seed"), qPrintable(text));
}

QTEST_GUILESS_MAIN(CliTerminalTest)
#include "tst_cli_terminal.moc"
