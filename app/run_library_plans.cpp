// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What RunLibrary knows of plans: experiments with stages and their runs.
#include "app/run_library.h"
#include "app/store_watcher.h"
#include "core/base/error.h"
#include "core/store/frozen_experiment.h"

#include <algorithm>

namespace krater {

std::vector<RunRecord> RunLibrary::planRuns(RunId plan) const
{
    std::vector<RunRecord> runs;
    for (const RunRecord &run : m_runs)
        if (run.plan && run.plan->plan == plan)
            runs.push_back(run);
    std::ranges::sort(runs, {}, [](const RunRecord &run) { return run.plan->stage; });
    return runs;
}

std::optional<Plan> RunLibrary::plan(RunId plan) const
{
    const std::string text = m_snapshot ? m_snapshot->plans.value(plan) : std::string();
    std::vector<RunRecord> runs = planRuns(plan);
    if (text.empty() || runs.empty())
        return std::nullopt;
    std::shared_ptr<const Experiment> &experiment = m_plans[plan];
    try {
        if (!experiment)
            experiment = std::make_shared<const Experiment>(
                frozenExperiment(text, "plan " + std::to_string(plan), runs.front().experimentFile));
    } catch (const Error &) {
        return std::nullopt; // its runs are shown as what they are
    }
    return Plan{.experiment = *experiment, .experimentFile = runs.front().experimentFile, .id = plan, .runs = std::move(runs)};
}

bool RunLibrary::canGoOn(const RunRecord &record) const
{
    if (!isWritable())
        return false;
    if (isActive(record.state))
        return false;
    if (!record.plan)
        return record.state != RunState::Done;
    std::size_t numDone = record.state == RunState::Done; // also where the library has yet to read it
    for (const RunRecord &run : planRuns(record.plan->plan)) {
        if (run.id == record.id)
            continue;
        if (isActive(run.state))
            return false;
        numDone += run.state == RunState::Done;
    }
    return numDone < record.plan->numStages;
}

} // namespace krater
