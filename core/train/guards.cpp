// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/guards.h"

#include "core/base/error.h"
#include "core/mixture/mixture_design.h"
#include "core/mixture/state_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace krater {

namespace {

using Messages = std::vector<MessageEvent>;
constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

constexpr double kOneDomain = 1.5;     // effective domains; close to one
constexpr double kFewSequences = 0.25; // a step, on average: three steps of four do without the domain
constexpr double kWornEpochs = 4.0;    // up to here repeats are nearly as good as new text
constexpr double kSpentEpochs = 16.0;  // beyond, they teach little
constexpr double kWideGap = 0.1;       // nats/token
constexpr double kGrowing = 3;            // evaluations in a row

} // namespace

Guards::Guards(std::vector<std::string> domains, std::size_t sequencesPerStep)
    : m_domains(std::move(domains))
    , m_sequencesPerStep(static_cast<double>(sequencesPerStep))
    , m_epochs(m_domains.size(), 0.0)
    , m_lastLosses(m_domains.size(), kUnknown)
    , m_lossSums(m_domains.size(), 0.0)
    , m_lossCounts(m_domains.size(), 0.0)
    , m_gaps(m_domains.size(), kUnknown)
    , m_growing(m_domains.size(), 0.0)
{
}

void Guards::trained(const std::vector<double> &losses)
{
    for (std::size_t k = 0; k < m_domains.size(); ++k)
        if (!std::isnan(losses[k])) {
            m_lastLosses[k] = losses[k];
            m_lossSums[k] += losses[k];
            m_lossCounts[k] += 1.0;
        }
}

std::vector<double> Guards::imputed(const std::vector<double> &losses) const
{
    std::vector<double> values(m_domains.size(), kUnknown);
    for (std::size_t k = 0; k < values.size(); ++k)
        if (std::isnan(losses[k]))
            values[k] = m_lastLosses[k];
    return std::ranges::all_of(values, [](double value) { return std::isnan(value); }) ? std::vector<double>{} : values;
}

std::vector<double> Guards::takeGaps(const std::vector<double> &heldOut)
{
    std::vector<double> gaps(m_domains.size(), kUnknown);
    for (std::size_t k = 0; k < m_domains.size(); ++k) {
        if (std::isnan(heldOut[k]) || m_lossCounts[k] == 0.0)
            continue;
        gaps[k] = heldOut[k] - m_lossSums[k] / m_lossCounts[k];
        m_growing[k] = gaps[k] > m_gaps[k] ? m_growing[k] + 1 : 0;
        m_gaps[k] = gaps[k];
        m_lossSums[k] = m_lossCounts[k] = 0.0;
    }
    return gaps;
}

template<typename Text>
void Guards::tell(Messages &messages, Kind kind, std::size_t domain, std::uint64_t step, const Text &text)
{
    if (!m_told.emplace(kind, domain).second)
        return;
    const bool isWarning = kind != Kind::Rare && kind != Kind::Repeated;
    messages.push_back({isWarning ? MessageEvent::Kind::Warning : MessageEvent::Kind::Info, step, text()});
}

Messages Guards::afterStep(const StepEvent &step)
{
    Messages messages;
    if (step.targetShare.size() == m_domains.size())
        watchMixture(step, messages);
    if (step.epochs.size() == m_domains.size())
        watchEpochs(step, messages);
    return messages;
}

void Guards::watchMixture(const StepEvent &step, Messages &messages)
{
    // Where the loss is weighted instead of the draw, that is what collapses.
    const Mixture mixture = Mixture::fromWeights(step.objectiveShare.empty() ? step.targetShare : step.objectiveShare);
    const double effective = mixture.effectiveDomains();
    const bool isNarrow = m_domains.size() > 2 && effective < kOneDomain;
    constexpr std::pair kChosen(Kind::Collapse, std::size_t{1}); // it was so from the start, until it no longer is
    if (!std::exchange(m_isWatching, true) && isNarrow)
        m_told.insert(kChosen);
    if (!isNarrow)
        m_told.erase(kChosen);
    else if (!m_told.contains(kChosen)) {
        const std::size_t largest =
            static_cast<std::size_t>(std::ranges::max_element(mixture.weights()) - mixture.weights().begin());
        tell(messages, Kind::Collapse, 0, step.step, [&] {
            return fmt::format("The mixture is close to a single domain: {:.2f} of {} in effect, {} has {:.3f}. A "
                               "floor, a higher temperature, a smaller "
                               "step or larger batches keep the others",
                               effective, m_domains.size(), m_domains[largest], mixture[largest]);
        });
    }
    for (std::size_t k = 0; k < m_domains.size(); ++k) {
        const double sequences = m_sequencesPerStep * step.targetShare[k];
        if (sequences > 0.0 && sequences < kFewSequences)
            tell(messages, Kind::Rare, k, step.step, [&] {
                return fmt::format("{} is drawn in one step of {:.0f}: its training loss is missing from the others, "
                                   "and its last one stands for it",
                                   m_domains[k], 1.0 / sequences);
            });
    }
}

void Guards::watchEpochs(const StepEvent &step, Messages &messages)
{
    for (std::size_t k = 0; k < m_domains.size(); ++k) {
        m_epochs[k] = step.epochs[k];
        const auto worth = [&](double epochs) {
            return fmt::format("its tokens are worth {:.0f} % of as many new ones", 100.0 * worthOfEpochs(epochs));
        };
        if (m_epochs[k] >= 1.0)
            tell(messages, Kind::Repeated, k, step.step,
                 [&] { return fmt::format("{} has been drawn once over and is repeated from here on", m_domains[k]); });
        if (m_epochs[k] >= kWornEpochs)
            tell(messages, Kind::Worn, k, step.step, [&] {
                return fmt::format(
                    "{} has been drawn {:.0f} times over: {}, and from here on ever less. max_epochs caps it",
                    m_domains[k], kWornEpochs, worth(kWornEpochs));
            });
        if (m_epochs[k] >= kSpentEpochs)
            tell(messages, Kind::Spent, k, step.step, [&] {
                return fmt::format("{} has been drawn {:.0f} times over: {}", m_domains[k], kSpentEpochs,
                                   worth(kSpentEpochs));
            });
    }
}

Messages Guards::afterEvaluation(std::uint64_t step)
{
    Messages messages;
    for (std::size_t k = 0; k < m_domains.size(); ++k)
        if (m_epochs[k] >= 1.0 && m_gaps[k] > kWideGap && m_growing[k] >= kGrowing)
            tell(messages, Kind::Memorised, k, step, [&] {
                return fmt::format("{} is being memorised: after {:.1f} epochs its held-out loss is {:.2f} nats/token "
                                   "above its training loss, and the gap grows",
                                   m_domains[k], m_epochs[k], m_gaps[k]);
            });
    return messages;
}

std::string Guards::save() const
{
    nlohmann::json told = nlohmann::json::array();
    for (const auto &[kind, domain] : m_told)
        told.push_back({static_cast<int>(kind), domain});
    return nlohmann::json{{"told", told},
                          {"watching", m_isWatching},
                          {"epochs", toJson(m_epochs)},
                          {"last_losses", toJson(m_lastLosses)},
                          {"loss_sums", toJson(m_lossSums)},
                          {"loss_counts", toJson(m_lossCounts)},
                          {"gaps", toJson(m_gaps)},
                          {"growing", toJson(m_growing)}}
        .dump();
}

void Guards::restore(const std::string &text)
{
    const nlohmann::json state = parseState(text);
    Guards restored(m_domains, static_cast<std::size_t>(m_sequencesPerStep));
    const std::size_t numDomains = m_domains.size();
    restored.m_epochs = doublesFrom(state, "epochs", numDomains);
    restored.m_lastLosses = doublesFrom(state, "last_losses", numDomains);
    restored.m_lossSums = doublesFrom(state, "loss_sums", numDomains);
    restored.m_lossCounts = doublesFrom(state, "loss_counts", numDomains);
    restored.m_gaps = doublesFrom(state, "gaps", numDomains);
    restored.m_growing = doublesFrom(state, "growing", numDomains);
    try {
        restored.m_isWatching = state.at("watching").get<bool>();
        for (const nlohmann::json &told : state.at("told"))
            restored.m_told.emplace(static_cast<Kind>(told.at(0).get<int>()), told.at(1).get<std::size_t>());
    } catch (const nlohmann::json::exception &) {
        throw Error("The state of the guards is damaged.", "Use an earlier checkpoint.");
    }
    *this = std::move(restored);
}

} // namespace krater
