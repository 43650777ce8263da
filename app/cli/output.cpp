// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/output.h"

#include "app/cli/text_width.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <ctime>

namespace krater::cli {
namespace {

bool g_outputFailed = false; // main thread

// Straight to the descriptor: nothing is left in a buffer when a second Ctrl-C ends the program.
bool writeAll(int descriptor, std::string_view text)
{
    while (!text.empty()) {
        const ssize_t written = ::write(descriptor, text.data(), text.size());
        if (written < 0) {
            if (errno == EINTR)
                continue;
            return false;
        }
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

void printLabelled(const char *label, const std::string &message, const std::string &advice)
{
    printMessage(fmt::format("krater-cli: {}: {}{}{}", label, message, advice.empty() ? "" : "\n  ", advice));
}

} // namespace

std::string jsonText(const Json &document)
{
    return document.dump(2, ' ', false, Json::error_handler_t::replace);
}

std::string jsonLine(const Json &document)
{
    return document.dump(-1, ' ', false, Json::error_handler_t::replace) + '\n';
}

void print(std::string_view text)
{
    if (writeAll(STDOUT_FILENO, text))
        return;
    const int code = errno;
    const std::string problem = fmt::format("Standard output could not be written: {}.", std::strerror(code));
    if (code == EPIPE)
        throw OutputClosed(problem);
    g_outputFailed = true;
    throw Error(problem);
}

bool outputFailed()
{
    return g_outputFailed;
}

void printJson(const Json &document)
{
    print(jsonText(document) + '\n');
}

void printMessage(std::string_view text)
{
    writeAll(STDERR_FILENO, printableText(text) + '\n');
}

void printError(const std::string &message, const std::string &advice)
{
    printLabelled("error", message, advice);
}

void printWarning(const std::string &message, const std::string &advice)
{
    printLabelled("warning", message, advice);
}

void printIssues(const Issues &issues, bool quiet)
{
    for (const Issue &issue : issues) {
        if (!quiet || issue.severity != Issue::Severity::Note)
            printMessage((issue.file.empty() ? "krater-cli: " : "") + toString(issue));
    }
}

int terminalWidth(int descriptor)
{
    winsize size{};
    if (!::isatty(descriptor))
        return 0;
    return ::ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

int terminalHeight(int descriptor)
{
    winsize size{};
    if (!::isatty(descriptor))
        return 0;
    return ::ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 ? size.ws_row : 24;
}

bool canRedraw(int descriptor)
{
    const char *terminal = std::getenv("TERM");
    return ::isatty(descriptor) && terminal && *terminal && std::strcmp(terminal, "dumb") != 0;
}

std::string lossText(double lossNats)
{
    return std::isfinite(lossNats) ? fmt::format("{:.4f}", lossNats) : "-";
}

std::string shareText(double share)
{
    return std::isfinite(share) ? fmt::format("{:.1f} %", 100 * share) : "-";
}

std::string epochsText(double epochs)
{
    return std::isfinite(epochs) ? fmt::format("{:.2f}", epochs) : "-";
}

std::string signedText(double difference)
{
    return std::isfinite(difference) ? fmt::format("{:+.4f}", difference) : "-";
}

std::string countText(double count)
{
    if (!std::isfinite(count))
        return "-";
    std::string digits = fmt::format("{:.0f}", count);
    for (std::size_t position = digits.size(); position > 3 + (count < 0 ? 1u : 0u); position -= 3)
        digits.insert(position - 3, 1, ',');
    return digits;
}

std::string shortCountText(double count)
{
    if (!std::isfinite(count) || std::abs(count) < 10'000)
        return countText(count);
    constexpr std::array<const char *, 4> kUnits = {"k", "M", "G", "T"};
    std::size_t unit = 0;
    double value = count / 1000;
    for (; std::abs(value) >= 1000 && unit + 1 < kUnits.size(); ++unit)
        value /= 1000;
    return fmt::format("{:.{}f} {}", value, std::abs(value) < 10 ? 2 : 1, kUnits[unit]);
}

std::string bytesText(double bytes)
{
    if (bytes < 1024)
        return countText(bytes) + " B";
    constexpr std::array<const char *, 4> kUnits = {"KiB", "MiB", "GiB", "TiB"};
    std::size_t unit = 0;
    double value = bytes / 1024;
    for (; value >= 1024 && unit + 1 < kUnits.size(); ++unit)
        value /= 1024;
    return fmt::format("{:.1f} {}", value, kUnits[unit]);
}

std::string durationText(double seconds)
{
    if (!std::isfinite(seconds) || seconds < 0)
        return "-";
    if (seconds < 9.95)
        return fmt::format("{:.1f} s", seconds);
    const auto whole = static_cast<long long>(std::llround(seconds));
    if (whole < 60)
        return fmt::format("{} s", whole);
    if (whole < 3600)
        return fmt::format("{} min {:02} s", whole / 60, whole % 60);
    return fmt::format("{} h {:02} min", whole / 3600, whole / 60 % 60);
}

std::string timeText(std::int64_t unixMs)
{
    if (unixMs <= 0)
        return "-";
    const std::time_t seconds = unixMs / 1000;
    std::tm local{};
    if (!::localtime_r(&seconds, &local))
        return "-";
    return fmt::format("{:%Y-%m-%d %H:%M}", local);
}

std::string capitalised(std::string sentence)
{
    if (!sentence.empty() && sentence[0] >= 'a' && sentence[0] <= 'z')
        sentence[0] = static_cast<char>(sentence[0] - 'a' + 'A');
    return sentence;
}

Json byDomain(const std::vector<std::string> &domains, std::span<const double> values)
{
    Json object = Json::object();
    for (std::size_t domain = 0; domain < domains.size() && domain < values.size(); ++domain)
        object[domains[domain]] = values[domain];
    return object;
}

std::string shellQuoted(const std::string &word)
{
    constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=,+@%";
    if (!word.empty() && word.find_first_not_of(kPlain) == std::string::npos)
        return word;
    std::string quoted = "'";
    for (const char c : word)
        quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return quoted + "'";
}

} // namespace krater::cli
