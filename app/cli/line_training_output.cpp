// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/progress_estimate.h"
#include "app/cli/text_width.h"
#include "app/cli/training_output.h"

#include <fmt/format.h>

namespace krater::cli {
namespace {

// For a pipe or a file: a line when the run starts, one for each evaluation, the table at the end. With --quiet the table only.
// A reader that goes away does not end the run.
class LineOutput : public TrainingOutput {
public:
    explicit LineOutput(const Options &options) : m_options(options) { }

    void started(const RunStart &start) override
    {
        m_domains = start.run.domains;
        m_progress = ProgressEstimate(start.run.numSteps);
        progressLine(describeStart(start));
    }
    void onEvent(const RunEvent &event) override;
    void message(const std::string &text) override
    {
        if (!m_options.quiet)
            printMessage(text);
    }
    void problem(const std::string &text) override { printError(text); }
    void finished(const RunEnd &end) override;
    void planFinished(const PlanEnd &end) override { printPlanEnd(end, m_options, m_reader); }

private:
    void onEvaluation(const EvaluationEvent &event);
    void progressLine(const std::string &text);
    const Options &m_options;
    std::vector<std::string> m_domains;
    ProgressEstimate m_progress{0};
    TrainingReader m_reader;
};

void LineOutput::progressLine(const std::string &text)
{
    if (!m_options.quiet)
        m_reader.print(printable(text) + '\n');
}

void LineOutput::onEvaluation(const EvaluationEvent &event)
{
    m_progress.advance(event.step);
    const auto count = [](std::uint64_t steps) { return countText(static_cast<double>(steps)); };
    std::string line = fmt::format("step {}/{}", count(event.step), count(m_progress.numSteps()));
    if (event.step > 0 && event.seconds > 0)
        line += fmt::format("  {} tokens/s  {} left", countText(static_cast<double>(event.tokens) / event.seconds),
                            durationText(m_progress.secondsLeft()));
    line += "  held-out (share):";
    for (std::size_t k = 0; k < m_domains.size() && k < event.losses.size() && k < event.targetShare.size(); ++k)
        line += fmt::format("  {} {} ({})", m_domains[k], lossText(event.losses[k]), shareText(event.targetShare[k]));
    progressLine(line);
}

void LineOutput::onEvent(const RunEvent &event)
{
    if (const auto *evaluation = std::get_if<EvaluationEvent>(&event)) {
        onEvaluation(*evaluation);
    } else if (const auto *note = std::get_if<MessageEvent>(&event)) {
        const std::string text = noteworthy(*note);
        if (!text.empty())
            printMessage(text);
    }
}

void LineOutput::finished(const RunEnd &end)
{
    printRunEnd(end, m_options, m_reader);
}

} // namespace

std::unique_ptr<TrainingOutput> makeLineOutput(const Options &options)
{
    return std::make_unique<LineOutput>(options);
}

} // namespace krater::cli
