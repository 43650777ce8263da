// SPDX-FileCopyrightText: The Krater authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/config/parameter.h"
#include "core/mixture/mixture.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace krater {

// What is fixed for a run.
struct PolicyContext {
    std::vector<std::string> domains;  // K names
    std::vector<double> tokens;        // K, training tokens of each domain
    std::uint64_t tokenBudget = 0;     // tokens of the run
    std::uint64_t numSteps = 0;
    double vocabulary = 257;           // tokens that the model tells apart

    std::size_t numDomains() const { return domains.size(); }
};

// What a policy may look at when it is asked. Losses are mean nats per token.
struct PolicyInput {
    enum class Signal { Training, HeldOut };

    Signal signal = Signal::Training;
    std::uint64_t step = 0;            // optimiser steps done
    std::uint64_t tokensDone = 0;
    std::vector<double> losses;        // K; meaningful where present
    std::vector<bool> present;         // K; false: no token of the domain in what was measured
    std::vector<double> tokens;        // K, tokens of each domain in what was measured
    std::vector<double> referenceLosses = {}; // K, of a reference model on the same text, NaN where there is none; empty without one
};

// The batch that is about to be trained on, as a policy sees it that weighs the loss of each sequence. B sequences of T tokens.
struct BatchLosses {
    std::uint64_t step = 0;                  // that will be done with it, from 1
    std::size_t context = 0;                 // T
    std::span<const std::uint32_t> domains;  // [B]
    std::span<const float> losses;           // [B, T] nats of each token, before the step
    std::span<const float> referenceLosses;  // [B, T] of the reference model on the same tokens
    std::span<const double> samplingShares;  // [K] that it was drawn by
};

// The gradients of the domains' mean losses on that batch, as a policy sees them that weighs the gradient of each domain. A domain that is not in the
// batch has its last gradient, at first 0.
struct DomainProducts {
    std::uint64_t step = 0;
    double learningRate = 0;
    std::span<const double> products; // [K, K] of the clipped gradients
};

// A named per-domain value that explains an update ("H", "H smoothed", "log weight"); stored as policy.<name>, drawn as a curve.
struct PolicyTerm {
    std::string name;
    std::vector<double> values; // K; NaN where undefined
};

// The rule that sets the mixture over time. A pure function of (context, parameters, state, input): no clock, no random numbers of its own.
// Owned and called by one thread (the trainer's); never blocks.
class MixturePolicy {
public:
    virtual ~MixturePolicy() = default;

    virtual Mixture initial() const = 0;
    // Called after every training step (Signal::Training) and after every evaluation (Signal::HeldOut). Returns the new mixture, or nothing
    // when it keeps the old one. Throws Error when a loss is NaN or infinite.
    virtual std::optional<Mixture> update(const PolicyInput &input) = 0;
    // Asked after update() with a training step: whether the held-out losses of now are needed, besides the evaluations that the experiment asks for.
    virtual bool wantsEvaluation() const { return false; }
    // By PolicyInfo::needs, asked before every step for what its loss is weighted by.
    // [B] weights of the sequences' mean losses, which sum to 1.
    virtual std::vector<double> weighSequences(const BatchLosses &batch) { return std::vector<double>(batch.domains.size(), 1.0 / double(batch.domains.size())); }
    // [K] weights of the domains' gradients; those of domains that are not in the batch are not used.
    virtual std::vector<double> weighGradients(const DomainProducts &) { return {}; }
    virtual double gradientClip() const { return 0.0; } // longest L2 norm of a domain's gradient, 0: any
    // The share of each domain in the loss, where it is not the one that is sampled by. A policy that weighs the loss has one, and the term "average" for what
    // it is run for.
    virtual std::optional<Mixture> objective() const { return std::nullopt; }
    // Terms of the last update; empty before the first.
    virtual std::vector<PolicyTerm> diagnostics() const { return {}; }
    // What people should know about the mixture that is in force, one sentence each ("UniMax leaves 20 % of the budget unspent: ...").
    virtual std::vector<std::string> warnings() const { return {}; }

    // State for checkpoints, as JSON text; restore(save()) on a fresh policy with the same context and parameters continues identically
    // (numbers are written with 17 significant digits). restore throws Error on text that it did not write.
    virtual std::string save() const { return "{}"; }
    virtual void restore(const std::string &state) { (void)state; }
};

// What a policy has to see before a step; all but the losses cost time.
enum class PolicyNeeds { Losses, ReferenceLosses, DomainGradients };

// What is wrong with one parameter in view of the others or of the domains.
struct ParameterProblem {
    std::string parameter;
    std::string message, advice; // as those of an Issue
};

// One entry of the registry. `create` may assume validated parameters.
struct PolicyInfo {
    std::string name;     // "gibbs"
    std::string label;    // "Gibbs"
    std::string summary;  // one sentence for people who choose
    std::string formula;  // in words and symbols, one line
    std::string reference; // paper or origin
    bool adaptive = false; // moves during the run: with the losses, or by a schedule
    std::vector<ParamSpec> parameters;
    std::function<std::unique_ptr<MixturePolicy>(const PolicyContext &, const ParameterValues &)> create;
    PolicyNeeds needs = PolicyNeeds::Losses;
    // How many evaluations a step it asks for on average, besides the experiment's, in a run of so many steps; may be empty.
    std::function<double(const ParameterValues &, std::size_t numDomains, std::uint64_t numSteps)> evaluationsPerStep = {};
    // What no single ParamSpec can tell; may be empty. All parameters are there and valid by themselves.
    std::function<std::vector<ParameterProblem>(const ParameterValues &, const std::vector<std::string> &domains)> check = {};
    // Where a reference model is only one of the things to compare with: whether these parameters name no other one, and what would be another.
    std::function<bool(const ParameterValues &)> lacksReference = {};
    std::string insteadOfReference = {}; // "give every domain a target: targets = { a = 2.1, b = 1.7 }"
};

} // namespace krater
