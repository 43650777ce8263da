// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/policy_replay.h"

#include "app/cli/exit_code.h"
#include "app/cli/options.h"
#include "app/cli/output.h"
#include "app/cli/table.h"
#include "core/base/files.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace krater::cli {
namespace {

constexpr std::uintmax_t kMostBytes = 64 << 20;
constexpr std::size_t kMostDomains = 1000;
constexpr std::size_t kMostProblems = 100; // that are told one by one
constexpr double kLargestWhole = 9e15;     // under 2^53
constexpr double kTokensUnlessGiven = 1024;
constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

// Throws UsageError whose message is what is wrong with the line.
class LineReader {
public:
    LineReader(const Json &line, const std::vector<std::string> &domains) : m_line(line), m_domains(domains)
    {
        static const std::vector<std::string> kKnown{"step", "losses", "tokens", "reference_losses"};
        if (!line.is_object())
            throw UsageError("it is not a JSON object");
        for (const auto &[key, value] : line.items())
            if (std::find(kKnown.begin(), kKnown.end(), key) == kKnown.end())
                throw UsageError(fmt::format("unknown key \"{}\" (known are {})", key, fmt::join(kKnown, ", ")));
    }

    std::uint64_t step() const
    {
        const Json step = m_line.value("step", Json());
        if (!step.is_number())
            throw UsageError("it has no step");
        const double number = step.get<double>();
        if (!(number >= 0 && number <= kLargestWhole && number == std::floor(number)))
            throw UsageError(fmt::format("the step {} is not a whole number from 0 up", step.dump()));
        return static_cast<std::uint64_t>(number);
    }

    // NaN where the object has no number; empty if there is no such key.
    std::vector<double> numbers(const char *key, double least) const
    {
        if (!m_line.contains(key))
            return {};
        const Json &object = m_line[key];
        if (!object.is_object())
            throw UsageError(fmt::format("{} is not an object", key));
        std::vector<double> result(m_domains.size(), kUnknown);
        for (const auto &[name, value] : object.items()) {
            const auto domain = std::find(m_domains.begin(), m_domains.end(), name);
            if (domain == m_domains.end())
                throw UsageError(
                    fmt::format("{} names the domain \"{}\", which the first line does not have", key, name));
            if (value.is_null())
                continue;
            if (!value.is_number() || !std::isfinite(value.get<double>()) || value.get<double>() < least)
                throw UsageError(
                    fmt::format("{} of \"{}\" is {}, not a number from {:g} up", key, name, value.dump(), least));
            result[static_cast<std::size_t>(domain - m_domains.begin())] = value.get<double>() + 0.0; // no -0
        }
        return result;
    }

private:
    const Json &m_line;
    const std::vector<std::string> &m_domains;
};

std::vector<std::string> domainsOf(const Json &line)
{
    std::vector<std::string> domains;
    if (line.is_object() && line.contains("losses") && line["losses"].is_object())
        for (const auto &[name, value] : line["losses"].items())
            domains.push_back(name);
    if (domains.empty())
        throw UsageError("the first line has no losses, which name the domains");
    if (domains.size() > kMostDomains)
        throw UsageError(fmt::format("it names {} domains; at most {} are possible", domains.size(), kMostDomains));
    return domains;
}

void addLine(Replay &replay, std::string_view text, int number)
{
    const Json line = Json::parse(text, nullptr, false);
    if (line.is_discarded())
        throw UsageError("it is not JSON");
    if (replay.domains.empty())
        replay.domains = domainsOf(line);
    const LineReader reader(line, replay.domains);
    PolicyInput input;
    input.step = reader.step();
    input.losses = reader.numbers("losses", 0);
    input.tokens = reader.numbers("tokens", 0);
    input.referenceLosses = reader.numbers("reference_losses", 0);
    if (input.losses.empty())
        throw UsageError("it has no losses");
    if (!replay.steps.empty() && input.step <= replay.steps.back().input.step)
        throw UsageError(
            fmt::format("step {} does not come after step {}", input.step, replay.steps.back().input.step));
    const bool counted = !input.tokens.empty();
    input.tokens.resize(input.losses.size(), kTokensUnlessGiven);
    double done = replay.steps.empty() ? 0 : static_cast<double>(replay.steps.back().input.tokensDone);
    for (std::size_t k = 0; k < input.losses.size(); ++k) {
        input.present.push_back(!std::isnan(input.losses[k]));
        if (!input.present[k] || (counted && std::isnan(input.tokens[k])))
            input.tokens[k] = 0;
        done += input.tokens[k];
    }
    input.tokensDone = static_cast<std::uint64_t>(std::min(done, kLargestWhole));
    replay.steps.push_back({number, std::move(input)});
}

Json stepJson(const Replay &replay, const Replay::Step &step, bool moved, const Mixture &mixture,
              const std::vector<PolicyTerm> &terms)
{
    Json byTerm = Json::object();
    for (const PolicyTerm &term : terms)
        byTerm[term.name] = byDomain(replay.domains, term.values);
    return {{"line", step.line},
            {"step", step.input.step},
            {"moved", moved},
            {"mixture", byDomain(replay.domains, mixture.weights())},
            {"terms", std::move(byTerm)}};
}

std::string stepText(const Replay &replay, const Replay::Step &step, bool moved, const Mixture &mixture,
                     const std::vector<PolicyTerm> &terms)
{
    using enum Table::Align;
    std::vector<Table::Column> columns = {{"domain", Left, true}, {"loss", Right}, {"share", Right}};
    for (const PolicyTerm &term : terms)
        columns.push_back({term.name, Right});
    Table table(std::move(columns));
    const auto number = [](double value) {
        return std::isfinite(value) ? fmt::format("{:.5g}", value) : std::string("-");
    };
    for (std::size_t k = 0; k < replay.domains.size(); ++k) {
        std::vector<std::string> cells = {replay.domains[k], lossText(step.input.losses[k]),
                                          fmt::format("{:.4f}", mixture[k])};
        for (const PolicyTerm &term : terms)
            cells.push_back(number(term.values[k]));
        table.addRow(std::move(cells));
    }
    return fmt::format("Step {}{}\n{}\n", step.input.step, moved ? "" : ", mixture kept",
                       table.text(terminalWidth(STDOUT_FILENO)));
}

} // namespace

std::uint64_t Replay::numSteps() const
{
    return steps.back().input.step;
}

std::uint64_t Replay::numTokens() const
{
    return steps.back().input.tokensDone;
}

Replay readReplay(const std::filesystem::path &file)
{
    const std::string text = readFile(file, kMostBytes);
    Replay replay{file, {}, {}};
    std::vector<std::string> problems;
    int number = 0;
    for (std::size_t start = 0; start < text.size();) {
        const std::size_t end = std::min(text.find('\n', start), text.size());
        const std::string_view line = std::string_view(text).substr(start, end - start);
        start = end + 1;
        ++number;
        if (line.find_first_not_of(" \t\r") == std::string_view::npos)
            continue;
        try {
            addLine(replay, line, number);
        } catch (const UsageError &error) {
            problems.push_back(fmt::format("{}:{}: {}", file.string(), number, error.what()));
        }
    }
    if (problems.empty() && replay.steps.empty())
        problems.push_back(fmt::format("{}: the file holds no inputs", file.string()));
    if (problems.size() > kMostProblems) {
        const std::size_t more = problems.size() - kMostProblems;
        problems.resize(kMostProblems);
        problems.push_back(fmt::format("{} more lines are wrong", more));
    }
    if (!problems.empty())
        throw UsageError(
            fmt::format("{}", fmt::join(problems, "\n")),
            R"(A line is {"step": 1, "losses": {"a": 2.1, "b": 1.7}}; tokens and reference_losses may follow.)");
    return replay;
}

void printReplay(const Replay &replay, MixturePolicy &policy, bool json)
{
    Mixture mixture = policy.initial();
    for (const Replay::Step &step : replay.steps) {
        bool moved = false;
        try {
            for (const auto signal : {PolicyInput::Signal::Training, PolicyInput::Signal::HeldOut}) {
                PolicyInput input = step.input;
                input.signal = signal;
                if (const auto updated = policy.update(input)) {
                    moved = true;
                    mixture = *updated;
                }
            }
        } catch (const Error &error) {
            throw UsageError(fmt::format("{}:{}: {}", replay.file.string(), step.line, error.what()), error.advice());
        }
        if (json)
            print(jsonLine(stepJson(replay, step, moved, mixture, policy.diagnostics())));
        else
            print(stepText(replay, step, moved, mixture, policy.diagnostics()));
    }
}

} // namespace krater::cli
