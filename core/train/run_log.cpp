// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/run_log.h"

#include "core/corpus/corpus_facts.h"
#include "core/train/domain_losses.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace krater {

namespace {

using Kind = MessageEvent::Kind;

constexpr double kWorthTelling = 0.05; // L1 distance of mixtures
constexpr double kMuchShared = 0.01;   // of a domain's documents
constexpr double kUnequal = 1.25;      // bytes a token of one domain by those of another

// "code 0.31, prose 0.42, 4 others": the largest shares first.
std::string inWords(const Mixture &mixture, const std::vector<std::string> &domains)
{
    constexpr std::size_t kMostNames = 8;
    std::vector<std::size_t> order(domains.size());
    for (std::size_t k = 0; k < order.size(); ++k)
        order[k] = k;
    std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) { return mixture[a] > mixture[b]; });
    std::string text;
    for (std::size_t i = 0; i < std::min(order.size(), kMostNames); ++i)
        text += fmt::format("{}{} {:.3f}", i == 0 ? "" : ", ", domains[order[i]], mixture[order[i]]);
    if (order.size() > kMostNames)
        text += fmt::format(", {} others", order.size() - kMostNames);
    return text;
}

// "12 % of a's documents also stand in b", of the pair of domains that share most; empty if that is little.
std::string sharedInWords(const CorpusReport &report, const std::vector<std::string> &domains)
{
    double most = 0;
    std::string text;
    for (std::size_t i = 0; i < report.shared.size() && i < report.domains.size(); ++i)
        for (std::size_t j = 0; j < report.shared[i].size(); ++j) {
            const double share = i == j ? 0.0 : double(report.shared[i][j]) / double(std::max<std::uint64_t>(1, report.domains[i].documents));
            if (share <= std::max(most, kMuchShared))
                continue;
            most = share;
            text = fmt::format("{:.0f} % of the documents of {} also stand in {}: training on one lowers the loss of the other, and a mixture cannot tell "
                               "them apart",
                               100.0 * share, domains[i], domains[j]);
        }
    return text;
}

// Losses are per token: where tokens are longer, the same text has a higher one.
std::string lengthsInWords(const std::vector<double> &bytesPerToken, const std::vector<std::string> &domains)
{
    std::size_t longest = 0, shortest = 0;
    for (std::size_t k = 0; k < bytesPerToken.size(); ++k) {
        if (!(bytesPerToken[k] > 0.0))
            return {};
        longest = bytesPerToken[k] > bytesPerToken[longest] ? k : longest;
        shortest = bytesPerToken[k] < bytesPerToken[shortest] ? k : shortest;
    }
    if (bytesPerToken.empty() || bytesPerToken[longest] < kUnequal * bytesPerToken[shortest])
        return {};
    return fmt::format("A token is {:.2f} bytes of {} and {:.2f} of {}: compare these domains by bits per byte rather than by nats per token",
                       bytesPerToken[shortest], domains[shortest], bytesPerToken[longest], domains[longest]);
}

} // namespace

RunLog::RunLog(std::vector<std::string> domains, const Mixture &mixture, Sink send)
    : m_domains(std::move(domains)), m_announced(mixture), m_send(std::move(send))
{
}

void RunLog::say(Kind kind, std::uint64_t step, std::string text)
{
    m_send(MessageEvent{kind, step, std::move(text)});
}

void RunLog::begin(const TokenizedCorpus &corpus)
{
    if (std::string text = sharedInWords(corpus.report(), m_domains); !text.empty())
        say(Kind::Warning, 0, std::move(text));
    if (std::string text = lengthsInWords(factsOf(corpus).bytesPerToken, m_domains); !text.empty())
        say(Kind::Info, 0, std::move(text));
}

void RunLog::warn(std::uint64_t step, const std::vector<std::string> &warnings)
{
    for (const std::string &warning : warnings)
        if (m_warned.insert(warning).second)
            say(Kind::Warning, step, warning);
}

void RunLog::evaluated(std::uint64_t step, const std::vector<double> &heldOut, const Mixture &mixture, bool isBest)
{
    const double mean = weightedMean(heldOut, std::vector<double>(heldOut.size(), 1.0));
    const std::vector<double> own(mixture.weights().begin(), mixture.weights().end());
    say(Kind::Evaluation, step,
        fmt::format("Mean held-out loss {:.4f} nats/token{}; on the run's own mixture {:.4f}", mean, isBest && step > 0 ? ", best so far" : "",
                    weightedMean(heldOut, own)));
    if (mixture.l1Distance(m_announced) < kWorthTelling)
        return;
    m_announced = mixture;
    say(Kind::PolicyUpdated, step, "The policy has moved the mixture: " + inWords(mixture, m_domains));
}

void RunLog::edited(std::uint64_t step, const Mixture &mixture)
{
    m_announced = mixture;
    m_send(MessageEvent{Kind::MixtureEdited, step, "The mixture was set by hand: " + inWords(mixture, m_domains),
                        {mixture.weights().begin(), mixture.weights().end()}});
}

void RunLog::sampled(std::uint64_t step, const std::string &prompt, const std::string &text)
{
    say(Kind::Sample, step, prompt.empty() ? "Sample: " + text : fmt::format("Sample after \"{}\": {}", prompt, text));
}

// Floating-point sums depend on what computes them and in how many parts.
void RunLog::resumed(const TrainerSnapshot &snapshot, const LanguageModelInfo &info, const std::vector<std::string> &warnings)
{
    m_announced = Mixture::fromWeights(snapshot.announced);
    m_warned.insert(warnings.begin(), warnings.end());
    say(Kind::Resumed, snapshot.step, fmt::format("Resumed from the checkpoint of step {}", snapshot.step));
    if (info.device == snapshot.device && info.precision == snapshot.precision && info.threads == snapshot.threads)
        return;
    say(Kind::Warning, snapshot.step,
        fmt::format("Resumed on {}, {} instead of {}, {}: points after step {} differ in their last digits from those of a run that was never stopped",
                    info.device, info.precision, snapshot.device, snapshot.precision, snapshot.step));
}

} // namespace krater
