// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/config/run_role.h"
#include "core/mixture/mixture_policy.h"
#include "core/sampling/mixture_sampler.h"
#include "core/train/language_model.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace krater {

enum class RunState { Preparing, Running, Pausing, Paused, Stopping, Done, Stopped, Diverged, Failed, Interrupted };
std::string_view toString(RunState state);              // "Preparing", ...
std::optional<RunState> runStateFrom(std::string_view name);
bool isActive(RunState state);                          // Preparing .. Stopping

// Events of a run: value structs, made by the trainer's thread, shared as they are with the store, the window and the command line.
// "Step n" means: after n optimiser steps. What a StepEvent of step n holds was measured on the batch of the n-th step.

// At a step that is evaluated the EvaluationEvent comes first and its StepEvent right after it: the store writes both or neither.
struct StepEvent {
    std::uint64_t step = 0;              // 1-based
    std::uint64_t tokens = 0;            // drawn so far, all domains
    double seconds = 0;                  // of training so far (without pauses and earlier interruptions' dead time)
    std::vector<double> losses;          // K, loss.training: mean nats/token in the batch; NaN where the domain had no sequence
    std::vector<double> targetShare;     // K, mixture.target: in force after this step (what step n + 1 draws by)
    std::vector<double> objectiveShare;  // K, mixture.objective: by which the loss of this step was weighted; empty where that is the target
    double effectiveDomains = 0;         // mixture.effective_domains: exp(entropy) of the objective share if there is one, else of the target
    std::vector<double> realisedShare;   // K, mixture.realised: share of this step's tokens
    std::vector<double> tokensDrawn;     // K, tokens.drawn: cumulative
    std::vector<double> epochs;          // K
    std::vector<PolicyTerm> terms;       // policy.<term>, only at steps at which the policy updated
    double gradientNorm = 0;
    double learningRate = 0;
    double tokensPerSecond = 0;          // over about the last second
    std::vector<double> imputedLosses = {}; // K, loss.imputed: what stands for a domain without a loss, where the policy updated; NaN for the others; empty if none
};

struct EvaluationEvent {
    std::uint64_t step = 0;              // 0: before training
    std::uint64_t tokens = 0;
    double seconds = 0;
    std::vector<double> losses;          // K, loss.held_out
    // The mixture after the policy saw this evaluation. At step 0 it is the only record of mixture.target;
    // at other steps the StepEvent of the same step holds the same values (it is sent after the evaluation).
    std::vector<double> targetShare;     // K
    std::vector<double> objectiveShare;  // K, at step 0: what the first step's weights are made from; else empty
    std::vector<PolicyTerm> terms;       // as in StepEvent
    double effectiveDomains = 0;         // as in StepEvent
    std::vector<double> gaps = {};       // K, loss.gap: losses less the mean training losses since the last evaluation; NaN where one is missing
    std::vector<double> epochWorth = {}; // K, epochs.worth: what the tokens drawn so far are worth in new ones (Muennighoff et al. 2023), 1 before any
};

// Something worth a line in the event log and a mark on the plots.
struct MessageEvent {
    enum class Kind { Info, Warning, Error, MixtureEdited, Evaluation, Checkpoint, Resumed, PolicyUpdated, Sample };

    Kind kind = Kind::Info;
    std::uint64_t step = 0;
    std::string text;
    std::vector<double> mixture = {}; // K, of MixtureEdited: what the next step draws by; else empty
};

std::string_view toString(MessageEvent::Kind kind);         // "mixture_edited"
MessageEvent::Kind messageKindFrom(std::string_view name);  // Info for a name of a newer Krater

struct StateEvent {
    RunState state = RunState::Preparing;
    std::uint64_t step = 0;
    std::string message; // why, for Failed and Diverged; what is being prepared, for Preparing
};

// Everything that is needed to go on after `step` as if nothing had happened. Immutable once sent.
// A run that is stopped in the middle of an evaluation does the whole evaluation again when it goes on; until then its step is not sent.
struct TrainerSnapshot {
    std::uint64_t step = 0;
    std::uint64_t tokens = 0;
    double seconds = 0;
    std::vector<double> mixture;        // K, in force
    std::string policyState;            // MixturePolicy::save()
    MixtureSampler::State sampler;
    std::vector<double> lastHeldOut;    // K, of the last evaluation, empty before it
    std::vector<double> announced;      // K, the mixture that the last message told
    std::string stopState;              // of the stop rule, JSON
    std::string guardState;             // of the guards, JSON
    double bestLoss = 0;                // mean held-out loss on the uniform mixture at the best evaluation so far; infinite before the first
    std::optional<StepEvent> unevaluated; // the step whose evaluation is still to be done; of step 0: the one before training
    std::string device, precision;      // what computed it: LanguageModelInfo
    int threads = 0;                    // of the CPU; 0 on a GPU
    std::int64_t lastEvent = 0;         // the sequence of the run's last event in the store that came before; the store sets it
    std::vector<NamedTensor> tensors;   // LanguageModel::save()
};

// The store writes it after all points up to its step; `best`: the lowest uniform-mixture held-out loss so far.
struct CheckpointEvent {
    std::shared_ptr<const TrainerSnapshot> snapshot;
    bool best = false;
};

// The store's answer to a CheckpointEvent, once file and row are on disk. Trainers never send it.
struct CheckpointSavedEvent {
    std::uint64_t step = 0;
    std::uint64_t bytes = 0;
    bool best = false;
    std::string file;
};

using RunEvent = std::variant<StepEvent, EvaluationEvent, MessageEvent, StateEvent, CheckpointEvent, CheckpointSavedEvent>;

// Receives a run's events, in order, on the trainer's thread. May block (the store does when its queue is full); must not throw.
class RunObserver {
public:
    virtual ~RunObserver() = default;
    virtual void onRunEvent(const RunEvent &event) = 0;
};

} // namespace krater
