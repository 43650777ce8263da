// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/base/rng.h"
#include "core/corpus/tokenizer_training.h"
#include "tests/cli/cli_process.h"

#include <QElapsedTimer>
#include <QTest>

#include <cerrno>
#include <sys/wait.h>
#include <thread>

using namespace krater;
using namespace krater::test;

namespace {

std::vector<std::string> sampleLines(std::size_t bytes)
{
    Rng rng(3);
    std::vector<std::string> lines;
    for (std::size_t size = 0; size < bytes; size += lines.back().size()) {
        std::string line;
        while (line.size() < 200) {
            for (std::uint64_t letters = 1 + rng.below(9); letters > 0; --letters)
                line += static_cast<char>('a' + rng.below(26));
            line += ' ';
        }
        lines.push_back(line);
    }
    return lines;
}

} // namespace

// A tokenizer trained by krater-cli on behalf of another process.
class TokenizerProcessTest : public QObject {
    Q_OBJECT

private slots:
    void givesTheSameModel();
    void isKilledOnAStop();
    void failuresAreErrors();
    void worksWithoutTheProgram();

private:
    const std::filesystem::path m_program = cliProgram().toStdString();
    const std::stop_token m_noStop{};
};

void TokenizerProcessTest::givesTheSameModel()
{
    std::vector<std::string> lines = sampleLines(20'000);
    lines.push_back(std::string("a NUL \0 and a return\r", 22));
    QVERIFY(trainSentencePieceApart(m_program, lines, 400, m_noStop) == trainSentencePiece(lines, 400));
}

void TokenizerProcessTest::isKilledOnAStop()
{
    std::stop_source stop;
    const std::jthread stopper([&stop] {
        QTest::qSleep(200);
        stop.request_stop();
    });
    QElapsedTimer timer;
    timer.start();
    QVERIFY(trainSentencePieceApart(m_program, sampleLines(16 << 20), 60'000, stop.get_token()).empty());
    QVERIFY2(timer.elapsed() < 5'000, "training on so much takes longer than that");
    QCOMPARE(::waitpid(-1, nullptr, WNOHANG), -1); // no process is left
    QCOMPARE(errno, ECHILD);
}

void TokenizerProcessTest::failuresAreErrors()
{
    try {
        trainSentencePieceApart(m_program, {"text"}, 100, m_noStop);
        QFAIL("there is no such vocabulary");
    } catch (const Error &error) {
        QVERIFY2(std::string(error.what()).find("vocabulary of 100") != std::string::npos, error.what());
        QVERIFY(error.advice().find("300") != std::string::npos);
    }
    QVERIFY_EXCEPTION_THROWN(trainSentencePieceApart("/bin/false", {"text"}, 400, m_noStop), Error);
}

void TokenizerProcessTest::worksWithoutTheProgram()
{
    const std::vector<std::string> lines = sampleLines(20'000);
    QVERIFY(trainSentencePieceApart("/missing/krater-cli", lines, 400, m_noStop) == trainSentencePiece(lines, 400));
}

QTEST_GUILESS_MAIN(TokenizerProcessTest)
#include "tst_tokenizer_process.moc"
