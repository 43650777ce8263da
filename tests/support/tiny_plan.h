// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/store/run_reader.h"

#include <map>
#include <string>
#include <tuple>
#include <vector>

namespace krater::test {

// Stages for the tiny experiment, of 20, 40 and 60 steps: a limit of steps that lies between two lengths holds the longer one only.
inline constexpr const char *kTinyStages = R"(
[[stage]]
name = "find"
role = "proxy"
training.token_budget = 5120

[[stage]]
role = "main"
mixture.from = "find"

[[stage]]
name = "verses only"
role = "fine_tune"
weights.from = "main"
training = { token_budget = 15360, learning_rate = 1e-3 }
mixture = { policy = "manual", weights = { verses = 1 } }
)";

// All that a store has of its runs, but for what is a matter of the clock.
struct PlanContent {
    using Points = std::map<std::tuple<RunId, std::string, int>, std::vector<std::pair<std::uint64_t, double>>>;

    Points points;
    std::vector<std::string> experiments;

    bool operator==(const PlanContent &) const = default;
};

inline PlanContent planContent(const std::string &store)
{
    RunReader reader(store);
    PlanContent content;
    for (const RunRecord &run : reader.runs()) {
        content.experiments.push_back(run.experimentToml);
        for (const auto &[metric, domain] : reader.curveNames(run.id))
            if (metric != metric::kTokensPerSecond)
                for (const CurvePoint &point : reader.curve(run.id, metric, domain))
                    content.points[{run.id, metric, domain}].emplace_back(point.step, point.value);
    }
    return content;
}

} // namespace krater::test
