// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/live_block.h"
#include "app/cli/progress_estimate.h"
#include "app/cli/text_width.h"
#include "app/cli/training_output.h"

#include <fmt/format.h>

#include <unistd.h>

#include <array>
#include <chrono>
#include <cmath>
#include <limits>

namespace krater::cli {
namespace {

constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();
constexpr int kMostBarColumns = 40;
constexpr int kOtherRows = 5; // of the block besides the domains, and the line below it

std::string barText(double fraction, int columns)
{
    if (columns < 4)
        return {};
    const int inner = columns - 2;
    const int filled = static_cast<int>(std::lround(fraction * inner));
    std::string bar = "[";
    for (int i = 0; i < inner; ++i)
        bar += i < filled ? (terminalIsUtf8() ? "█" : "#") : " ";
    return bar + "]";
}

// One block that is redrawn in place: where the run is, and every domain's share and losses.
class LiveOutput : public TrainingOutput {
public:
    explicit LiveOutput(const Options &options) : m_options(options), m_block(STDERR_FILENO) { }

    void started(const RunStart &start) override;
    void onEvent(const RunEvent &event) override
    {
        std::visit([this](const auto &e) { on(e); }, event);
    }
    void tick() override;
    void message(const std::string &text) override { m_block.printAbove(text); }
    void problem(const std::string &text) override { m_block.printAbove("error: " + text); }
    void finished(const RunEnd &end) override;
    void planFinished(const PlanEnd &end) override { printPlanEnd(end, m_options, m_reader); }

private:
    void on(const StepEvent &event);
    void on(const EvaluationEvent &event);
    void on(const MessageEvent &event);
    void on(const StateEvent &event);
    void on(const CheckpointEvent &) { }
    void on(const CheckpointSavedEvent &) { }

    std::vector<std::string> lines() const;
    std::string progressLine(int width) const;
    Table domainRows(std::size_t numShown) const;

    const Options &m_options;
    LiveBlock m_block;
    TrainingReader m_reader;
    std::string m_title;
    std::vector<std::string> m_domains;
    std::vector<double> m_share, m_training, m_heldOut, m_epochs;
    ProgressEstimate m_progress{0};
    double m_tokensPerSecond = kNothing;
    RunState m_state = RunState::Preparing;
    std::string m_stateMessage;
    bool m_ended = false;
    std::chrono::steady_clock::time_point m_lastDraw{};
};

void LiveOutput::started(const RunStart &start)
{
    m_title = describeStart(start);
    m_domains = start.run.domains;
    for (auto *values : {&m_share, &m_training, &m_heldOut, &m_epochs})
        values->assign(m_domains.size(), kNothing);
    m_progress = ProgressEstimate(start.run.numSteps);
    m_tokensPerSecond = kNothing;
    m_state = RunState::Preparing;
    m_stateMessage.clear();
    m_ended = false;
}

void LiveOutput::on(const StepEvent &event)
{
    m_progress.advance(event.step);
    m_tokensPerSecond = event.tokensPerSecond;
    m_share = event.targetShare;
    m_epochs = event.epochs;
    for (std::size_t k = 0; k < event.losses.size() && k < m_training.size(); ++k) {
        if (std::isfinite(event.losses[k]))
            m_training[k] = event.losses[k];
    }
}

void LiveOutput::on(const EvaluationEvent &event)
{
    m_progress.advance(event.step);
    m_heldOut = event.losses;
    m_share = event.targetShare;
}

void LiveOutput::on(const MessageEvent &event)
{
    const std::string text = noteworthy(event);
    if (!text.empty())
        m_block.printAbove(text);
}

void LiveOutput::on(const StateEvent &event)
{
    m_state = event.state;
    m_stateMessage = event.message;
    m_ended = !isActive(event.state);
}

std::string LiveOutput::progressLine(int width) const
{
    const std::string steps = fmt::format(" step {}/{}", countText(static_cast<double>(m_progress.step())),
                                          countText(static_cast<double>(m_progress.numSteps())));
    std::string text = fmt::format("{}  {:.0f} %", steps, 100 * m_progress.fraction());
    if (m_state != RunState::Running)
        text +=
            fmt::format("  {}{}{}", toString(m_state), m_stateMessage.empty() ? "" : ": ", printable(m_stateMessage));
    if (std::isfinite(m_tokensPerSecond))
        text += fmt::format("  {} tokens/s", countText(m_tokensPerSecond));
    if (const double left = m_progress.secondsLeft(); std::isfinite(left))
        text += fmt::format("  {} left", durationText(left));
    const int forBar = std::min(kMostBarColumns, width - displayWidth(text));
    return barText(m_progress.fraction(), forBar) + text;
}

Table LiveOutput::domainRows(std::size_t numShown) const
{
    using enum Table::Align;
    Table table(
        {{"domain", Left, true}, {"share", Right}, {"training", Right}, {"held-out", Right}, {"epochs", Right}});
    const auto at = [](const std::vector<double> &values, std::size_t k) {
        return k < values.size() ? values[k] : kNothing;
    };
    for (std::size_t k = 0; k < numShown; ++k) {
        table.addRow({m_domains[k], shareText(at(m_share, k)), lossText(at(m_training, k)), lossText(at(m_heldOut, k)),
                      epochsText(at(m_epochs, k))});
    }
    return table;
}

std::vector<std::string> LiveOutput::lines() const
{
    // The last column stays free: some terminals wrap as soon as it is written.
    const int width = std::max(1, terminalWidth(STDERR_FILENO) - 1);
    const int rows = std::max(1, terminalHeight(STDERR_FILENO) - kOtherRows);
    const std::size_t numShown = std::min(m_domains.size(), static_cast<std::size_t>(rows));
    std::vector<std::string> lines = {truncated(printable(m_title), width), truncated(progressLine(width), width)};
    for (std::string &row : domainRows(numShown).lines(width))
        lines.push_back(std::move(row));
    if (numShown < m_domains.size())
        lines.push_back(truncated(fmt::format("and {} more domains", m_domains.size() - numShown), width));
    return lines;
}

void LiveOutput::tick()
{
    constexpr auto kInterval = std::chrono::milliseconds(100);
    const auto now = std::chrono::steady_clock::now();
    if (m_ended || m_title.empty() || now - m_lastDraw < kInterval)
        return;
    m_lastDraw = now;
    m_block.draw(lines());
}

void LiveOutput::finished(const RunEnd &end)
{
    m_block.erase();
    printRunEnd(end, m_options, m_reader);
}

} // namespace

std::unique_ptr<TrainingOutput> makeLiveOutput(const Options &options)
{
    return std::make_unique<LiveOutput>(options);
}

} // namespace krater::cli
