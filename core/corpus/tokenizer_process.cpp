// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/corpus/tokenizer_training.h"

#include <fmt/format.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace krater {

namespace {

constexpr auto kPollInterval = std::chrono::milliseconds(20);

[[noreturn]] void throwSystem(const char *action, int code)
{
    throw Error(fmt::format("The tokenizer cannot be trained: {}: {}", action, std::strerror(code)),
                "Close other programs, or give a model with tokenizer.model.");
}

// Bytes in memory that another process reads or writes as a file: nothing stays behind, whoever dies.
class MemoryFile {
public:
    MemoryFile() : m_descriptor(::memfd_create("krater-tokenizer", MFD_CLOEXEC))
    {
        if (m_descriptor < 0)
            throwSystem("no memory", errno);
    }
    ~MemoryFile() { ::close(m_descriptor); }
    MemoryFile(const MemoryFile &) = delete;
    MemoryFile &operator=(const MemoryFile &) = delete;

    int descriptor() const { return m_descriptor; }

    void write(std::string_view bytes)
    {
        while (!bytes.empty()) {
            const ssize_t written = ::write(m_descriptor, bytes.data(), bytes.size());
            if (written < 0 && errno != EINTR)
                throwSystem("no memory", errno);
            bytes.remove_prefix(written < 0 ? 0 : static_cast<std::size_t>(written));
        }
    }

    void rewind() { ::lseek(m_descriptor, 0, SEEK_SET); }

    std::string bytes()
    {
        rewind();
        std::string all;
        char piece[64 << 10];
        for (;;) {
            const ssize_t got = ::read(m_descriptor, piece, sizeof piece);
            if (got == 0)
                return all;
            if (got < 0 && errno != EINTR)
                throwSystem("its result is lost", errno);
            all.append(piece, got < 0 ? 0 : static_cast<std::size_t>(got));
        }
    }

private:
    int m_descriptor;
};

// Without the terminal's signals, which are for this process to act on.
pid_t start(const std::filesystem::path &program, int vocabulary, const MemoryFile &in, const MemoryFile &out,
            const MemoryFile &err)
{
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in.descriptor(), STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out.descriptor(), STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, err.descriptor(), STDERR_FILENO);
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
    std::string name = program.string();
    std::string command = "train-tokenizer";
    std::string pieces = fmt::format("{}", vocabulary);
    char *arguments[] = {name.data(), command.data(), pieces.data(), nullptr};
    pid_t process = -1;
    const int failure = ::posix_spawn(&process, name.c_str(), &actions, &attributes, arguments, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    if (failure != 0)
        throwSystem(name.c_str(), failure);
    return process;
}

// The status of waitpid(). A stop kills the process.
int waitFor(pid_t process, const std::stop_token &stop)
{
    for (bool isKilled = false;;) {
        int status = 0;
        const pid_t ended = ::waitpid(process, &status, WNOHANG);
        if (ended == process)
            return status;
        if (ended < 0 && errno != EINTR)
            throwSystem("waitpid", errno);
        if (stop.stop_requested() && !isKilled)
            isKilled = ::kill(process, SIGKILL) == 0;
        std::this_thread::sleep_for(kPollInterval);
    }
}

} // namespace

std::string trainSentencePieceApart(const std::filesystem::path &program, const std::vector<std::string> &lines,
                                    int vocabulary, const std::stop_token &stop)
{
    if (::access(program.c_str(), X_OK) != 0)
        return trainSentencePiece(lines, vocabulary);
    MemoryFile in;
    MemoryFile out;
    MemoryFile err;
    for (const std::string &line : lines)
        in.write(line + "\n");
    in.rewind();
    const int status = waitFor(start(program, vocabulary, in, out, err), stop);
    if (stop.stop_requested())
        return {};
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return out.bytes();
    const std::string message = err.bytes();
    if (WIFEXITED(status) && !message.empty()) {
        const std::size_t lineEnd = message.find('\n');
        throw Error(message.substr(0, lineEnd), lineEnd == std::string::npos ? "" : message.substr(lineEnd + 1));
    }
    throw Error(WIFSIGNALED(status)
                    ? fmt::format("SentencePiece failed while the tokenizer was trained ({})", ::strsignal(WTERMSIG(status)))
                    : std::string("SentencePiece failed while the tokenizer was trained"),
                "Try a smaller vocabulary, or give a model with tokenizer.model.");
}

} // namespace krater
