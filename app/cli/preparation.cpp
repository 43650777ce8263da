// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/preparation.h"

#include "app/cli/exit_code.h"
#include "app/cli/output.h"
#include "app/cli/text_width.h"
#include "core/base/files.h"

#include <fmt/format.h>

#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace krater::cli {
namespace {

const char *verbOf(CorpusProgress::Phase phase)
{
    switch (phase) {
    case CorpusProgress::Phase::Listing:
        return "Listing the files of";
    case CorpusProgress::Phase::Scanning:
        return "Reading";
    case CorpusProgress::Phase::TrainingTokenizer:
        return "Training the tokenizer on";
    case CorpusProgress::Phase::Tokenising:
        return "Tokenising";
    }
    return "";
}

bool isThere(const std::string &device, const std::vector<std::string> &devices)
{
    return device == "auto" || std::any_of(devices.begin(), devices.end(), [&device](const std::string &known) {
               return known == device || (device == "cuda" && known.starts_with("cuda"));
           });
}

void checkDevice(const Engine &engine, const std::string &device)
{
    const std::vector<std::string> devices = engine.devices();
    if (isThere(device, devices))
        return;
    std::string known = "auto";
    for (const std::string &name : devices)
        known += ", " + name;
    throw UsageError(fmt::format("The device '{}' is not available here.", device),
                     fmt::format("Available: {}.", known));
}

} // namespace

CorpusProgressLine::CorpusProgressLine(bool quiet) : m_quiet(quiet), m_redraws(canRedraw(STDERR_FILENO)) { }

CorpusProgressLine::~CorpusProgressLine()
{
    if (m_drawn)
        std::fputs("\r\x1b[K", stderr);
}

void CorpusProgressLine::show(const CorpusProgress &progress)
{
    if (m_quiet)
        return;
    if (!m_redraws) {
        if (m_phase != progress.phase)
            printMessage(std::string(verbOf(progress.phase)) + " the corpus");
        m_phase = progress.phase;
        return;
    }
    std::string line = fmt::format("{} {}", verbOf(progress.phase),
                                   progress.domain.empty() ? "the corpus" : printable(progress.domain));
    if (progress.bytesTotal > 0)
        line += fmt::format("  {} of {}", bytesText(static_cast<double>(progress.bytesDone)),
                            bytesText(static_cast<double>(progress.bytesTotal)));
    if (progress.documents > 0)
        line += fmt::format("  {} documents", countText(static_cast<double>(progress.documents)));
    std::fputs(("\r" + truncated(line, terminalWidth(STDERR_FILENO) - 1) + "\x1b[K").c_str(), stderr);
    m_drawn = true;
}

std::shared_ptr<const Engine> loadEngineFor(const Experiment &experiment)
{
    std::shared_ptr<const Engine> engine = loadEngine();
    checkDevice(*engine, experiment.training.device);
    for (const StageConfig &stage : experiment.stages)
        if (stage.training.keys.contains("device"))
            checkDevice(*engine, stage.training.values.device);
    return engine;
}

Preparation prepareRun(const Experiment &experiment, const Options &options, const StopSignals &signals)
{
    PreparedRun prepared;
    prepared.engine = loadEngineFor(experiment);
    if (signals.requested())
        return {};

    const StopWatch watch(signals);
    CorpusProgressLine line(options.quiet);
    const auto onProgress = [&line](const CorpusProgress &progress) { line.show(progress); };
    try {
        prepared.corpus = openTokenizedCorpus(experiment, cacheFolder(), watch.token(), onProgress);
    } catch (const Error &) {
        if (signals.requested())
            return {};
        // The exception tells the first problem; a scan tells whether the corpus is to blame, and all of them.
        Issues issues = scanCorpus(experiment, watch.token(), onProgress).issues;
        if (!hasErrors(issues))
            throw;
        return {{}, std::move(issues)};
    }
    return {std::move(prepared), {}};
}

} // namespace krater::cli
