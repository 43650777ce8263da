// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/options.h"
#include "app/cli/run_summary.h"
#include "core/train/run_events.h"

#include <map>
#include <memory>
#include <vector>

namespace krater::cli {

// What is fixed when training starts.
struct RunStart {
    RunRecord run;
    Experiment experiment;
    std::optional<std::uint64_t> resumedFrom; // step
};

// What is known when it has ended; `run` and `domains` as the store has them, but the state and its message as the run said.
struct RunEnd {
    RunRecord run;
    bool othersFollow = false;               // it is done, and stages of its plan come after it
    bool stored = true;                      // the store has its last state
    std::optional<std::uint64_t> checkpoint; // step of the newest one on disk
    std::vector<DomainSummary> domains;
    int exitCode = 0;
    std::string resumeCommand; // empty: nothing to resume
};

// What became of a plan. `runs` are in order of stages, without those that were not begun.
struct PlanEnd {
    Experiment plan;
    RunId id = 0;
    std::vector<RunRecord> runs;
    std::map<RunId, FixedLosses> losses;
    int exitCode = 0;
    std::string resumeCommand; // empty: it is done
};

// How training is shown: a live block, plain lines, or JSON lines. Main thread only.
class TrainingOutput {
public:
    virtual ~TrainingOutput() = default;

    virtual void started(const RunStart &start) = 0;
    virtual void onEvent(const RunEvent &event) = 0;
    virtual void tick() { }                            // a few times a second, also when nothing happens
    virtual void message(const std::string &text) = 0; // for the person who waits
    virtual void problem(const std::string &text) = 0; // shown even when quiet
    virtual void finished(const RunEnd &end) = 0;
    virtual void planFinished(const PlanEnd &end) = 0;
};

// Standard output of a run, which goes on whether or not anybody reads it: the first failure is told, later ones are not.
class TrainingReader {
public:
    void print(std::string_view text);

private:
    bool m_gone = false;
};

// By --json, --quiet and what standard output and standard error are.
std::unique_ptr<TrainingOutput> makeTrainingOutput(const Options &options);

std::unique_ptr<TrainingOutput> makeJsonOutput(const Options &options);
std::unique_ptr<TrainingOutput> makeLineOutput(const Options &options);
std::unique_ptr<TrainingOutput> makeLiveOutput(const Options &options);

// Shared by the outputs for people: the outcome in a sentence, the table of domains, and what one can do next.
void printRunEnd(const RunEnd &end, const Options &options, TrainingReader &reader);
void printPlanEnd(const PlanEnd &end, const Options &options, TrainingReader &reader);
// "Run 3 (quickstart): gibbs, 6 domains, 1,000 steps, 4.10 M tokens"; of a plan "Stage 2 of 3, main: run 4 ..."
std::string describeStart(const RunStart &start);
// Text of a message that deserves a line, empty for the others (an evaluation has a line of its own).
std::string noteworthy(const MessageEvent &message);

} // namespace krater::cli
