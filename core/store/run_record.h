// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/train/run_events.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace krater {

struct CorpusFacts;

using RunId = std::int64_t;

// Where a run that is a stage of a plan stands in it.
struct PlanPlace {
    RunId plan = 0;            // the number of the plan's first run; 0: this is to be it
    std::size_t stage = 0;     // from 0
    std::size_t numStages = 0; // of the plan
    std::string name;          // the stage's

    bool operator==(const PlanPlace &) const = default;
};

// What is known of a run without touching its curves. Plain value.
struct RunRecord {
    RunId id = 0;
    std::string name;
    RunRole role = RunRole::Main;
    std::optional<RunId> parent;         // the run that it took weights, else its mixture, else reference losses from
    std::optional<PlanPlace> plan;       // empty: a run of its own
    RunState state = RunState::Preparing;
    std::string message;                 // why, when Failed or Diverged
    std::vector<std::string> domains;    // K names
    std::vector<std::string> colours;    // K "#RRGGBB"; empty: the palette's next
    std::vector<double> domainTokens;    // K, training tokens; 0 until known
    std::vector<double> bytesPerToken;   // K, of held-out text; 0 until known
    std::string policy;
    std::string experimentToml;          // the frozen copy
    std::string experimentFile;          // where it was read from, empty if never saved
    std::uint64_t seed = 0;
    std::string programVersion, gitCommit, engine, device, precision, host;
    std::uint64_t parameters = 0;        // of the model; 0 until known
    std::string corpusHash;
    std::uint64_t step = 0;
    std::uint64_t numSteps = 0;
    std::uint64_t tokens = 0;
    std::uint64_t tokenBudget = 0;
    double seconds = 0;                  // of training
    std::int64_t createdMs = 0;          // Unix time
    std::int64_t finishedMs = 0;         // 0 while active
    std::int64_t process = 0;            // pid of the writer while active
    int keepCheckpoints = 2;             // the last k; the best is kept besides
    std::string notes;
    std::vector<std::string> tags;
    std::vector<std::string> overrides;  // "training.clip=1": with what it was resumed, besides the frozen copy
    bool deleted = false;                // in the bin: hidden, can be restored
};

// The record of a run about to start: everything that follows from the experiment and from this program.
// `experimentFile`: where it was read from.
RunRecord newRunRecord(const Experiment &experiment, const std::string &experimentFile);
void addCorpusFacts(RunRecord &record, const CorpusFacts &corpus); // once the corpus is there

// One row per run, metric and domain; domain -1 for metrics without one. Serves tables without reading curves.
struct MetricSummary {
    std::string metric;
    int domain = -1;
    double first = 0, last = 0, min = 0, mean = 0;
    std::uint64_t count = 0;
    std::uint64_t lastStep = 0;
};

struct CurvePoint {
    std::uint64_t step = 0;
    double value = 0;
};
using Curve = std::vector<CurvePoint>;

struct StoredEvent {
    std::int64_t sequence = 0; // grows within a store
    MessageEvent event;
    std::int64_t timeMs = 0;
};

struct StoredCheckpoint {
    std::uint64_t step = 0;
    std::filesystem::path file;
    std::uint64_t bytes = 0;
    bool best = false;
};

// Names of metrics, as in `krater-cli query` and exports.
namespace metric {
inline constexpr const char *kTrainingLoss = "loss.training";
inline constexpr const char *kHeldOutLoss = "loss.held_out";
inline constexpr const char *kImputedLoss = "loss.imputed";
inline constexpr const char *kLossGap = "loss.gap";
inline constexpr const char *kTarget = "mixture.target";
inline constexpr const char *kObjective = "mixture.objective";
inline constexpr const char *kRealised = "mixture.realised";
inline constexpr const char *kEffectiveDomains = "mixture.effective_domains";
inline constexpr const char *kTokensDrawn = "tokens.drawn";
inline constexpr const char *kEpochs = "epochs";
inline constexpr const char *kEpochWorth = "epochs.worth";
inline constexpr const char *kPolicyPrefix = "policy.";
inline constexpr const char *kPolicyAverage = "policy.average"; // of the shares in the loss, as doremi and doge define it
inline constexpr const char *kGradientNorm = "gradient_norm";
inline constexpr const char *kLearningRate = "learning_rate";
inline constexpr const char *kTokensPerSecond = "tokens_per_second";
} // namespace metric

} // namespace krater
