// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/base/issue.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace krater::cli {

// JSON keys keep the order in which they are given; numbers have full double precision, NaN and infinities are null.
using Json = nlohmann::ordered_json;

// For print(): a document of several lines without the last line's end, or one line of a stream with it.
std::string jsonText(const Json &document);
std::string jsonLine(const Json &document);

// Whoever read standard output has gone: nothing that the user needs to be told of.
class OutputClosed : public Error {
public:
    using Error::Error;
};

// Data, on standard output. Throws Error when it cannot be written (a full disk), OutputClosed when nobody reads it.
void print(std::string_view text);
void printJson(const Json &document); // one document

// Whether anything could not be printed, a closed pipe aside.
bool outputFailed();

// Messages, on standard error. Never throw.
void printMessage(std::string_view text); // one line
void printError(const std::string &message, const std::string &advice = {});
void printWarning(const std::string &message, const std::string &advice = {});
void printIssues(const Issues &issues,
                 bool errorsOnly = false); // one line each: file:line:column: error: message (advice)

int terminalWidth(int descriptor);  // columns; 0 if it is not a terminal
int terminalHeight(int descriptor); // rows; 0 if it is not a terminal
bool canRedraw(int descriptor);     // a terminal that understands cursor movement

// Numbers for people; "-" where there is no number.
std::string lossText(double lossNats);     // 1.2345
std::string shareText(double share);       // 64.6 %
std::string epochsText(double epochs);     // 0.73
std::string countText(double count);       // 1,234,567
std::string shortCountText(double count);  // 1.23 M
std::string bytesText(double bytes);       // 3.4 MiB
std::string durationText(double seconds);  // 0.3 s, 2 min 03 s
std::string timeText(std::int64_t unixMs); // 2026-05-01 13:07, local time
std::string signedText(double difference); // +0.0123

std::string capitalised(std::string sentence); // its first letter, ASCII only

// {"<domain>": value, ...}
Json byDomain(const std::vector<std::string> &domains, std::span<const double> values);

// As a POSIX shell reads it back as one word.
std::string shellQuoted(const std::string &word);

} // namespace krater::cli
