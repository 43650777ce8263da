// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/resume_point.h"

#include "core/store/checkpoint.h"
#include "core/store/run_writer.h"
#include "core/store/safetensors.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace krater {

namespace fs = std::filesystem;

namespace {

using Checkpoints = std::vector<StoredCheckpoint>; // in order of step

std::string stepsOf(const Checkpoints &checkpoints)
{
    std::vector<std::string> steps;
    for (const StoredCheckpoint &checkpoint : checkpoints)
        steps.push_back(fmt::format("{}{}", checkpoint.step, checkpoint.best ? " (best)" : ""));
    return fmt::format("{}", fmt::join(steps, ", "));
}

template<typename Condition>
StoredCheckpoint chosen(const Checkpoints &checkpoints, const std::string &what, Condition condition)
{
    const auto found = std::ranges::find_if(checkpoints, condition);
    if (found == checkpoints.end())
        throw Error(fmt::format("The run has no {}", what),
                    checkpoints.empty() ? "It has none at all."
                                        : fmt::format("There are those of step {}.", stepsOf(checkpoints)));
    return *found;
}

// What the user may fall back from: newest last, beginning with the one that is wanted.
Checkpoints candidates(const RunRecord &run, Checkpoints checkpoints, const ResumeChoice &choice, ResumePoint &point)
{
    if (choice.step)
        return {chosen(checkpoints, fmt::format("checkpoint of step {}", *choice.step),
                       [&](const StoredCheckpoint &checkpoint) { return checkpoint.step == choice.step; })};
    if (choice.best)
        return {
            chosen(checkpoints, "best checkpoint", [](const StoredCheckpoint &checkpoint) { return checkpoint.best; })};
    const auto best = std::ranges::find_if(checkpoints, &StoredCheckpoint::best);
    if (run.state != RunState::Diverged || best == checkpoints.end() || std::next(best) == checkpoints.end())
        return checkpoints;
    point.notes.push_back(
        fmt::format("The run diverged: its best checkpoint is used, of step {}, as those after it ({}) may be spoilt "
                    "already",
                    best->step, stepsOf({std::next(best), checkpoints.end()})));
    return {checkpoints.begin(), std::next(best)};
}

void readNewest(const RunRecord &run, const Checkpoints &checkpoints, ResumePoint &point)
{
    std::vector<std::string> problems;
    for (auto checkpoint = checkpoints.rbegin(); checkpoint != checkpoints.rend(); ++checkpoint) {
        std::error_code unknown;
        if (!fs::exists(checkpoint->file, unknown) && !unknown) {
            problems.push_back(fmt::format("The checkpoint {} is gone", checkpoint->file.string()));
            continue;
        }
        try {
            point.snapshot = readCheckpoint(checkpoint->file);
            for (const std::string &problem : problems)
                point.notes.push_back(
                    fmt::format("{}. The checkpoint of step {} is used instead", problem, checkpoint->step));
            return;
        } catch (const DamagedFile &damage) {
            problems.emplace_back(damage.what());
            point.damaged.push_back(checkpoint->file);
        }
    }
    throw Error(
        fmt::format("No checkpoint of run {} can be read. {}", run.id, problems.front()),
        fmt::format("Put the files back into {}. If they are lost, krater-cli resume {} --restart trains the run again "
                    "from its first step.",
                    checkpoints.front().file.parent_path().string(), run.id));
}

std::string keyOf(const std::string &assignment)
{
    return assignment.substr(0, assignment.find('='));
}

std::vector<std::string> merged(std::vector<std::string> overrides, const std::vector<std::string> &later)
{
    for (const std::string &assignment : later) {
        std::erase_if(overrides, [&](const std::string &known) { return keyOf(known) == keyOf(assignment); });
        overrides.push_back(assignment);
    }
    return overrides;
}

} // namespace

ResumePoint findResumePoint(RunReader &reader, const RunRecord &run, const ResumeChoice &choice)
{
    ResumePoint point;
    point.overrides = merged(run.overrides, choice.overrides);
    if (!point.overrides.empty())
        point.notes.push_back(fmt::format("Resumed with {}", fmt::join(point.overrides, ", ")));
    const Checkpoints checkpoints = reader.checkpointRows(run.id);
    const bool restart = choice.restart || (checkpoints.empty() && !choice.best && !choice.step);
    if (restart)
        point.notes.push_back(
            fmt::format("The run starts again from its first step{}", choice.restart ? "" : ": it has no checkpoint"));
    else
        readNewest(run, candidates(run, checkpoints, choice, point), point);
    return point;
}

void takeOver(RunWriter &writer, RunId run, const ResumePoint &point)
{
    writer.prepareResume(run, point.snapshot, point.overrides);
    for (const fs::path &file : point.damaged) {
        std::error_code ignored; // then it is removed with its row
        fs::rename(file, file.string() + kSetAside, ignored);
    }
}

} // namespace krater
